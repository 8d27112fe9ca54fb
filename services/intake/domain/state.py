"""Where a complaint stands: one class per status, so that an illegal state cannot be written.

What is open (a request, a solution) lives in the state that waits for it and nowhere else; what
is over lies in the case. State holds what a rule reads, and the filing itself for the answer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, overload

from services.intake.domain.case import Assignment, Case, Draft, Question, Solution, SuperiorReview
from shared.events.vocabulary import (
    CloseReason,
    Payer,
    RejectionReason,
    Status,
    Turn,
)


class Standing(NamedTuple):
    """A status and whose turn it is in it: what every event says about the time after it."""

    status: Status
    turn: Turn


SUBMITTED: Final = Standing(Status.SUBMITTED, Turn.PLATFORM)
NEEDS_INFORMATION: Final = Standing(Status.NEEDS_INFORMATION, Turn.CONSUMER)
REJECTED: Final = Standing(Status.REJECTED, Turn.NOBODY)
DUPLICATE: Final = Standing(Status.DUPLICATE, Turn.NOBODY)
ACCEPTED: Final = Standing(Status.ACCEPTED, Turn.PLATFORM)
ASSIGNED: Final = Standing(Status.ASSIGNED, Turn.SPECIALIST)
IN_PROGRESS: Final = Standing(Status.IN_PROGRESS, Turn.SPECIALIST)
AWAITING_CONSUMER: Final = Standing(Status.AWAITING_CONSUMER, Turn.CONSUMER)
AWAITING_MERCHANT: Final = Standing(Status.AWAITING_MERCHANT, Turn.MERCHANT)
SOLUTION_DRAFTED: Final = Standing(Status.SOLUTION_DRAFTED, Turn.SUPERVISOR)
SOLUTION_PROPOSED: Final = Standing(Status.SOLUTION_PROPOSED, Turn.CONSUMER)
UNDER_SUPERIOR_REVIEW: Final = Standing(Status.UNDER_SUPERIOR_REVIEW, Turn.SUPERVISOR)
EXTERNAL: Final = Standing(Status.EXTERNAL, Turn.REGULATOR)
REMEDYING_MERCHANT: Final = Standing(Status.REMEDYING, Turn.MERCHANT)
REMEDYING_PLATFORM: Final = Standing(Status.REMEDYING, Turn.PLATFORM)
RESOLVED: Final = Standing(Status.RESOLVED, Turn.NOBODY)
CLOSED: Final = Standing(Status.CLOSED, Turn.NOBODY)
WITHDRAWN: Final = Standing(Status.WITHDRAWN, Turn.NOBODY)


@dataclass(frozen=True, slots=True)
class NotFiled:
    """Nobody has complained under this id."""


@dataclass(frozen=True, slots=True)
class Filed:
    """Any complaint that exists."""

    case: Case


@dataclass(frozen=True, slots=True)
class Open(Filed):
    """Something is still owed to the complaint."""


@dataclass(frozen=True, slots=True)
class Submitted(Open):
    """Filed, not accepted yet."""


@dataclass(frozen=True, slots=True)
class NeedsInformation(Open):
    """The consumer is to answer `question` before it can be reviewed."""

    question: Question


@dataclass(frozen=True, slots=True)
class Rejected(Filed):
    """Not taken on. The consumer may appeal for a time."""

    rejected_at: datetime
    reason: RejectionReason


@dataclass(frozen=True, slots=True)
class Accepted(Open):
    """Nobody has it while a specialist should. `contacted` if first contact was made before."""

    contacted: bool


@dataclass(frozen=True, slots=True)
class Assigned(Open):
    """A specialist has it and has not reached the consumer in this cycle."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class InProgress(Open):
    """A specialist who has reached the consumer works on it."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class AwaitingConsumer(Open):
    """The consumer is to answer `question`. `request`: the merchant was asked too, under this n."""

    assignment: Assignment | None
    question: Question
    request: int | None


@dataclass(frozen=True, slots=True)
class AwaitingMerchant(Open):
    """The merchant was asked; `request` is the n of the open request."""

    assignment: Assignment | None
    request: int


@dataclass(frozen=True, slots=True)
class SolutionDrafted(Open):
    """A supervisor is to approve `draft` before the consumer sees it."""

    assignment: Assignment | None
    draft: Draft


@dataclass(frozen=True, slots=True)
class SolutionProposed(Open):
    """The consumer is to accept or reject `solution`."""

    assignment: Assignment | None
    solution: Solution


@dataclass(frozen=True, slots=True)
class Remedying(Open):
    """`solution` was accepted and is being carried out by whoever pays."""

    assignment: Assignment | None
    solution: Solution


@dataclass(frozen=True, slots=True)
class UnderSuperiorReview(Open):
    """A supervisor re-evaluates everything. `contacted` as in `Accepted`."""

    assignment: Assignment | None
    contacted: bool
    review: SuperiorReview


InsideState = (
    Accepted
    | Assigned
    | InProgress
    | AwaitingConsumer
    | AwaitingMerchant
    | SolutionDrafted
    | SolutionProposed
    | Remedying
    | UnderSuperiorReview
)
"""Accepted, open, and in the platform's own hands."""


