"""The words of complaint handling: closed sets of values that events and API share."""

from enum import StrEnum


class Role(StrEnum):
    """Who acts. `system` is a service acting by rule; every other value is a token claim."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    SERVICE = "service"
    SYSTEM = "system"


class Audience(StrEnum):
    """Who may see an event in a timeline, a live stream or a webhook."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    STAFF = "staff"


class Status(StrEnum):
    """Where a complaint stands."""

    SUBMITTED = "submitted"
    NEEDS_INFORMATION = "needs_information"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    AWAITING_CONSUMER = "awaiting_consumer"
    AWAITING_MERCHANT = "awaiting_merchant"
    SOLUTION_DRAFTED = "solution_drafted"
    SOLUTION_PROPOSED = "solution_proposed"
    UNDER_SUPERIOR_REVIEW = "under_superior_review"
    REMEDYING = "remedying"
    EXTERNAL = "external"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Turn(StrEnum):
    """Whose move it is. Exactly one party has the turn at every moment."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    PLATFORM = "platform"
    REGULATOR = "regulator"
    NOBODY = "nobody"


NOT_OPEN = frozenset(
    {Status.REJECTED, Status.DUPLICATE, Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN}
)
"""Statuses in which nothing is owed to the complaint; every other status is *open*."""


class Channel(StrEnum):
    """How a complaint reached the platform."""

    FORM = "form"
    HOTLINE = "hotline"
    APP = "app"
    REGULATOR = "regulator"
    ASSOCIATION = "association"
    MEDIA = "media"


class Priority(StrEnum):
    """Set by the channel, never claimed by the filer."""

    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Category(StrEnum):
    """What went wrong."""

    FAKE_SHIPPING = "fake_shipping"
    LATE_SHIPPING = "late_shipping"
    COUNTERFEIT = "counterfeit"
    QUALITY = "quality"
    NOT_AS_DESCRIBED = "not_as_described"
    REFUND_REFUSED = "refund_refused"
    RETURN_DISPUTE = "return_dispute"
    PRICE_DISPUTE = "price_dispute"
    SERVICE_LANGUAGE = "service_language"
    OFF_PLATFORM_STEERING = "off_platform_steering"
    SAFETY = "safety"
    PRIVACY = "privacy"
    OTHER = "other"


class DemandKind(StrEnum):
    """What the consumer asks for."""

    REFUND = "refund"
    RETURN = "return"
    EXCHANGE = "exchange"
    RESHIP = "reship"
    COMPENSATION = "compensation"
    APOLOGY = "apology"
    CORRECTION = "correction"
    OTHER = "other"


class Payer(StrEnum):
    """Who carries out (and pays for) a remedy. With `nobody` there is no remedy to carry out."""

    MERCHANT = "merchant"
    PLATFORM = "platform"
    NOBODY = "nobody"


class Stance(StrEnum):
    """What a merchant's answer amounts to."""

    AGREES = "agrees"
    COUNTERS = "counters"
    REFUSES = "refuses"
    INFORMS = "informs"


class ContactChannel(StrEnum):
    """How a specialist reached, or tried to reach, the consumer."""

    CALL = "call"
    CHAT = "chat"
    EMAIL = "email"
    SMS = "sms"
    VISIT = "visit"


class RejectionReason(StrEnum):
    """Why a complaint is not taken on. Silence and bad faith are no reasons.

    After the grounds of Art. 15 of China's Interim Measures for Handling Complaints and Reports to
    Market Regulators (SAMR order no. 20 of 2019), applied to a marketplace.
    """

    NOT_ON_THIS_PLATFORM = "not_on_this_platform"
    NOT_A_CONSUMER_DISPUTE = "not_a_consumer_dispute"
    BEFORE_ANOTHER_BODY = "before_another_body"
    ALREADY_SETTLED = "already_settled"
    OUT_OF_TIME = "out_of_time"
    NO_FACTS_GIVEN = "no_facts_given"


class EvidenceKind(StrEnum):
    """What a piece of evidence shows."""

    ORDER_SCREENSHOT = "order_screenshot"
    PAYMENT_PROOF = "payment_proof"
    CHAT_LOG = "chat_log"
    TRACKING_RECORD = "tracking_record"
    PARCEL_PHOTO = "parcel_photo"
    UNBOXING_VIDEO = "unboxing_video"
    PRODUCT_PHOTO = "product_photo"
    LISTING_SCREENSHOT = "listing_screenshot"
    TEST_REPORT = "test_report"
    INVOICE = "invoice"
    RETURN_PROOF = "return_proof"
    MEDICAL_RECORD = "medical_record"
    OTHER = "other"


class OrderCheckResult(StrEnum):
    """What the marketplace's order system says to what a complaint says of an order."""

    MATCHES = "matches"
    DIFFERS = "differs"
    UNAVAILABLE = "unavailable"


