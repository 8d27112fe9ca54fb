"""What a fact of a complaint does to its clocks: the table of clocks, written as code.

Each fact first ends what it ends (by the turns as they were), then moves the turn, then starts what
it starts.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.sla.domain.case import Case, Offer
from services.sla.domain.clock import Clock
from services.sla.domain.draft import Draft
from services.sla.domain.firing import fire
from services.sla.domain.marketplace import POLICIES
from services.sla.domain.policies import Policies
from services.sla.domain.timeline import TurnChange
from shared.events.clocks import ClockEvent
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFiled,
    ComplaintFollowUpSent,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.vocabulary import ClockKind, CloseReason, Party, Payer, Status

Handling = (
    ComplaintAcknowledged
    | ComplaintAccepted
    | ComplaintAssessed
    | ComplaintAssigned
    | ComplaintUnassigned
    | ContactMade
)
Asking = MerchantAsked | MerchantAnswered | RequestLapsed | SolutionProposed | SolutionRejected
Remedying = SolutionAccepted | RemedyDone | RemedyFailed
Ending = (
    ComplaintResolved
    | ComplaintFollowUpSent
    | ComplaintClosed
    | ComplaintReopened
    | ComplaintWithdrawn
)
Passing = ContactAttempted | MessagePosted
LaterFact = Handling | Asking | Remedying | Ending | Passing
ComplaintFact = ComplaintFiled | LaterFact
"""Every fact of a complaint that this service understands."""

SETTLE: Final = timedelta(seconds=1)
"""How long after an instant facts that took place by then may still be recorded, at rate 1."""

_TICK: Final = timedelta(milliseconds=1)


def opened(
    filed: ComplaintFiled,
    *,
    recorded_at: datetime,
    cause_id: str,
    policies: Policies = POLICIES,
) -> tuple[Case, list[ClockEvent]]:
    """The case of a complaint just filed. Its time begins when the filing was recorded."""
    case = Case(
        complaint_id=filed.complaint_id,
        consumer_id=filed.consumer_id,
        merchant_id=filed.merchant_id,
        channel=filed.channel,
        category=filed.category,
        priority=filed.priority,
        filed_at=recorded_at,
        cycle=filed.cycle,
        status=filed.status,
        turns=(TurnChange(at=recorded_at, turn=filed.turn),),
    )
    draft = Draft(case, policies, at=recorded_at, cause_id=cause_id)
    draft.start(ClockKind.ACKNOWLEDGEMENT, at=recorded_at)
    return draft.case, draft.events


def observe(
    case: Case,
    fact: LaterFact,
    *,
    recorded_at: datetime,
    cause_id: str,
    settle: timedelta = SETTLE,
    policies: Policies = POLICIES,
) -> tuple[Case, list[ClockEvent]]:
    """The case after one more fact, and what has to be published.

    Facts come in the order of the complaint's stream. Everything recorded before `recorded_at` is
    known by then, so what fell due more than `settle` before that is said first.
    """
    case, fired = fire(case, recorded_at - settle - _TICK)
    draft = Draft(case, policies, at=_instant(case, fact), cause_id=cause_id)
    match fact:
        case (
            ComplaintAcknowledged()
            | ComplaintAccepted()
            | ComplaintAssessed()
            | ComplaintAssigned()
            | ComplaintUnassigned()
            | ContactMade()
        ):
            _handling(draft, fact)
        case (
            MerchantAsked()
            | MerchantAnswered()
            | RequestLapsed()
            | SolutionProposed()
            | SolutionRejected()
        ):
            _asking(draft, fact)
        case SolutionAccepted() | RemedyDone() | RemedyFailed():
            _remedying(draft, fact)
        case (
            ComplaintResolved()
            | ComplaintFollowUpSent()
            | ComplaintClosed()
            | ComplaintReopened()
            | ComplaintWithdrawn()
        ):
            _ending(draft, fact)
        case ContactAttempted() | MessagePosted():
            draft.turn(fact.status, fact.turn)
    return draft.case, [*fired, *draft.events]


def _instant(case: Case, fact: LaterFact) -> datetime:
    """When the fact counts as having taken place.

    An acceptance by rule was made with the filing itself: time runs from when that was recorded.
    """
    if isinstance(fact, ComplaintAccepted) and fact.rule is not None:
        return case.filed_at
    return fact.occurred_at


def _handling(draft: Draft, fact: Handling) -> None:
    find, at = draft.case.find, _instant(draft.case, fact)
    match fact:
        case ComplaintAcknowledged():
            draft.stop(find(fact.cycle, ClockKind.ACKNOWLEDGEMENT))
            draft.turn(fact.status, fact.turn)
        case ComplaintAccepted():
            draft.turn(fact.status, fact.turn)
            draft.case = replace(draft.case, merchant_class=fact.merchant_class, region=fact.region)
            _start_work(draft, at)
        case ComplaintAssessed():
            draft.turn(fact.status, fact.turn)
            draft.retarget(draft.case.find(fact.cycle, ClockKind.RESOLUTION), fact.band)
        case ComplaintAssigned():
            draft.case = draft.case.with_holder(at, fact.specialist_id)
            draft.stop(find(fact.cycle, ClockKind.ASSIGNMENT))
            draft.turn(fact.status, fact.turn)
        case ComplaintUnassigned():
            draft.case = draft.case.with_holder(at, None)
            draft.turn(fact.status, fact.turn)
            _wait_again(draft, find(fact.cycle, ClockKind.ASSIGNMENT), at)
        case ContactMade():
            if fact.two_way:
                draft.stop(find(fact.cycle, ClockKind.FIRST_CONTACT))
            draft.turn(fact.status, fact.turn)


def _start_work(draft: Draft, at: datetime) -> None:
    for kind in (ClockKind.ASSIGNMENT, ClockKind.FIRST_CONTACT, ClockKind.RESOLUTION):
        draft.start(kind, at=at)


def _wait_again(draft: Draft, waiting: Clock | None, at: datetime) -> None:
    if draft.case.is_open and (waiting is None or waiting.end is not None):
        draft.start(ClockKind.ASSIGNMENT, at=at)


def _asking(draft: Draft, fact: Asking) -> None:
    find = draft.case.find
    match fact:
        case MerchantAsked():
            draft.turn(fact.status, fact.turn)
            draft.start(ClockKind.MERCHANT_RESPONSE, at=fact.occurred_at, n=fact.n)
        case MerchantAnswered():
            draft.stop(find(fact.cycle, ClockKind.MERCHANT_RESPONSE, fact.n))
            draft.turn(fact.status, fact.turn)
        case RequestLapsed():
            kind = _REPLIES.get(fact.party)
            draft.lapse(find(fact.cycle, kind, fact.n) if kind else None)
            draft.turn(fact.status, fact.turn)
        case SolutionProposed():
            offer = Offer(cycle=fact.cycle, n=fact.n, payer=fact.payer)
            draft.case = replace(draft.case, offers=(*draft.case.offers, offer))
            draft.turn(fact.status, fact.turn)
            if not fact.needs_approval:
                draft.start(ClockKind.CONSUMER_REPLY, at=fact.occurred_at, n=fact.n)
        case SolutionRejected():
            draft.stop(find(fact.cycle, ClockKind.CONSUMER_REPLY, fact.n))
            draft.turn(fact.status, fact.turn)


_REPLIES: Final = {
    Party.CONSUMER: ClockKind.CONSUMER_REPLY,
    Party.MERCHANT: ClockKind.MERCHANT_RESPONSE,
}


def _remedying(draft: Draft, fact: Remedying) -> None:
    remedy = draft.case.find(fact.cycle, ClockKind.REMEDY, fact.n)
    match fact:
        case SolutionAccepted():
            draft.stop(draft.case.find(fact.cycle, ClockKind.CONSUMER_REPLY, fact.n))
            draft.turn(fact.status, fact.turn)
            party = _PAYERS[draft.case.payer(fact.cycle, fact.n)]
            if party is not None:
                draft.start(ClockKind.REMEDY, at=fact.occurred_at, n=fact.n, party=party)
        case RemedyDone():
            draft.stop(remedy)
            draft.turn(fact.status, fact.turn)
        case RemedyFailed():
            draft.cancel([remedy], f"remedy_{fact.reason}")
            draft.turn(fact.status, fact.turn)


_PAYERS: Final = {
    Payer.MERCHANT: Party.MERCHANT,
    Payer.PLATFORM: Party.PLATFORM,
    Payer.NOBODY: None,
}


def _ending(draft: Draft, fact: Ending) -> None:
    match fact:
        case ComplaintResolved():
            draft.stop(draft.case.find(fact.cycle, ClockKind.RESOLUTION))
            draft.cancel(draft.case.clocks, "resolved")
            draft.turn(fact.status, fact.turn)
            draft.start(ClockKind.FOLLOW_UP, at=fact.occurred_at)
        case ComplaintFollowUpSent():
            draft.stop(draft.case.find(fact.cycle, ClockKind.FOLLOW_UP))
            draft.turn(fact.status, fact.turn)
            if fact.status is Status.RESOLVED and fact.cycle == draft.case.cycle:
                draft.start(ClockKind.SURVEY_WINDOW, at=fact.occurred_at)
        case ComplaintClosed():
            _close_survey(draft, fact)
            draft.cancel(draft.case.clocks, "closed")
            draft.turn(fact.status, fact.turn)
        case ComplaintReopened():
            if fact.follow_up_id is not None:
                draft.stop(draft.case.find(draft.case.cycle, ClockKind.SURVEY_WINDOW))
            draft.cancel(draft.case.clocks, "reopened")
            draft.case = replace(draft.case, cycle=fact.cycle)
            draft.turn(fact.status, fact.turn)
            _start_work(draft, fact.occurred_at)
        case ComplaintWithdrawn():
            draft.cancel(draft.case.clocks, "withdrawn")
            draft.turn(fact.status, fact.turn)


def _close_survey(draft: Draft, fact: ComplaintClosed) -> None:
    survey = draft.case.find(fact.cycle, ClockKind.SURVEY_WINDOW)
    match fact.reason:
        case CloseReason.SATISFIED:
            draft.stop(survey)
        case CloseReason.SILENT:
            draft.lapse(survey)
        case CloseReason.UNANSWERED | CloseReason.IMPOSED:
            pass
