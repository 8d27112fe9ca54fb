"""What an event of a complaint makes notify say, and what it makes it hold for a clock."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Final

from services.notify.domain.case import Case
from services.notify.domain.escalation_notices import (
    ABOVE_STARTS_A_CLOCK,
    AboveFact,
    held_above,
    notices_above,
    remedy_owed,
    solution_offered,
)
from services.notify.domain.notices import (
    Held,
    Nature,
    Notice,
    Recipient,
    consumer,
    merchant,
    money_values,
    specialist,
    supervisors,
)
from services.notify.domain.teamwork_notices import help_asked, help_given
from services.notify.domain.violation_notices import (
    violation_appealed,
    violation_decided,
    violation_recorded,
)
from shared.events import complaints as c
from shared.events.casework import (
    ComplaintLinked,
    ComplaintReclassified,
    EvidenceAdded,
    NoteAdded,
    RegulatorAnswered,
)
from shared.events.checking import OrderChecked, RiskFlagged
from shared.events.envelope import Event
from shared.events.escalation import EscalationFact
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged
from shared.events.personal import Personal
from shared.events.subjects import SubjectErased
from shared.events.teamwork import (
    CallbackMade,
    CallbackPromised,
    ComplaintHandedOver,
    HelpAsked,
    HelpGiven,
    StepRecorded,
)
from shared.events.violations import (
    PenaltyRecommended,
    ViolationAppealed,
    ViolationDecided,
    ViolationRecorded,
)
from shared.events.vocabulary import Audience, Party, Role

SILENT: Final[frozenset[type[Event]]] = frozenset(
    {
        c.ComplaintAcknowledged,  # our own acknowledgement, echoed
        c.ComplaintAssessed,
        c.ComplaintUnassigned,  # the next `assigned` tells
        c.ContactMade,  # a human just spoke to the consumer
        c.RemedyDone,  # the resolution's survey tells
        c.ComplaintResolved,  # the survey tells
        c.ComplaintFollowUpSent,
        c.ComplaintRejected,  # held for the clock of its appeal, as the next four for theirs
        c.ConsumerAsked,
        c.MerchantAsked,
        c.SolutionProposed,
        c.SolutionAccepted,
        ComplaintLinked,  # the violation that it leads to is told
        RegulatorAnswered,  # the regulator has the answer itself
        OrderChecked,  # seen on the complaint; what follows from it is told when it is done
        RiskFlagged,  # staff see it, and nobody else ever does
        NoteAdded,  # staff read the timeline
        StepRecorded,  # staff see it on the complaint
        CallbackPromised,  # the consumer was told by whoever promised, and sees it on the complaint
        CallbackMade,
        ComplaintHandedOver,  # whoever gets it is told of that, and reads the summary there
        EvidenceAdded,  # staff see it on the complaint; what is asked for is told when it is asked
        ComplaintReclassified,  # what follows from it is told: another deadline
        ComplaintAbsorbed,  # told where it was merged
        SubjectErased,  # nobody is left to be told
        PenaltyRecommended,  # the decision it comes with is told; the penalty is another system's
    }
)
"""Events of a complaint that are nothing to be told at once. A test finds those in neither list."""

STARTS_A_CLOCK: Final = (
    c.ComplaintRejected,
    c.ConsumerAsked,
    c.MerchantAsked,
    c.SolutionProposed,
    c.SolutionAccepted,
    *ABOVE_STARTS_A_CLOCK,
)
"""Events whose message, if there is one, waits for the clock that they start."""


@singledispatch
def notices(event: Event, case: Case) -> list[Notice]:  # noqa: ARG001 - the shape of all below
    """What is to be said because of this event, given the case after it."""
    return []


def _notice(
    template: str,
    to: Recipient,
    nature: Nature,
    values: Mapping[str, str] | None = None,
    quote: Personal | None = None,
) -> Notice:
    return Notice(template=template, to=to, nature=nature, values=values or {}, quote=quote)


@notices.register
def _(event: c.ComplaintFiled, case: Case) -> list[Notice]:
    return [
        _notice(
            "acknowledgement",
            consumer(case),
            Nature.ACKNOWLEDGEMENT,
            {"category": event.category, "demand": event.demand.kind},
        )
    ]


@notices.register
def _(_: c.ComplaintAccepted, case: Case) -> list[Notice]:
    return [_notice("accepted", consumer(case), Nature.PROGRESS)]


@notices.register
def _(_: c.ComplaintAssigned, case: Case) -> list[Notice]:
    return [
        _notice(
            "assigned_to_you", specialist(case), Nature.ASSIGNMENT, {"category": case.category}
        ),
        _notice("specialist_assigned", consumer(case), Nature.ASSIGNMENT),
    ]


@notices.register
def _(event: c.ContactAttempted, case: Case) -> list[Notice]:
    values = {"contact_channel": event.channel}
    return [_notice("contact_attempted", consumer(case), Nature.PROGRESS, values)]


@notices.register
def _(event: c.RejectionAppealed, case: Case) -> list[Notice]:
    return [_notice("rejection_appealed", supervisors(case), Nature.REQUEST, quote=event.text)]


@notices.register
def _(event: c.ConsumerAnswered, case: Case) -> list[Notice]:
    return [_notice("consumer_answered", specialist(case), Nature.PROGRESS, quote=event.text)]


@notices.register
def _(event: c.MerchantAnswered, case: Case) -> list[Notice]:
    values: dict[str, str] = {"stance": event.stance, "late": "yes" if event.late else ""}
    values |= money_values("offer", event.offer, event.offer_amount_minor, event.offer_currency)
    return [
        _notice("merchant_answered", specialist(case), Nature.PROGRESS, values, event.text),
    ]


@notices.register
def _(event: c.RequestLapsed, case: Case) -> list[Notice]:
    silent, other = consumer(case), merchant(case)
    told = [other] if case.merchant_involved else []
    if event.party is Party.MERCHANT:
        silent, told = other, [consumer(case)]
    values = {"party": event.party}
    return [
        _notice("request_lapsed", silent, Nature.OUTCOME, values),
        *(
            _notice("request_lapsed_other", to, Nature.OUTCOME, values)
            for to in (*told, specialist(case))
        ),
    ]


@notices.register
def _(event: c.MessagePosted, case: Case) -> list[Notice]:
    staff = event.from_role in {Role.SPECIALIST, Role.SUPERVISOR, Role.OPS}
    readers = {
        Audience.CONSUMER: (consumer(case), event.from_role is Role.CONSUMER),
        Audience.MERCHANT: (merchant(case), event.from_role is Role.MERCHANT),
        Audience.STAFF: (specialist(case), staff),
    }
    values = {"from_role": event.from_role}
    return [
        _notice("message", to, Nature.MESSAGE, values, event.text)
        for audience, (to, own) in readers.items()
        if audience in event.visible_to and not own
    ]


@notices.register
def _(event: c.SolutionRejected, case: Case) -> list[Notice]:
    return [
        _notice("solution_rejected", specialist(case), Nature.SOLUTION, quote=event.reason),
    ]


@notices.register
def _(event: c.RemedyFailed, case: Case) -> list[Notice]:
    values = {"failure": event.reason}
    return [_notice("remedy_failed", specialist(case), Nature.OUTCOME, values)]


@notices.register
def _(event: c.ComplaintClosed, case: Case) -> list[Notice]:
    values = {"close_reason": event.reason}
    return [
        _notice("closed", to, Nature.OUTCOME, values)
        for to in (consumer(case), *_merchant_if_involved(case))
    ]


@notices.register
def _(event: c.ComplaintReopened, case: Case) -> list[Notice]:
    values = {
        "reopen_reason": event.reason,
        "superior_review": "yes" if event.offer_superior_review else "",
    }
    return [
        _notice("reopened", to, Nature.OUTCOME, values)
        for to in (consumer(case), *_merchant_if_involved(case))
    ]


@notices.register
def _(_: c.ComplaintWithdrawn, case: Case) -> list[Notice]:
    told = [consumer(case), *_merchant_if_involved(case)]
    if case.specialist_id is not None:
        told.append(specialist(case))
    return [_notice("withdrawn", to, Nature.OUTCOME) for to in told]


@notices.register
def _(event: ComplaintMerged, case: Case) -> list[Notice]:
    values = {"other": event.into_id}
    told = [consumer(case), *_merchant_if_involved(case)]
    return [_notice("merged", to, Nature.OUTCOME, values) for to in told]


@notices.register
def _(event: ComplaintUnmerged, case: Case) -> list[Notice]:
    values = {"other": event.other_id}
    return [_notice("unmerged", consumer(case), Nature.OUTCOME, values)]


@notices.register
def _(event: ViolationRecorded, case: Case) -> list[Notice]:  # noqa: ARG001 - the shape of all
    return [violation_recorded(event)]


@notices.register
def _(event: ViolationAppealed, case: Case) -> list[Notice]:
    return [violation_appealed(event, case)]


@notices.register
def _(event: ViolationDecided, case: Case) -> list[Notice]:
    return violation_decided(event, case)


@notices.register
def _(event: HelpAsked, case: Case) -> list[Notice]:
    return [help_asked(event, case)]


@notices.register
def _(event: HelpGiven, case: Case) -> list[Notice]:
    return [help_given(event, case)]


@notices.register
def _(event: EscalationFact, case: Case) -> list[Notice]:
    return notices_above(event, case)


def _merchant_if_involved(case: Case) -> list[Recipient]:
    # A merchant who was never asked anything has no business with the ending either.
    return [merchant(case)] if case.merchant_involved else []


def held(event: Event, case: Case) -> Held | None:
    """What is to be said because of this event once its clock has started."""
    if isinstance(event, c.ComplaintRejected):
        return Held(
            template="rejected",
            to=consumer(case),
            nature=Nature.OUTCOME,
            values={"rejection_reason": event.reason_code},
            quote=None,
        )
    if isinstance(event, c.ConsumerAsked):
        return Held(
            template="consumer_request",
            to=consumer(case),
            nature=Nature.REQUEST,
            values={"items": "\n".join(f"- {item}" for item in event.items)},
            quote=Personal(case.consumer_id, event.reason),
        )
    if isinstance(event, c.MerchantAsked):
        return Held(
            template="merchant_request",
            to=merchant(case),
            nature=Nature.REQUEST,
            values={"orders": ", ".join(case.order_ids), "category": case.category},
            quote=event.questions,
        )
    if isinstance(event, c.SolutionProposed) and not event.needs_approval:
        return solution_offered(event, case)
    if isinstance(event, c.SolutionAccepted):
        return remedy_owed(case)
    return held_above(event, case) if isinstance(event, AboveFact) else None
