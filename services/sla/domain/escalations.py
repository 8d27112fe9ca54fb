"""What approval, a superior's review and referrals do to clocks; in the order of `effects`."""

from dataclasses import replace
from typing import Final

from services.sla.domain.case import Offer
from services.sla.domain.draft import Draft
from services.sla.domain.effects import PAYERS
from shared.events.escalation import (
    ComplaintReferred,
    EscalationFact,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.vocabulary import ClockKind, Payer

_WAITS: Final = frozenset(
    {
        ClockKind.CONSUMER_REPLY,
        ClockKind.MERCHANT_RESPONSE,
        ClockKind.APPROVAL,
        ClockKind.REMEDY,
    }
)


def escalating(draft: Draft, fact: EscalationFact) -> None:
    """Decisions above the specialist or outside the platform."""
    match fact:
        case SolutionApproved():
            draft.stop(draft.case.find(fact.cycle, ClockKind.APPROVAL, fact.n))
            draft.turn(fact.status, fact.turn)
            draft.start(ClockKind.CONSUMER_REPLY, at=fact.occurred_at, n=fact.n)
        case SolutionReturned():
            draft.stop(draft.case.find(fact.cycle, ClockKind.APPROVAL, fact.n))
            draft.turn(fact.status, fact.turn)
        case SuperiorReviewRequested():
            _give_up_waits(draft, "under_superior_review")
            draft.turn(fact.status, fact.turn)
            draft.start(ClockKind.SUPERIOR_REVIEW, at=fact.occurred_at, n=fact.n)
        case SuperiorReviewDecided():
            draft.stop(draft.case.find(fact.cycle, ClockKind.SUPERIOR_REVIEW, fact.n))
            draft.turn(fact.status, fact.turn)
            _owe(draft, fact)
        case ComplaintReferred():
            draft.turn(fact.status, fact.turn)
        case ReferralEnded():
            if fact.solution_n is not None:
                _give_up_waits(draft, "binding_outcome")
            draft.turn(fact.status, fact.turn)
            _owe(draft, fact)


def _give_up_waits(draft: Draft, reason: str) -> None:
    """Nobody waits for a party any more: another remedy, answer or approval is to be seen to."""
    draft.cancel([clock for clock in draft.case.clocks if clock.kind in _WAITS], reason)


def _owe(draft: Draft, fact: SuperiorReviewDecided | ReferralEnded) -> None:
    """What was imposed is to be carried out in time by whoever has to."""
    payer = fact.payer or Payer.NOBODY
    party = PAYERS[payer]
    if fact.solution_n is None or party is None:
        return
    offer = Offer(cycle=fact.cycle, n=fact.solution_n, payer=payer)
    draft.case = replace(draft.case, offers=(*draft.case.offers, offer))
    draft.start(ClockKind.REMEDY, at=fact.occurred_at, n=fact.solution_n, party=party)
