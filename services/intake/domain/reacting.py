"""What other services' facts lead to here. Overtaken by events: nothing (docs/crossings.md)."""

from services.intake.domain.asking import consumer_said, heard
from services.intake.domain.ending import reopened, within_window
from services.intake.domain.policy import Policy
from services.intake.domain.reports import (
    CloseSilently,
    LapseConsumerReply,
    LapseMerchantRequest,
    LapseRemedy,
    NoteAcknowledgement,
    NoteAssessment,
    NoteAssignment,
    NoteFollowUpSent,
    NoteRelease,
    ReactionCommand,
    TakeSurveyAnswer,
)
from services.intake.domain.stamp import stamp
from services.intake.domain.state import (
    ASSIGNED,
    CLOSED,
    IN_PROGRESS,
    Accepted,
    Closed,
    FiledState,
    NeedsInformation,
    NotFiled,
    Open,
    OpenState,
    Remedying,
    Resolved,
    SolutionProposed,
    Standing,
    State,
    Submitted,
    assignment_of,
    back_to_specialist,
    open_question,
    open_request,
    standing,
    without_assignee,
)
from shared.events.complaints import (
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFollowUpSent,
    ComplaintUnassigned,
    RemedyFailed,
    RequestLapsed,
)
from shared.events.envelope import Event
from shared.events.vocabulary import CloseReason, Party, ReopenReason, SurveyResult, UnassignReason


def react(command: ReactionCommand, state: State, policy: Policy) -> list[Event]:
    """Decide what another service's fact leads to; an empty list if it came too late."""
    if isinstance(state, NotFiled):
        return []
    match command:
        case NoteAssessment() | NoteAssignment() | NoteRelease():
            return _react_to_routing(command, state)
        case LapseMerchantRequest() | LapseConsumerReply() | LapseRemedy():
            return _react_to_clock(command, state)
        case NoteAcknowledgement() | NoteFollowUpSent() | TakeSurveyAnswer() | CloseSilently():
            return _react_to_follow_up(command, state, policy)


def _react_to_routing(
    command: NoteAssessment | NoteAssignment | NoteRelease, state: FiledState
) -> list[Event]:
    if not isinstance(state, Open) or command.cycle != state.case.cycle.number:
        return []
    match command:
        case NoteAssessment():
            return [_assessed(command, state)]
        case NoteAssignment():
            return _assign(command, state)
        case NoteRelease():
            return _release(command, state)


def _assessed(command: NoteAssessment, state: OpenState) -> ComplaintAssessed:
    return ComplaintAssessed(
        **stamp(state.case, command.now, standing(state)),
        score=command.score,
        band=command.band,
        needed_tier=command.needed_tier,
        policy_version=command.policy_version,
    )


def _assign(command: NoteAssignment, state: OpenState) -> list[Event]:
    if isinstance(state, Submitted | NeedsInformation) or command.n <= state.case.cycle.decision_n:
        return []
    return [
        ComplaintAssigned(
            **stamp(state.case, command.now, _once_assigned(state)),
            n=command.n,
            specialist_id=command.specialist_id,
            team_id=command.team_id,
            decision_id=command.decision_id,
        )
    ]


def _once_assigned(state: OpenState) -> Standing:
    """Contact made earlier in the cycle need not be made again by the next specialist."""
    if isinstance(state, Accepted):
        return IN_PROGRESS if state.contacted else ASSIGNED
    return standing(state)


def _release(command: NoteRelease, state: OpenState) -> list[Event]:
    assignment = assignment_of(state)
    if command.reason is UnassignReason.TERMINAL:
        return []
    if assignment is None or assignment.n != command.n:
        return []
    return [
        ComplaintUnassigned(
            **stamp(state.case, command.now, without_assignee(state)),
            n=command.n,
            specialist_id=assignment.specialist_id,
            reason=command.reason,
        )
    ]


def _react_to_clock(
    command: LapseMerchantRequest | LapseConsumerReply | LapseRemedy, state: FiledState
) -> list[Event]:
    if command.cycle != state.case.cycle.number:
        return []
    match command:
        case LapseMerchantRequest():
            return _lapse_request(command, state)
        case LapseConsumerReply():
            return _lapse_reply(command, state)
        case LapseRemedy():
            return _lapse_remedy(command, state)


