"""Taking a complaint to a body outside the platform, and carrying out what it decides."""

from services.intake.domain.case import Case, Referral, Solution
from services.intake.domain.ending import reopened
from services.intake.domain.escalation_commands import EndReferral, ReferComplaint, Terms
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    ACCEPTED,
    EXTERNAL,
    Ended,
    External,
    FiledState,
    NeedsInformation,
    Open,
    OpenState,
    Standing,
    Submitted,
    remedying,
    standing,
)
from shared.decider import Refused
from shared.events.complaints import ComplaintAccepted
from shared.events.envelope import Event
from shared.events.escalation import ComplaintReferred, ReferralEnded
from shared.events.vocabulary import Payer, ReferralBody, ReopenReason


def refer(command: ReferComplaint, state: FiledState) -> list[Event]:
    """Several referrals can run; arbitration and court exclude each other.

    In Chinese law arbitration needs a written agreement (Arbitration Law Art. 4) and takes the
    matter from the courts (Art. 5); other bodies can be turned to at any time (Consumer Rights
    Protection Law Art. 39).
    """
    if not isinstance(state, Open):
        raise wrong_status(state, "Referring")
    case = state.case
    _check_alternatives(command, case)
    return [
        *_taken_on(command, state),
        ComplaintReferred(
            **stamp(case, command.now, EXTERNAL),
            n=len(case.referrals) + 1,
            body=command.body,
            bundle_sha256=command.bundle_sha256,
            reference=command.reference,
            agreement=command.agreement,
        ),
    ]


def _taken_on(command: ReferComplaint, state: OpenState) -> list[Event]:
    """What is before a body outside is the platform's business too, whoever reviews it."""
    if not isinstance(state, Submitted | NeedsInformation):
        return []
    return [
        ComplaintAccepted(
            **stamp(state.case, command.now, ACCEPTED),
            rule="referred_outside",
            merchant_class=command.merchant_class,
            region=command.region,
        )
    ]


def _check_alternatives(command: ReferComplaint, case: Case) -> None:
    running = {one.body for one in case.referrals if one.outcome is None}
    turned_to = {one.body for one in case.referrals}
    if command.body in running:
        raise Refused("referral_open", f"It is with that body already: {command.body}.")
    if command.body is ReferralBody.ARBITRATION:
        if command.agreement is None:
            raise Refused("no_arbitration_agreement", "Arbitration needs the parties' agreement.")
        if ReferralBody.COURT in turned_to:
            raise Refused("excluded_by_court", "The matter has been brought to court.")
    if command.body is ReferralBody.COURT and ReferralBody.ARBITRATION in turned_to:
        raise Refused("excluded_by_arbitration", "The matter has been submitted to arbitration.")


def end_referral(command: EndReferral, state: FiledState) -> list[Event]:
    """The status before returns; what binds is carried out, even if the complaint had ended."""
    referral = _running(state.case, command.n)
    owed = _owed(command)
    if owed is None:
        return [_ended(command, state, referral, _afterwards(state, command.n), None)]
    solution_n = state.case.cycle.last_n + 1
    if isinstance(state, Ended):
        solution_n = 1
        again = reopened(state, command.now, ReopenReason.NEW_PROBLEM, None)
        ended = _ended(command, state, referral, remedying(solution_on(owed, 1)), solution_n, 1)
        return [again, ended]
    return [_ended(command, state, referral, remedying(solution_on(owed, solution_n)), solution_n)]


def _running(case: Case, n: int) -> Referral:
    for referral in case.referrals:
        if referral.n == n:
            if referral.outcome is not None:
                raise Refused("referral_ended", f"Referral {n} has ended.")
            return referral
    raise Refused("not_found", f"There is no referral {n}.")


def _owed(command: EndReferral) -> Terms | None:
    """What has to be carried out; what binds but obliges nobody is only recorded."""
    terms = command.terms
    if not command.binding or terms is None or terms.payer is Payer.NOBODY:
        return None
    return terms


def _afterwards(state: FiledState, ended_n: int) -> Standing:
    if not isinstance(state, External):
        return standing(state)
    others = any(one.outcome is None and one.n != ended_n for one in state.case.referrals)
    return EXTERNAL if others else standing(state.before)


def solution_on(terms: Terms, n: int) -> Solution:
    """Solution n on these terms."""
    return Solution(
        n=n,
        remedy=terms.remedy,
        payer=terms.payer,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
    )


def _ended(
    command: EndReferral,
    state: FiledState,
    referral: Referral,
    after: Standing,
    solution_n: int | None,
    later_cycles: int = 0,
) -> ReferralEnded:
    common = stamp(state.case, command.now, after)
    common["cycle"] += later_cycles
    terms = command.terms
    return ReferralEnded(
        **common,
        n=referral.n,
        body=referral.body,
        outcome=command.outcome,
        binding=command.binding,
        solution_n=solution_n,
        remedy=terms.remedy if terms else None,
        payer=terms.payer if terms else None,
        amount_minor=terms.amount_minor if terms else None,
        currency=terms.currency if terms else None,
    )
