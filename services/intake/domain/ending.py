"""How a complaint ends, and how it begins anew."""

from datetime import datetime

from services.intake.domain.asking import answer_question, consumer_said
from services.intake.domain.commands import (
    AnswerForConsumer,
    AppealRejection,
    EndingCommand,
    ReopenComplaint,
    ResolveComplaint,
    WithdrawComplaint,
)
from services.intake.domain.filing import appeal_rejection
from services.intake.domain.policy import Policy
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    ACCEPTED,
    RESOLVED,
    WITHDRAWN,
    AwaitingConsumer,
    Closed,
    EndedState,
    InProgress,
    NeedsInformation,
    Open,
    Remedying,
    Resolved,
    State,
    Withdrawn,
)
from shared.decider import Refused
from shared.events.complaints import ComplaintReopened, ComplaintResolved, ComplaintWithdrawn
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import CloseReason, ReopenReason, Role


def end(command: EndingCommand, state: State, policy: Policy) -> list[Event]:
    """Decide an act that ends a complaint or begins it anew."""
    match command:
        case ResolveComplaint():
            return _resolve(command, state)
        case WithdrawComplaint():
            return _withdraw(command, state)
        case ReopenComplaint():
            return _reopen(command, state, policy)
        case AppealRejection():
            return appeal_rejection(command, state, policy)
        case AnswerForConsumer():
            return _answer_for_consumer(command, state, policy)


def _resolve(command: ResolveComplaint, state: State) -> list[Event]:
    if not isinstance(state, InProgress | Remedying):
        raise wrong_status(state, "Resolving")
    return [
        ComplaintResolved(
            **stamp(state.case, command.now, RESOLVED),
            outcome=command.outcome,
            solution_n=_settled_by(state),
        )
    ]


def _settled_by(state: InProgress | Remedying) -> int | None:
    """The solution a resolution rests on: the last one that the consumer agreed to."""
    if isinstance(state, Remedying):
        return state.solution.n
    settled = [past.solution.n for past in state.case.cycle.past if past.outcome.settles]
    return max(settled, default=None)


def _withdraw(command: WithdrawComplaint, state: State) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Withdrawing")
    case = state.case
    person = case.filed.consumer_id
    return [
        ComplaintWithdrawn(
            **stamp(case, command.now, WITHDRAWN),
            by=command.by.id,
            reason=None if command.reason is None else Personal(person, command.reason),
        )
    ]


def _reopen(command: ReopenComplaint, state: State, policy: Policy) -> list[Event]:
    if not isinstance(state, Resolved | Closed | Withdrawn):
        raise wrong_status(state, "Reopening")
    if isinstance(state, Withdrawn) and command.by.role is not Role.SUPERVISOR:
        raise Refused("forbidden", "Only a supervisor reopens what was withdrawn.")
    check_window(state, command.now, policy)
    return [reopened(state, command.now, command.reason, command.text)]


def _answer_for_consumer(command: AnswerForConsumer, state: State, policy: Policy) -> list[Event]:
    """To an open question; without one staff see it; after a lapse it reopens (crossing 9)."""
    if isinstance(state, NeedsInformation | AwaitingConsumer):
        return answer_question(command, state)
    if isinstance(state, Open):
        return [consumer_said(state, command.now, command.text)]
    if isinstance(state, Closed) and state.reason is CloseReason.UNANSWERED:
        check_window(state, command.now, policy)
        return [reopened(state, command.now, ReopenReason.ANSWERED_LATE, command.text)]
    raise wrong_status(state, "Answering")


def check_window(state: EndedState, now: datetime, policy: Policy) -> None:
    """Refuse a reopening later than policy allows after the end. Raises `Refused`."""
    if not within_window(state, now, policy):
        days = policy.reopening_window.days
        raise Refused("reopening_window_over", f"It ended more than {days} days ago.")


def within_window(state: EndedState, now: datetime, policy: Policy) -> bool:
    """Whether it may still be reopened. What is resolved but not closed always may."""
    if isinstance(state, Resolved):
        return True
    return now - state.closed_at <= policy.reopening_window


def reopened(
    state: EndedState,
    at: datetime,
    reason: ReopenReason,
    text: str | None,
    follow_up_id: str | None = None,
) -> ComplaintReopened:
    """The first event of a new cycle; a second objection offers a superior's review."""
    case = state.case
    common = stamp(case, at, ACCEPTED)
    common["cycle"] = case.cycle.number + 1
    objection = reason is ReopenReason.OBJECTION
    return ComplaintReopened(
        **common,
        reason=reason,
        text=None if text is None else Personal(case.filed.consumer_id, text),
        previous_specialist_id=case.last_specialist_id,
        offer_superior_review=objection and case.objections >= 1,
        follow_up_id=follow_up_id,
    )