def _lapse_request(command: LapseMerchantRequest, state: FiledState) -> list[Event]:
    if open_request(state) != command.n:
        return []
    return [
        RequestLapsed(
            **stamp(state.case, command.now, heard(state)),
            n=command.n,
            party=Party.MERCHANT,
            clock_id=command.clock_id,
        )
    ]


def _lapse_reply(command: LapseConsumerReply, state: FiledState) -> list[Event]:
    """The lapse leaves the status as it was; the closing that follows at once changes it."""
    if _awaited_of_consumer(state) != command.n:
        return []
    lapsed = RequestLapsed(
        **stamp(state.case, command.now, standing(state)),
        n=command.n,
        party=Party.CONSUMER,
        clock_id=command.clock_id,
    )
    closed = ComplaintClosed(
        **stamp(state.case, command.now, CLOSED), reason=CloseReason.UNANSWERED
    )
    return [lapsed, closed]


def _awaited_of_consumer(state: FiledState) -> int | None:
    """The number of the question or solution that waits for the consumer."""
    if isinstance(state, SolutionProposed):
        return state.solution.n
    question = open_question(state)
    return None if question is None else question.n


def _lapse_remedy(command: LapseRemedy, state: FiledState) -> list[Event]:
    if not isinstance(state, Remedying) or state.solution.n != command.n:
        return []
    return [
        RemedyFailed(
            **stamp(state.case, command.now, back_to_specialist(state.assignment)),
            n=command.n,
            reason="overdue",
        )
    ]


def _react_to_follow_up(
    command: NoteAcknowledgement | NoteFollowUpSent | TakeSurveyAnswer | CloseSilently,
    state: FiledState,
    policy: Policy,
) -> list[Event]:
    match command:
        case NoteAcknowledgement():
            return _acknowledge(command, state)
        case NoteFollowUpSent():
            return _follow_up_sent(command, state)
        case TakeSurveyAnswer():
            return _survey_answered(command, state, policy)
        case CloseSilently():
            return _close_silently(command, state)


def _acknowledge(command: NoteAcknowledgement, state: FiledState) -> list[Event]:
    case = state.case
    overtaken = not isinstance(state, Open) or command.cycle != case.cycle.number
    if overtaken or case.acknowledged:
        return []
    return [
        ComplaintAcknowledged(
            **stamp(case, command.now, standing(state)), notification_id=command.notification_id
        )
    ]


def _follow_up_sent(command: NoteFollowUpSent, state: FiledState) -> list[Event]:
    """Recorded for its own cycle, even if the complaint has gone on (crossing 17)."""
    case = state.case
    ended = isinstance(state, Resolved | Closed) and command.cycle == case.cycle.number
    if not (ended or command.cycle < case.cycle.number) or command.cycle in case.surveyed:
        return []
    common = stamp(case, command.now, standing(state))
    common["cycle"] = command.cycle
    return [ComplaintFollowUpSent(**common, follow_up_id=command.follow_up_id)]


def _survey_answered(command: TakeSurveyAnswer, state: FiledState, policy: Policy) -> list[Event]:
    match command.result:
        case SurveyResult.SATISFIED:
            return _satisfied(command, state)
        case SurveyResult.OBJECTION:
            return _objected(command, state, policy)


def _satisfied(command: TakeSurveyAnswer, state: FiledState) -> list[Event]:
    overtaken = command.ratings_only or command.cycle != state.case.cycle.number
    if overtaken or not isinstance(state, Resolved):
        return []
    return [ComplaintClosed(**stamp(state.case, command.now, CLOSED), reason=CloseReason.SATISFIED)]


def _objected(command: TakeSurveyAnswer, state: FiledState, policy: Policy) -> list[Event]:
    """Reopens its own cycle; where that is past, the words go to the current one (crossing 18)."""
    if command.cycle < state.case.cycle.number:
        return [] if command.text is None else [consumer_said(state, command.now, command.text)]
    if command.ratings_only or not isinstance(state, Resolved | Closed):
        return []
    if not within_window(state, command.now, policy):
        return []
    return [
        reopened(state, command.now, ReopenReason.OBJECTION, command.text, command.follow_up_id)
    ]


def _close_silently(command: CloseSilently, state: FiledState) -> list[Event]:
    if not isinstance(state, Resolved) or command.cycle != state.case.cycle.number:
        return []
    return [ComplaintClosed(**stamp(state.case, command.now, CLOSED), reason=CloseReason.SILENT)]
