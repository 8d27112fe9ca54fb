"""What a fact of a complaint does to its clocks: the table of clocks, written as code."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.sla.domain.case import Case
from services.sla.domain.draft import Draft
from services.sla.domain.duplicates import merging
from services.sla.domain.effects import (
    Asking,
    Ending,
    Handling,
    Remedying,
    Reviewing,
    asking,
    ending,
    handling,
    remedying,
    reviewing,
)
from services.sla.domain.escalations import escalating
from services.sla.domain.firing import fire
from services.sla.domain.marketplace import POLICIES
from services.sla.domain.policies import Policies
from services.sla.domain.timeline import TurnChange
from shared.events.casework import CaseworkEvent, CaseworkFact, ComplaintReclassified
from shared.events.checking import CheckingFact
from shared.events.clocks import ClockEvent
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFiled,
    ComplaintFollowUpSent,
    ComplaintRejected,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ConsumerAsked,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RejectionAppealed,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.escalation import (
    ComplaintReferred,
    EscalationFact,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged, MergingFact
from shared.events.teamwork import TeamworkFact
from shared.events.vocabulary import ClockKind

Passing = ContactAttempted | MessagePosted | CaseworkFact | CheckingFact | TeamworkFact
Beyond = EscalationFact | MergingFact
LaterFact = Handling | Reviewing | Asking | Remedying | Beyond | Ending | Passing
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
            handling(draft, fact, at=_instant(case, fact))
        case ComplaintRejected() | RejectionAppealed() | ConsumerAsked() | ConsumerAnswered():
            reviewing(draft, fact)
        case (
            MerchantAsked()
            | MerchantAnswered()
            | RequestLapsed()
            | SolutionProposed()
            | SolutionRejected()
        ):
            asking(draft, fact)
        case SolutionAccepted() | RemedyDone() | RemedyFailed():
            remedying(draft, fact)
        case (
            SolutionApproved()
            | SolutionReturned()
            | SuperiorReviewRequested()
            | SuperiorReviewDecided()
            | ComplaintReferred()
            | ReferralEnded()
            | ComplaintMerged()
            | ComplaintAbsorbed()
            | ComplaintUnmerged()
        ):
            _beyond(draft, fact)
        case (
            ComplaintResolved()
            | ComplaintFollowUpSent()
            | ComplaintClosed()
            | ComplaintReopened()
            | ComplaintWithdrawn()
        ):
            ending(draft, fact)
        case ContactAttempted() | MessagePosted() | CaseworkEvent():
            _passing(draft, fact)
    return draft.case, [*fired, *draft.events]


def _beyond(draft: Draft, fact: Beyond) -> None:
    """Decided above the specialist, outside the platform, or about two complaints at once."""
    if isinstance(fact, MergingFact):
        merging(draft, fact)
    else:
        escalating(draft, fact)


def _passing(draft: Draft, fact: Passing) -> None:
    """What starts and ends no clock. What it is about decides by which rule later clocks run."""
    if isinstance(fact, ComplaintReclassified):
        draft.case = replace(draft.case, category=fact.category)
    draft.turn(fact.status, fact.turn)


def _instant(case: Case, fact: LaterFact) -> datetime:
    """When the fact counts as having taken place.

    An acceptance by rule was made with the filing itself: time runs from when that was recorded.
    """
    if isinstance(fact, ComplaintAccepted) and fact.rule is not None:
        return case.filed_at
    return fact.occurred_at