OwnState = Submitted | NeedsInformation | InsideState
"""Open, and not with a body outside."""


@dataclass(frozen=True, slots=True)
class Duplicate(Filed):
    """It goes on in the complaint `into_id`. `before` is where it stood, should it come back."""

    into_id: str
    before: OwnState


@dataclass(frozen=True, slots=True)
class External(Open):
    """A body outside has it. `before` is where it goes on afterwards; both have the same case."""

    before: InsideState


@dataclass(frozen=True, slots=True)
class Ended(Filed):
    """Nothing is owed. The specialist keeps the rights until a reopening is assigned."""

    assignment: Assignment | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Resolved(Ended):
    """What was owed is done; the consumer is asked whether it was."""


@dataclass(frozen=True, slots=True)
class Closed(Ended):
    """Over, and why."""

    closed_at: datetime
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class Withdrawn(Ended):
    """Taken back."""

    closed_at: datetime


OpenState = OwnState | External
EndedState = Resolved | Closed | Withdrawn
FiledState = OpenState | Rejected | Duplicate | EndedState
State = NotFiled | FiledState


def remedying(solution: Solution) -> Standing:
    """The turn in `remedying` is that of whoever pays."""
    return REMEDYING_MERCHANT if solution.payer is Payer.MERCHANT else REMEDYING_PLATFORM


def back_to_specialist(assignment: Assignment | None) -> Standing:
    """Where the turn would be the specialist's and there is none, the platform finds one."""
    return ACCEPTED if assignment is None else IN_PROGRESS


def without_assignee(state: FiledState) -> Standing:
    """The standing of an open complaint once its specialist does not have it any more."""
    return ACCEPTED if isinstance(state, Assigned | InProgress) else standing(state)


_FIXED: Final[dict[type[Filed], Standing]] = {
    Submitted: SUBMITTED,
    NeedsInformation: NEEDS_INFORMATION,
    Rejected: REJECTED,
    Duplicate: DUPLICATE,
    Accepted: ACCEPTED,
    Assigned: ASSIGNED,
    InProgress: IN_PROGRESS,
    AwaitingConsumer: AWAITING_CONSUMER,
    AwaitingMerchant: AWAITING_MERCHANT,
    SolutionDrafted: SOLUTION_DRAFTED,
    SolutionProposed: SOLUTION_PROPOSED,
    UnderSuperiorReview: UNDER_SUPERIOR_REVIEW,
    External: EXTERNAL,
    Resolved: RESOLVED,
    Closed: CLOSED,
    Withdrawn: WITHDRAWN,
}


def standing(state: Filed) -> Standing:
    """Status and turn of a complaint."""
    if isinstance(state, Remedying):
        return remedying(state.solution)
    return _FIXED[type(state)]


def assignment_of(state: Filed) -> Assignment | None:
    """Who has the complaint, or had it when it ended."""
    if isinstance(
        state,
        Assigned
        | InProgress
        | AwaitingConsumer
        | AwaitingMerchant
        | SolutionDrafted
        | SolutionProposed
        | Remedying
        | UnderSuperiorReview
        | Ended,
    ):
        return state.assignment
    return assignment_of(state.before) if isinstance(state, External) else None


def holder(state: Filed) -> Assignment | None:
    """Who may see and act as its specialist: after a reopening the old one, until one is named."""
    assignment = assignment_of(state)
    cycle = state.case.cycle
    if assignment is None and cycle.decision_n == 0:
        return cycle.inherited
    return assignment


@overload
def inside_of(state: FiledState) -> FiledState: ...
@overload
def inside_of(state: Filed) -> Filed: ...
def inside_of(state: Filed) -> Filed:
    """Where the platform's own work stands, also while a body outside has the complaint."""
    return state.before if isinstance(state, External) else state


def open_question(state: Filed) -> Question | None:
    """What the consumer has been asked and has not answered."""
    inside = inside_of(state)
    return inside.question if isinstance(inside, NeedsInformation | AwaitingConsumer) else None


def open_request(state: Filed) -> int | None:
    """The number of the request that the merchant has not answered."""
    inside = inside_of(state)
    return inside.request if isinstance(inside, AwaitingConsumer | AwaitingMerchant) else None


def open_solution(state: Filed) -> Solution | None:
    """The solution that waits for the consumer or is being carried out."""
    inside = inside_of(state)
    return inside.solution if isinstance(inside, SolutionProposed | Remedying) else None
