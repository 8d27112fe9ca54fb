"""Approval of dear solutions by a second person, and a superior's review of the whole case."""

from dataclasses import replace

from services.intake.domain.case import NEVER_OWED, Solution, SolutionOutcome
from services.intake.domain.escalation_commands import (
    ApproveSolution,
    DecideSuperiorReview,
    EndReferral,
    EscalationCommand,
    ReferComplaint,
    RequestSuperiorReview,
    ReturnSolution,
)
from services.intake.domain.referring import end_referral, refer, solution_on
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    RESOLVED,
    SOLUTION_PROPOSED,
    UNDER_SUPERIOR_REVIEW,
    FiledState,
    NeedsInformation,
    Open,
    SolutionDrafted,
    Submitted,
    UnderSuperiorReview,
    back_to_specialist,
    open_solution,
    remedying,
)
from shared.decider import Refused
from shared.events.complaints import ComplaintResolved
from shared.events.envelope import Event
from shared.events.escalation import (
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.personal import Personal
from shared.events.vocabulary import Payer, ReviewGround, ReviewOutcome


def escalate(command: EscalationCommand, state: FiledState) -> list[Event]:
    """Decide an act above the specialist, or towards a body outside."""
    match command:
        case ApproveSolution():
            return _approve(command, state)
        case ReturnSolution():
            return _return(command, state)
        case RequestSuperiorReview():
            return _request_review(command, state)
        case DecideSuperiorReview():
            return _decide_review(command, state)
        case ReferComplaint():
            return refer(command, state)
        case EndReferral():
            return end_referral(command, state)


def _approve(command: ApproveSolution, state: FiledState) -> list[Event]:
    drafted = _drafted(state, command.n)
    draft = drafted.draft
    if command.drafted_by == command.by.id:
        raise Refused("four_eyes", "Somebody else than its author approves a solution.")
    solution = draft.solution
    return [
        SolutionApproved(
            **stamp(drafted.case, command.now, SOLUTION_PROPOSED),
            n=solution.n,
            supervisor_id=command.by.id,
            remedy=solution.remedy,
            payer=solution.payer,
            reasons=draft.reasons,
            amount_minor=solution.amount_minor,
            currency=solution.currency,
            evidence_ids=draft.evidence_ids,
            reason=command.reason,
        )
    ]


def _return(command: ReturnSolution, state: FiledState) -> list[Event]:
    drafted = _drafted(state, command.n)
    return [
        SolutionReturned(
            **stamp(drafted.case, command.now, back_to_specialist(drafted.assignment)),
            n=command.n,
            supervisor_id=command.by.id,
            reason=command.reason,
        )
    ]


def _drafted(state: FiledState, n: int) -> SolutionDrafted:
    if not isinstance(state, SolutionDrafted):
        raise wrong_status(state, "Approving a solution")
    if state.draft.solution.n != n:
        raise Refused("not_found", f"There is no draft {n} in this cycle.")
    return state


def _request_review(command: RequestSuperiorReview, state: FiledState) -> list[Event]:
    if state.case.cycle.reviews > 0:
        raise Refused("review_already_asked", "One superior's review a cycle has been asked for.")
    if not isinstance(state, Open) or isinstance(state, Submitted | NeedsInformation):
        raise wrong_status(state, "Asking for a superior's review")
    case = state.case
    words = command.reason
    return [
        SuperiorReviewRequested(
            **stamp(case, command.now, UNDER_SUPERIOR_REVIEW),
            n=1,
            by_role=command.by.role,
            ground=_ground(command, state),
            reason=None if words is None else Personal(case.filed.consumer_id, words),
        )
    ]


def _ground(command: RequestSuperiorReview, state: FiledState) -> ReviewGround:
    """The ground that is claimed or, if none is, the first that holds.

    A second objection has had the review offered: then any ground will do.
    """
    holding = _grounds(command, state)
    if command.ground in holding:
        return command.ground
    if command.ground is None and holding:
        return holding[0]
    if state.case.offer_superior_review:
        return command.ground or ReviewGround.PROPOSAL
    raise Refused(
        "no_ground_for_review",
        "A superior's review comes after a proposal, its rejection, or a missed deadline.",
    )


def _grounds(command: RequestSuperiorReview, state: FiledState) -> list[ReviewGround]:
    outcomes = {past.outcome for past in state.case.cycle.past} - {SolutionOutcome.NOT_APPROVED}
    holding = []
    if SolutionOutcome.REJECTED in outcomes:
        holding.append(ReviewGround.REJECTION)
    if outcomes or open_solution(state) is not None:
        holding.append(ReviewGround.PROPOSAL)
    if command.breached:
        holding.append(ReviewGround.BREACH)
    return holding


def _decide_review(command: DecideSuperiorReview, state: FiledState) -> list[Event]:
    if not isinstance(state, UnderSuperiorReview):
        raise wrong_status(state, "Deciding a superior's review")
    if state.review.n != command.n:
        raise Refused("not_found", f"There is no review {command.n} in this cycle.")
    if command.outcome is not ReviewOutcome.IMPOSED:
        return [_decided(command, state, None)]
    imposed = _imposed(command, state)
    decided = _decided(command, state, imposed)
    if imposed.payer is not Payer.NOBODY:
        return [decided]
    resolved = ComplaintResolved(
        **stamp(state.case, command.now, RESOLVED), outcome="imposed", solution_n=imposed.n
    )
    return [decided, resolved]


def _decided(
    command: DecideSuperiorReview, state: UnderSuperiorReview, imposed: Solution | None
) -> SuperiorReviewDecided:
    after = back_to_specialist(state.assignment)
    if imposed is not None and imposed.payer is not Payer.NOBODY:
        after = remedying(imposed)
    person = state.case.filed.consumer_id
    return SuperiorReviewDecided(
        **stamp(state.case, command.now, after),
        n=command.n,
        outcome=command.outcome,
        reasons=Personal(person, command.reasons),
        supervisor_id=command.by.id,
        solution_n=imposed.n if imposed else None,
        remedy=imposed.remedy if imposed else None,
        payer=imposed.payer if imposed else None,
        amount_minor=imposed.amount_minor if imposed else None,
        currency=imposed.currency if imposed else None,
    )


def _imposed(command: DecideSuperiorReview, state: UnderSuperiorReview) -> Solution:
    """A solution of this cycle as it was proposed, or a new one on the stated terms.

    Once a remedy was owed under a number, what is imposed gets one of its own.
    """
    cycle = state.case.cycle
    if command.terms is not None:
        return solution_on(command.terms, cycle.last_n + 1)
    for past in cycle.past:
        if past.solution.n == command.solution_n:
            never_owed = past.outcome in NEVER_OWED
            return past.solution if never_owed else replace(past.solution, n=cycle.last_n + 1)
    raise Refused("not_found", f"There is no solution {command.solution_n} in this cycle.")
