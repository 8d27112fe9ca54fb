"""What is said of approval, a superior's review and referrals, at once or with a deadline."""

from typing import Final

from services.notify.domain.case import Case
from services.notify.domain.notices import (
    Held,
    Nature,
    Notice,
    Recipient,
    consumer,
    merchant,
    money_values,
    ops,
    specialist,
    supervisors,
)
from shared.events.complaints import SolutionProposed
from shared.events.escalation import (
    ComplaintReferred,
    EscalationFact,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.personal import Personal
from shared.events.vocabulary import Payer

AboveFact = (
    SolutionProposed
    | SolutionApproved
    | SuperiorReviewRequested
    | SuperiorReviewDecided
    | ReferralEnded
)
"""Facts that start a clock some message waits for; a proposal only while it is a draft."""

ABOVE_STARTS_A_CLOCK: Final = (
    SolutionApproved,
    SuperiorReviewRequested,
    SuperiorReviewDecided,
    ReferralEnded,
)


def notices_above(event: EscalationFact, case: Case) -> list[Notice]:
    """What is to be said at once."""
    match event:
        case SolutionApproved():
            return []
        case SolutionReturned():
            words = Personal(case.consumer_id, event.reason)
            return [_notice("solution_returned", specialist(case), Nature.SOLUTION, quote=words)]
        case SuperiorReviewRequested():
            told = [to for to in _parties(case) if to.role is not event.by_role]
            return [_notice("superior_review_begun", to, Nature.OUTCOME) for to in told]
        case SuperiorReviewDecided():
            return _decided(event, case)
        case ComplaintReferred():
            values = {"body": str(event.body)}
            told = [*_parties(case), specialist(case)]
            return [_notice("referred", to, Nature.OUTCOME, values) for to in told]
        case ReferralEnded():
            values = {
                "body": str(event.body),
                "outcome": event.outcome,
                "binding": "yes" if event.binding else "",
            }
            told = [*_parties(case), specialist(case)]
            return [_notice("referral_ended", to, Nature.OUTCOME, values) for to in told]


def _decided(event: SuperiorReviewDecided, case: Case) -> list[Notice]:
    values = {"review_outcome": str(event.outcome)}
    values |= money_values("remedy", event.remedy, event.amount_minor, event.currency)
    return [
        _notice("superior_review_decided", to, Nature.OUTCOME, values, event.reasons)
        for to in (consumer(case), *_merchant_concerned(event, case), specialist(case))
    ]


def _merchant_concerned(event: SuperiorReviewDecided, case: Case) -> list[Recipient]:
    concerned = case.merchant_involved or event.payer is Payer.MERCHANT
    return [merchant(case)] if concerned else []


def _parties(case: Case) -> list[Recipient]:
    return [consumer(case), merchant(case)] if case.merchant_involved else [consumer(case)]


def held_above(event: AboveFact, case: Case) -> Held | None:
    """What is to be said once the clock of this fact has started."""
    match event:
        case SolutionProposed():
            return _held(
                "approval_request",
                supervisors(case),
                money_values("remedy", event.remedy, event.amount_minor, event.currency)
                | {"payer": str(event.payer)},
                event.reasons,
            )
        case SolutionApproved():
            return solution_offered(event, case)
        case SuperiorReviewRequested():
            values = {"ground": str(event.ground)}
            return _held("superior_review_request", supervisors(case), values, event.reason)
        case SuperiorReviewDecided() | ReferralEnded():
            return None if event.solution_n is None else remedy_owed(case)


def solution_offered(event: SolutionProposed | SolutionApproved, case: Case) -> Held:
    """The solution as the consumer hears of it."""
    return Held(
        template="solution_proposed",
        to=consumer(case),
        nature=Nature.SOLUTION,
        values=money_values("remedy", event.remedy, event.amount_minor, event.currency)
        | {"payer": str(event.payer)},
        quote=event.reasons,
    )


def remedy_owed(case: Case) -> Held | None:
    """What whoever pays has to carry out now; nothing if nobody has to."""
    solution = case.solution
    if solution is None or solution.payer is Payer.NOBODY:
        return None
    return Held(
        template="remedy_owed",
        to=merchant(case) if solution.payer is Payer.MERCHANT else ops(),
        nature=Nature.SOLUTION,
        values=money_values("remedy", solution.remedy, solution.amount_minor, solution.currency)
        | {"orders": ", ".join(case.order_ids)},
        quote=None,
    )


def _held(template: str, to: Recipient, values: dict[str, str], quote: Personal | None) -> Held:
    return Held(template=template, to=to, nature=Nature.REQUEST, values=values, quote=quote)


def _notice(
    template: str,
    to: Recipient,
    nature: Nature,
    values: dict[str, str] | None = None,
    quote: Personal | None = None,
) -> Notice:
    return Notice(template=template, to=to, nature=nature, values=values or {}, quote=quote)
