"""Events of a complaint's stream, written by intake alone, in topic `amends.complaints`.

Every one of them carries `status` and `turn` as they are after it: other services take them from
here and never derive them. `n` counts within the cycle. Events marked *echo* record, in the only
ordered truth about a complaint, what another service decided; their `occurred_at` is its cause's.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.registry import (
    COMPLAINTS,
    CONSUMER_AND_STAFF,
    EVERYONE,
    event,
)
from shared.events.vocabulary import (
    AskStage,
    Audience,
    Band,
    Category,
    Channel,
    CloseReason,
    ContactChannel,
    DemandKind,
    Party,
    Payer,
    Priority,
    RejectionReason,
    ReopenReason,
    Role,
    Stance,
    Status,
    Turn,
    UnassignReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What the consumer asks for. `amount_minor` is in minor units of `currency` (ISO 4217)."""

    kind: DemandKind
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintEvent(Event):
    """What every event of a complaint carries. `cycle` starts at 1 and grows with reopening."""

    complaint_id: str
    cycle: int
    status: Status
    turn: Turn


@event("complaint.filed", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFiled(ComplaintEvent):
    """A consumer, or somebody for them, complained. `happened_at` is when the trouble happened."""

    channel: Channel
    priority: Priority
    consumer_id: str
    merchant_id: str
    order_ids: tuple[str, ...]
    category: Category
    description: Personal
    demand: Demand
    language: str
    contact: Personal | None = None
    happened_at: datetime | None = None
    reply_due_at: datetime | None = None


@event("complaint.acknowledged", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAcknowledged(ComplaintEvent):
    """Echo: the automatic acknowledgement was sent."""

    notification_id: str


@event("complaint.accepted", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAccepted(ComplaintEvent):
    """The platform took the complaint on: by a named `rule`, or by `reviewer_id`."""

    rule: str | None = None
    reviewer_id: str | None = None
    merchant_class: str = "standard"
    region: str | None = None


@event("complaint.rejected", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRejected(ComplaintEvent):
    """The platform did not take the complaint on. The consumer may appeal."""

    reason_code: RejectionReason
    reviewer_id: str


@event("complaint.rejection_appealed", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionAppealed(ComplaintEvent):
    """The consumer does not accept the rejection: it is reviewed again."""

    text: Personal


@event("complaint.consumer_asked", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerAsked(ComplaintEvent):
    """The consumer was asked for all that is missing, in one message, and why."""

    n: int
    items: tuple[str, ...]
    reason: str
    stage: AskStage


@event("complaint.consumer_answered", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerAnswered(ComplaintEvent):
    """The consumer answered request n in time."""

    n: int
    text: Personal
    evidence_ids: tuple[str, ...] = ()


@event("complaint.merchant_asked", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantAsked(ComplaintEvent):
    """The merchant was asked to answer."""

    n: int
    questions: Personal
    evidence_ids: tuple[str, ...] = ()


@event("complaint.merchant_answered", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantAnswered(ComplaintEvent):
    """The merchant answered. `late` if the request had already lapsed."""

    n: int
    stance: Stance
    text: Personal
    late: bool
    offer: DemandKind | None = None
    offer_amount_minor: int | None = None
    offer_currency: str | None = None


@event("complaint.request_lapsed", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLapsed(ComplaintEvent):
    """A party stayed silent past its clock. Request n, or solution n for the consumer."""

    n: int
    party: Party
    clock_id: str


@event("complaint.assessed", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAssessed(ComplaintEvent):
    """Echo: how complex the complaint is. `score` 0 to 100, `needed_tier` 1 to 4."""

    score: int
    band: Band
    needed_tier: int
    policy_version: str


@event("complaint.assigned", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAssigned(ComplaintEvent):
    """Echo: a specialist has the complaint. From here on rights follow. `n` is the decision's."""

    n: int
    specialist_id: str
    team_id: str | None
    decision_id: str


@event("complaint.unassigned", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintUnassigned(ComplaintEvent):
    """Echo: the specialist no longer has the complaint. `n` is that of the ended assignment."""

    n: int
    specialist_id: str
    reason: UnassignReason


@event("complaint.contact_attempted", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttempted(ComplaintEvent):
    """A one-way message or a call that nobody answered. It is no contact."""

    n: int
    channel: ContactChannel
    outcome: str


@event("complaint.contact_made", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMade(ComplaintEvent):
    """A human reached the consumer both ways. `backdated_seconds` = entered minus occurred."""

    n: int
    channel: ContactChannel
    two_way: bool
    note: Personal | None
    backdated_seconds: int


@event("complaint.message_posted", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(ComplaintEvent):
    """A message between parties. This event's own `visible_to` narrows who may read it."""

    from_role: Role
    visible_to: tuple[Audience, ...]
    text: Personal


@event("complaint.solution_proposed", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionProposed(ComplaintEvent):
    """A remedy was put to the consumer; with `needs_approval` it is a draft that no party sees."""

    n: int
    remedy: DemandKind
    payer: Payer
    reasons: Personal
    needs_approval: bool
    amount_minor: int | None = None
    currency: str | None = None
    evidence_ids: tuple[str, ...] = ()


@event("complaint.solution_accepted", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionAccepted(ComplaintEvent):
    """The consumer consented: in person, or recorded with how consent was given."""

    n: int
    consent_by: str
    consent_how: str


@event("complaint.solution_rejected", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionRejected(ComplaintEvent):
    """The consumer said no."""

    n: int
    reason: Personal


@event("complaint.remedy_done", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyDone(ComplaintEvent):
    """The remedy of solution n was carried out, confirmed by a reference."""

    n: int
    kind: DemandKind
    reference: str
    by_role: Role


@event("complaint.remedy_failed", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyFailed(ComplaintEvent):
    """The remedy of solution n was not carried out: `overdue`, `failed` or `disputed`."""

    n: int
    reason: str


@event("complaint.resolved", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintResolved(ComplaintEvent):
    """What was owed is done. `solution_n` is None if it was resolved without a solution."""

    outcome: str
    solution_n: int | None = None


@event("complaint.follow_up_sent", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFollowUpSent(ComplaintEvent):
    """Echo: the satisfaction survey of `cycle` was sent. (The complaint may be further on.)"""

    follow_up_id: str


@event("complaint.closed", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintClosed(ComplaintEvent):
    """Nothing more is owed."""

    reason: CloseReason


@event("complaint.reopened", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintReopened(ComplaintEvent):
    """A new cycle began; `cycle` is the new one. `follow_up_id` if a survey caused it."""

    reason: ReopenReason
    text: Personal | None
    previous_specialist_id: str | None
    offer_superior_review: bool
    follow_up_id: str | None = None


@event("complaint.withdrawn", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintWithdrawn(ComplaintEvent):
    """The complaint was taken back."""

    by: str
    reason: Personal | None = None