class OrderDifference(StrEnum):
    """In what an order differs from what a complaint says of it."""

    UNKNOWN_ORDER = "unknown_order"
    OTHER_CONSUMER = "other_consumer"
    OTHER_MERCHANT = "other_merchant"
    OTHER_CURRENCY = "other_currency"
    ABOVE_PAID = "above_paid"


class RiskFlag(StrEnum):
    """A sign that a complaint may not be meant honestly (docs/domain.md, "Bad faith")."""

    SERIAL_CLAIMS = "serial_claims"
    TEMPLATE_TEXT = "template_text"
    REVIEW_THREAT = "review_threat"


class AskStage(StrEnum):
    """Before acceptance, or while the case is being worked on."""

    REVIEW = "review"
    CASE = "case"


class ReviewGround(StrEnum):
    """Why a superior is asked to look at a complaint again."""

    PROPOSAL = "proposal"
    BREACH = "breach"
    REJECTION = "rejection"


class ReviewOutcome(StrEnum):
    """What a superior's review comes to: the handling stands, is to be done anew, or is decided."""

    UPHELD = "upheld"
    REVISED = "revised"
    IMPOSED = "imposed"


class ReferralBody(StrEnum):
    """Who outside the platform a complaint can be taken to."""

    MEDIATION = "mediation"
    ARBITRATION = "arbitration"
    COURT = "court"
    REGULATOR = "regulator"
    ASSOCIATION = "association"


class CloseReason(StrEnum):
    """Why a complaint was closed."""

    SATISFIED = "satisfied"
    SILENT = "silent"
    UNANSWERED = "unanswered"
    IMPOSED = "imposed"


class ReopenReason(StrEnum):
    """Why a complaint was reopened."""

    OBJECTION = "objection"
    NEW_PROBLEM = "new_problem"
    ANSWERED_LATE = "answered_late"


class UnassignReason(StrEnum):
    """Why a specialist no longer has a complaint."""

    DECLINED = "declined"
    ABSENT = "absent"
    SHIFT_END = "shift_end"
    REASSIGNED = "reassigned"
    CHAIN = "chain"
    TERMINAL = "terminal"


class Band(StrEnum):
    """Complexity in four steps; the step is also the tier a specialist needs (1 to 4)."""

    SIMPLE = "simple"
    MODERATE = "moderate"
    COMPLEX = "complex"
    CRITICAL = "critical"


class Outcome(StrEnum):
    """What one routing decision came to."""

    ASSIGNED = "assigned"
    WAITING = "waiting"
    UNROUTABLE = "unroutable"


class ClockKind(StrEnum):
    """What a clock measures."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REVIEW = "review"
    ASSIGNMENT = "assignment"
    FIRST_CONTACT = "first_contact"
    CONSUMER_REPLY = "consumer_reply"
    MERCHANT_RESPONSE = "merchant_response"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"
    APPROVAL = "approval"
    REMEDY = "remedy"
    SUPERIOR_REVIEW = "superior_review"
    FOLLOW_UP = "follow_up"
    SURVEY_WINDOW = "survey_window"
    APPEAL_WINDOW = "appeal_window"


class Party(StrEnum):
    """Whom a clock holds to its target."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    PLATFORM = "platform"
    REGULATOR = "regulator"


class CorrectionReason(StrEnum):
    """Why a clock's arithmetic was put right after the fact."""

    LATE_FACT = "late_fact"
    RETARGETED = "retargeted"
    REANCHORED = "reanchored"
    CALENDAR = "calendar"


class NotificationChannel(StrEnum):
    """By what a notification travels."""

    EMAIL = "email"
    INBOX = "inbox"
    WEBHOOK = "webhook"
    SMS = "sms"
    PUSH = "push"


class SurveyResult(StrEnum):
    """What a consumer says after resolution."""

    SATISFIED = "satisfied"
    OBJECTION = "objection"


class LinkRelation(StrEnum):
    """How a complaint and something else belong together: one filing on two tracks, or related."""

    TRACK = "track"
    RELATED = "related"


class ViolationKind(StrEnum):
    """What a merchant must not do (docs/domain.md, section 7)."""

    FAKE_SHIPPING = "fake_shipping"
    LATE_SHIPPING = "late_shipping"
    COUNTERFEIT = "counterfeit"
    OFF_PLATFORM_STEERING = "off_platform_steering"
    ABUSIVE_LANGUAGE = "abusive_language"
    REMEDY_OVERDUE = "remedy_overdue"
    FALSE_EVIDENCE = "false_evidence"
    RETALIATION = "retaliation"


class ViolationOutcome(StrEnum):
    """What a supervisor finds: the violation stands, or is taken back."""

    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Penalty(StrEnum):
    """What may be recommended to the platform's own system, from light to grave."""

    WARNING = "warning"
    FINE = "fine"
    TRAFFIC_LIMIT = "traffic_limit"
    LISTING_REMOVAL = "listing_removal"
    SHOP_SUSPENSION = "shop_suspension"
