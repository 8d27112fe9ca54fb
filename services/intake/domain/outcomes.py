"""Facts about solutions, remedies and the end, and where they lead."""

from dataclasses import replace
from datetime import datetime

from services.intake.domain.case import Case, Cycle, PastSolution, Solution, SolutionOutcome
from services.intake.domain.escalation_facts import drafted
from services.intake.domain.evidence import shown_to
from services.intake.domain.progress import merchant_heard, returned
from services.intake.domain.state import (
    Accepted,
    Closed,
    Ended,
    FiledState,
    Remedying,
    Resolved,
    SolutionProposed,
    Withdrawn,
    assignment_of,
)
from shared.events.complaints import (
    ComplaintClosed,
    ComplaintFollowUpSent,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionRejected,
)
from shared.events.complaints import (
    SolutionProposed as SolutionWasProposed,
)
from shared.events.vocabulary import Audience, Party, Payer, ReopenReason, Status

_Settling = (
    RequestLapsed
    | SolutionWasProposed
    | SolutionAccepted
    | SolutionRejected
    | RemedyDone
    | RemedyFailed
)
_Ending = (
    ComplaintResolved
    | ComplaintFollowUpSent
    | ComplaintClosed
    | ComplaintReopened
    | ComplaintWithdrawn
)


def evolve_outcome(state: FiledState, case: Case, event: _Settling | _Ending) -> FiledState:
    """The state after a fact about solution, remedy or end; `case` has counted it."""
    if isinstance(event, _Settling):
        return _settling(state, case, event)
    return _ending(state, case, event)


def _settling(state: FiledState, case: Case, event: _Settling) -> FiledState:
    match event:
        case RequestLapsed():
            return _lapsed(state, case, event)
        case SolutionWasProposed():
            case = replace(case, cycle=replace(case.cycle, last_n=event.n))
            solution = _solution(event)
            if event.needs_approval:
                return drafted(state, case, event, solution)
            case = shown_to(case, event.evidence_ids, Audience.CONSUMER, Audience.MERCHANT)
            return SolutionProposed(case, assignment_of(state), solution)
        case SolutionAccepted():
            return _accepted(state, case)
        case SolutionRejected():
            return returned(_past(state, case, SolutionOutcome.REJECTED), assignment_of(state))
        case RemedyDone():
            return _done(state, case, event)
        case RemedyFailed():
            overdue = event.reason == "overdue"
            outcome = SolutionOutcome.OVERDUE if overdue else SolutionOutcome.FAILED
            return returned(_past(state, case, outcome), assignment_of(state))


def _lapsed(state: FiledState, case: Case, event: RequestLapsed) -> FiledState:
    """A consumer's lapse changes nothing by itself: the closing comes with it.

    Only while a body outside has the complaint it is not closed: the work goes on without them.
    """
    if event.party is not Party.MERCHANT:
        if event.status is not Status.EXTERNAL:
            return replace(state, case=case)
        over = _past(state, case, SolutionOutcome.UNANSWERED)
        return returned(over, assignment_of(state))
    cycle = replace(case.cycle, lapsed=case.cycle.lapsed | {event.n}, presumption_n=event.n)
    return merchant_heard(state, replace(case, cycle=cycle))


def _solution(event: SolutionWasProposed) -> Solution:
    return Solution(
        n=event.n,
        remedy=event.remedy,
        payer=event.payer,
        amount_minor=event.amount_minor,
        currency=event.currency,
    )


def _accepted(state: FiledState, case: Case) -> FiledState:
    if isinstance(state, SolutionProposed) and state.solution.payer is not Payer.NOBODY:
        return Remedying(case, state.assignment, state.solution)
    return returned(_past(state, case, SolutionOutcome.AGREED), assignment_of(state))


def _past(state: FiledState, case: Case, outcome: SolutionOutcome) -> Case:
    """The case with the open solution (if any) put among those that are over."""
    if not isinstance(state, SolutionProposed | Remedying):
        return case
    past = (*case.cycle.past, PastSolution(state.solution, outcome))
    return replace(case, cycle=replace(case.cycle, past=past))


def _done(state: FiledState, case: Case, event: RemedyDone) -> FiledState:
    if isinstance(state, Remedying) and state.solution.n == event.n:
        return returned(_past(state, case, SolutionOutcome.DONE), state.assignment)
    past = tuple(
        replace(entry, outcome=SolutionOutcome.DONE) if entry.solution.n == event.n else entry
        for entry in case.cycle.past
    )
    return replace(state, case=replace(case, cycle=replace(case.cycle, past=past)))


def _ending(state: FiledState, case: Case, event: _Ending) -> FiledState:
    match event:
        case ComplaintResolved():
            over = _past(state, case, SolutionOutcome.AGREED)
            return Resolved(over, assignment_of(state), event.occurred_at)
        case ComplaintFollowUpSent():
            return replace(state, case=replace(case, surveyed=case.surveyed | {event.cycle}))
        case ComplaintClosed():
            return Closed(
                _past(state, case, SolutionOutcome.UNANSWERED),
                assignment_of(state),
                _resolved_at(state),
                event.occurred_at,
                event.reason,
            )
        case ComplaintWithdrawn():
            over = _past(state, case, SolutionOutcome.ABANDONED)
            return Withdrawn(over, assignment_of(state), None, event.occurred_at)
        case ComplaintReopened():
            return _reopened(state, case, event)


def _resolved_at(state: FiledState) -> datetime | None:
    return state.resolved_at if isinstance(state, Ended) else None


def _reopened(state: FiledState, case: Case, event: ComplaintReopened) -> FiledState:
    fresh = Cycle(number=event.cycle, started_at=event.occurred_at, inherited=assignment_of(state))
    objected = event.reason is ReopenReason.OBJECTION
    return Accepted(
        replace(
            case,
            cycle=fresh,
            objections=case.objections + 1 if objected else case.objections,
            offer_superior_review=event.offer_superior_review,
        ),
        contacted=False,
    )
