"""What each kind of fact does to clocks.

Each fact first ends what it ends (by the turns as they were), then moves the turn, then starts what
it starts.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.sla.domain.case import Offer
from services.sla.domain.clock import Clock
from services.sla.domain.draft import Draft
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFollowUpSent,
    ComplaintRejected,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ConsumerAsked,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    RejectionAppealed,
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
Reviewing = ComplaintRejected | RejectionAppealed | ConsumerAsked | ConsumerAnswered
Asking = MerchantAsked | MerchantAnswered | RequestLapsed | SolutionProposed | SolutionRejected
Remedying = SolutionAccepted | RemedyDone | RemedyFailed
Ending = (
    ComplaintResolved
    | ComplaintFollowUpSent
    | ComplaintClosed
    | ComplaintReopened
    | ComplaintWithdrawn
)


def handling(draft: Draft, fact: Handling, *, at: datetime) -> None:
    """From acceptance to first contact; `at` is when the fact counts as having taken place."""
    find = draft.case.find
    match fact:
        case ComplaintAcknowledged():
            draft.stop(find(fact.cycle, ClockKind.ACKNOWLEDGEMENT))
            draft.turn(fact.status, fact.turn)
        case ComplaintAccepted():
            draft.cancel([find(fact.cycle, ClockKind.CONSUMER_REPLY)], "accepted")
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


def reviewing(draft: Draft, fact: Reviewing) -> None:
    """Rejection and appeal; questions to the consumer."""
    at = fact.occurred_at
    match fact:
        case ComplaintRejected():
            draft.cancel(draft.case.clocks, "rejected")
            draft.turn(fact.status, fact.turn)
            draft.start(ClockKind.APPEAL_WINDOW, at=at)
        case RejectionAppealed():
            draft.stop(draft.case.find(fact.cycle, ClockKind.APPEAL_WINDOW))
            draft.turn(fact.status, fact.turn)
        case ConsumerAsked():
            draft.turn(fact.status, fact.turn)
            draft.start(ClockKind.CONSUMER_REPLY, at=at, n=fact.n)
        case ConsumerAnswered():
            draft.stop(draft.case.find(fact.cycle, ClockKind.CONSUMER_REPLY, fact.n))
            draft.turn(fact.status, fact.turn)


def asking(draft: Draft, fact: Asking) -> None:
    """Questions to the merchant, solutions put to the consumer, and silence."""
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
            kind = ClockKind.APPROVAL if fact.needs_approval else ClockKind.CONSUMER_REPLY
            draft.start(kind, at=fact.occurred_at, n=fact.n)
        case SolutionRejected():
            draft.stop(find(fact.cycle, ClockKind.CONSUMER_REPLY, fact.n))
            draft.turn(fact.status, fact.turn)


_REPLIES: Final = {
    Party.CONSUMER: ClockKind.CONSUMER_REPLY,
    Party.MERCHANT: ClockKind.MERCHANT_RESPONSE,
}


def remedying(draft: Draft, fact: Remedying) -> None:
    """Consent, and the remedy."""
    remedy = draft.case.find(fact.cycle, ClockKind.REMEDY, fact.n)
    match fact:
        case SolutionAccepted():
            draft.stop(draft.case.find(fact.cycle, ClockKind.CONSUMER_REPLY, fact.n))
            draft.turn(fact.status, fact.turn)
            party = PAYERS[draft.case.payer(fact.cycle, fact.n)]
            if party is not None:
                draft.start(ClockKind.REMEDY, at=fact.occurred_at, n=fact.n, party=party)
        case RemedyDone():
            draft.stop(remedy)
            draft.turn(fact.status, fact.turn)
        case RemedyFailed():
            draft.cancel([remedy], f"remedy_{fact.reason}")
            draft.turn(fact.status, fact.turn)


PAYERS: Final = {
    Payer.MERCHANT: Party.MERCHANT,
    Payer.PLATFORM: Party.PLATFORM,
    Payer.NOBODY: None,
}
"""The party that a remedy is owed by."""


def ending(draft: Draft, fact: Ending) -> None:
    """The end, the survey, and a new beginning."""
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
