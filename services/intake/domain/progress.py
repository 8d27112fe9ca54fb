"""Facts between filing and solution, and where they lead."""

from dataclasses import replace

from services.intake.domain.case import Assessment, Assignment, Case, Question
from services.intake.domain.evidence import shown_to
from services.intake.domain.state import (
    Accepted,
    Assigned,
    AwaitingConsumer,
    AwaitingMerchant,
    Duplicate,
    External,
    FiledState,
    InProgress,
    NeedsInformation,
    Rejected,
    Remedying,
    SolutionDrafted,
    SolutionProposed,
    Submitted,
    UnderSuperiorReview,
    assignment_of,
    open_request,
    open_solution,
)
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintRejected,
    ComplaintUnassigned,
    ConsumerAnswered,
    ConsumerAsked,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RejectionAppealed,
)
from shared.events.vocabulary import AskStage, Audience

_Case = (
    ComplaintAccepted
    | ComplaintAcknowledged
    | ComplaintAssessed
    | ContactAttempted
    | ContactMade
    | MessagePosted
)
_Handover = ComplaintAssigned | ComplaintUnassigned
_Review = ComplaintRejected | RejectionAppealed
_Request = ConsumerAsked | ConsumerAnswered | MerchantAsked | MerchantAnswered


def evolve_progress(
    state: FiledState, case: Case, event: _Case | _Handover | _Review | _Request
) -> FiledState:
    """The state after a fact between filing and solution; `case` has counted it."""
    match event:
        case ComplaintAssigned() | ComplaintUnassigned():
            return _handed_over(state, case, event)
        case ComplaintRejected():
            return Rejected(case, event.occurred_at, event.reason_code)
        case RejectionAppealed():
            return Submitted(case)
        case ConsumerAsked() | ConsumerAnswered() | MerchantAsked() | MerchantAnswered():
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
    if isinstance(state, Submitted | NeedsInformation | Rejected | Duplicate | External):
        return Assigned(case, assignment)
    return replace(state, case=case, assignment=assignment)


def _taken(state: FiledState, case: Case) -> FiledState:
    if isinstance(
        state,
        AwaitingConsumer
        | AwaitingMerchant
        | SolutionDrafted
        | SolutionProposed
        | Remedying
        | UnderSuperiorReview,
    ):
        return replace(state, case=case, assignment=None)
    if isinstance(state, Assigned | InProgress):
        return Accepted(case, contacted=isinstance(state, InProgress))
    return replace(state, case=case)


def _request(state: FiledState, case: Case, event: _Request) -> FiledState:
    match event:
        case ConsumerAsked():
            return _consumer_asked(state, _counted(case, event.n), event)
        case ConsumerAnswered():
            return _consumer_answered(state, case)
        case MerchantAsked():
            asked = _counted(shown_to(case, event.evidence_ids, Audience.MERCHANT), event.n)
            if isinstance(state, AwaitingConsumer):
                return replace(state, case=asked, request=event.n)
            return AwaitingMerchant(asked, assignment_of(state), event.n)
        case MerchantAnswered():
            answered = _answered(case, event.n, state)
            if event.late or open_request(state) != event.n:
                return replace(state, case=answered)
            return merchant_heard(state, answered)


def _counted(case: Case, n: int) -> Case:
    return replace(case, cycle=replace(case.cycle, last_n=n))


def _consumer_asked(state: FiledState, case: Case, event: ConsumerAsked) -> FiledState:
    question = Question(event.n, event.items, event.reason)
    if event.stage is AskStage.REVIEW:
        return NeedsInformation(case, question)
    return AwaitingConsumer(case, assignment_of(state), question, open_request(state))


def _consumer_answered(state: FiledState, case: Case) -> FiledState:
    if isinstance(state, AwaitingConsumer):
        if state.request is not None:
            return AwaitingMerchant(case, state.assignment, state.request)
        return returned(case, state.assignment)
    return Submitted(case)


def merchant_heard(state: FiledState, case: Case) -> FiledState:
    """The merchant has answered, or has not in time; the consumer may still have to."""
    if isinstance(state, AwaitingConsumer):
        return replace(state, case=case, request=None)
    return returned(case, assignment_of(state))


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
            given_up=cycle.given_up - {n},
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
