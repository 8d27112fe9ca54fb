"""Facts between filing and solution, and where they lead."""

from dataclasses import replace

from services.intake.domain.state import (
    Accepted,
    Assessment,
    Assigned,
    Assignment,
    AwaitingMerchant,
    Case,
    FiledState,
    InProgress,
    Remedying,
    SolutionProposed,
    Submitted,
    assignment_of,
    open_solution,
)
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintUnassigned,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
)

_Case = (
    ComplaintAccepted
    | ComplaintAcknowledged
    | ComplaintAssessed
    | ContactAttempted
    | ContactMade
    | MessagePosted
)
_Handover = ComplaintAssigned | ComplaintUnassigned
_Request = MerchantAsked | MerchantAnswered


def evolve_progress(
    state: FiledState, case: Case, event: _Case | _Handover | _Request
) -> FiledState:
    """The state after a fact between filing and solution; `case` has counted it."""
    match event:
        case ComplaintAssigned() | ComplaintUnassigned():
            return _handed_over(state, case, event)
        case MerchantAsked() | MerchantAnswered():
            return _request(state, case, event)
        case (
            ComplaintAccepted()
            | ComplaintAcknowledged()
            | ComplaintAssessed()
            | ContactAttempted()
            | ContactMade()
            | MessagePosted()
        ):
            return _known(state, case, event)


def _known(state: FiledState, case: Case, event: _Case) -> FiledState:
    match event:
        case ComplaintAccepted():
            return Accepted(replace(case, accepted_at=event.occurred_at), contacted=False)
        case ComplaintAcknowledged():
            return replace(state, case=replace(case, acknowledged=True))
        case ComplaintAssessed():
            assessment = Assessment(event.score, event.band)
            return replace(state, case=replace(case, assessment=assessment))
        case ContactAttempted():
            return replace(state, case=_contacted(case, event.n))
        case ContactMade():
            after = _contacted(case, event.n)
            if isinstance(state, Assigned):
                return InProgress(after, state.assignment)
            return replace(state, case=after)
        case MessagePosted():
            return replace(state, case=case)


def _contacted(case: Case, n: int) -> Case:
    return replace(case, cycle=replace(case.cycle, contacts=n))


def _handed_over(state: FiledState, case: Case, event: _Handover) -> FiledState:
    match event:
        case ComplaintAssigned():
            cycle = replace(case.cycle, decision_n=event.n)
            named = replace(case, cycle=cycle, last_specialist_id=event.specialist_id)
            return _given(state, named, Assignment(event.n, event.specialist_id, event.team_id))
        case ComplaintUnassigned():
            released = case.cycle.released | {event.specialist_id}
            return _taken(state, replace(case, cycle=replace(case.cycle, released=released)))


def _given(state: FiledState, case: Case, assignment: Assignment) -> FiledState:
    if isinstance(state, Accepted):
        return (InProgress if state.contacted else Assigned)(case, assignment)
    if isinstance(state, Submitted):
        return Assigned(case, assignment)
    return replace(state, case=case, assignment=assignment)


def _taken(state: FiledState, case: Case) -> FiledState:
    if isinstance(state, AwaitingMerchant | SolutionProposed | Remedying):
        return replace(state, case=case, assignment=None)
    if isinstance(state, Assigned | InProgress):
        return Accepted(case, contacted=isinstance(state, InProgress))
    return replace(state, case=case)


def _request(state: FiledState, case: Case, event: _Request) -> FiledState:
    match event:
        case MerchantAsked():
            cycle = replace(case.cycle, last_n=event.n)
            return AwaitingMerchant(replace(case, cycle=cycle), assignment_of(state), event.n)
        case MerchantAnswered():
            answered = _answered(case, event.n, state)
            if event.late:
                return replace(state, case=answered)
            return returned(answered, assignment_of(state))


def _answered(case: Case, n: int, state: FiledState) -> Case:
    """A late answer lifts the presumption for the consumer, unless a solution rests on it."""
    cycle = case.cycle
    stands = cycle.presumption_n != n or any(n < later for later in _solution_numbers(state))
    return replace(
        case,
        cycle=replace(
            cycle,
            answered=cycle.answered | {n},
            lapsed=cycle.lapsed - {n},
            presumption_n=cycle.presumption_n if stands else None,
        ),
    )


def _solution_numbers(state: FiledState) -> list[int]:
    proposed = open_solution(state)
    past = [entry.solution.n for entry in state.case.cycle.past]
    return past if proposed is None else [*past, proposed.n]


def returned(case: Case, assignment: Assignment | None) -> FiledState:
    """The turn goes back to the specialist, or to the platform to find one."""
    if assignment is None:
        return Accepted(case, contacted=True)
    return InProgress(case, assignment)
