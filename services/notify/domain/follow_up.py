"""The survey after a resolution, once per cycle: scheduled, sent, then answered or lapsed. Pure."""

from datetime import datetime
from typing import Final

from services.notify.domain.events import (
    FollowUpCancelled,
    FollowUpOvertaken,
    FollowUpQueued,
    FollowUpReminded,
    FollowUpScheduled,
)
from services.notify.domain.follow_up_terms import (
    Answer,
    Answered,
    Cancel,
    Cancelled,
    Command,
    ConfirmDelivery,
    HandOver,
    Lapse,
    Lapsed,
    Open,
    Overtake,
    Planned,
    Remind,
    Schedule,
    State,
    Unscheduled,
    Unsent,
)
from shared.decider import Decider, Refused
from shared.events.envelope import Event
from shared.events.followups import FollowUpAnswered, FollowUpLapsed, FollowUpSent
from shared.events.personal import Personal
from shared.events.vocabulary import SurveyResult


def decide(command: Command, state: State) -> list[Event]:  # noqa: C901 - one arm per command
    """Say what happens next. Raises `Refused` `survey_closed` or `not_found` for an answer."""
    if isinstance(command, Schedule):
        return [command.scheduled] if isinstance(state, Unscheduled) else []
    if isinstance(state, Unscheduled):
        if isinstance(command, Answer):
            raise Refused("not_found", "There is no such survey.")
        return []
    match command:
        case HandOver():
            return _hand_over(command, state)
        case ConfirmDelivery():
            return _confirm(command, state)
        case Cancel():
            return _cancel(state, command.now, command.reason)
        case Overtake():
            return _overtake(command, state)
        case Remind():
            return _remind(command, state)
        case Answer():
            return _answer(command, state)
        case Lapse():
            return _lapse(command, state)


def _hand_over(command: HandOver, state: Planned) -> list[Event]:
    match state:
        case Unsent(plan=plan, notification_id=None):
            return [
                FollowUpQueued(
                    occurred_at=command.now,
                    complaint_id=plan.complaint_id,
                    cycle=plan.cycle,
                    follow_up_id=plan.follow_up_id,
                    notification_id=command.notification_id,
                )
            ]
        case Unsent() | Open() | Cancelled() | Answered() | Lapsed():
            return []


def _confirm(command: ConfirmDelivery, state: Planned) -> list[Event]:
    match state:
        # Cancelled while the channel was accepting it: it was sent all the same (crossing 17).
        case Unsent() | Cancelled():
            return [_sent(state.plan, command.now)]
        case Open() | Answered() | Lapsed():
            return []


def _sent(plan: FollowUpScheduled, now: datetime) -> FollowUpSent:
    return FollowUpSent(
        occurred_at=now,
        complaint_id=plan.complaint_id,
        cycle=plan.cycle,
        follow_up_id=plan.follow_up_id,
    )


def _cancel(state: Planned, now: datetime, reason: str) -> list[Event]:
    match state:
        case Unsent(plan=plan):
            return [
                FollowUpCancelled(
                    occurred_at=now,
                    complaint_id=plan.complaint_id,
                    cycle=plan.cycle,
                    follow_up_id=plan.follow_up_id,
                    reason=reason,
                )
            ]
        case Open() | Cancelled() | Answered() | Lapsed():
            return []


def _overtake(command: Overtake, state: Planned) -> list[Event]:
    match state:
        case Unsent():
            return _cancel(state, command.now, "reopened")
        case Open(plan=plan, overtaken=False):
            return [
                FollowUpOvertaken(
                    occurred_at=command.now,
                    complaint_id=plan.complaint_id,
                    cycle=plan.cycle,
                    follow_up_id=plan.follow_up_id,
                )
            ]
        case Open() | Cancelled() | Answered() | Lapsed():
            return []


def _remind(command: Remind, state: Planned) -> list[Event]:
    match state:
        case Open(plan=plan, overtaken=False, reminded=False):
            if command.now >= command.window_ends_at:
                return []
            return [
                FollowUpReminded(
                    occurred_at=command.now,
                    complaint_id=plan.complaint_id,
                    cycle=plan.cycle,
                    follow_up_id=plan.follow_up_id,
                    cause_id=command.cause_id,
                )
            ]
        case Unsent() | Open() | Cancelled() | Answered() | Lapsed():
            return []


def _answer(command: Answer, state: Planned) -> list[Event]:
    match state:
        # The link is proof that the survey arrived, whatever we knew of it.
        case Unsent(plan=plan):
            return [_sent(plan, command.now), _answered(command, plan, ratings_only=False)]
        case Open(plan=plan, overtaken=overtaken):
            return [_answered(command, plan, ratings_only=overtaken)]
        case Cancelled(plan=plan):
            return [_sent(plan, command.now), _answered(command, plan, ratings_only=True)]
        case Answered():
            raise Refused("survey_closed", "This survey has been answered already.")
        case Lapsed():
            raise Refused("survey_closed", "The time for answering this survey is over.")


def _answered(command: Answer, plan: FollowUpScheduled, *, ratings_only: bool) -> FollowUpAnswered:
    result = command.result
    if ratings_only and result is None:
        result = SurveyResult.OBJECTION  # decides nothing; the reopening has said so already
    if result is None:
        raise Refused("validation_failed", "Say whether you are satisfied or object.")
    text = command.text.strip() if command.text else ""
    if result is SurveyResult.OBJECTION and not text and not ratings_only:
        raise Refused("validation_failed", "An objection needs a few words on what is wrong.")
    return FollowUpAnswered(
        occurred_at=command.now,
        complaint_id=plan.complaint_id,
        cycle=plan.cycle,
        follow_up_id=plan.follow_up_id,
        result=result,
        speed=command.speed,
        attitude=command.attitude,
        outcome=command.outcome,
        text=Personal(plan.consumer_id, text) if text else None,
        ratings_only=ratings_only,
    )


def _lapse(command: Lapse, state: Planned) -> list[Event]:
    match state:
        case Open(plan=plan):
            return [
                FollowUpLapsed(
                    occurred_at=command.now,
                    complaint_id=plan.complaint_id,
                    cycle=plan.cycle,
                    follow_up_id=plan.follow_up_id,
                )
            ]
        case Unsent() | Cancelled() | Answered() | Lapsed():
            return []


Change = (
    FollowUpQueued
    | FollowUpSent
    | FollowUpCancelled
    | FollowUpOvertaken
    | FollowUpReminded
    | FollowUpAnswered
    | FollowUpLapsed
)


def evolve(state: State, event: Event) -> State:  # noqa: C901 - one arm per event
    """What is true after an event of a follow-up's stream."""
    if isinstance(event, FollowUpScheduled):
        return Unsent(event)
    if isinstance(state, Unscheduled) or not isinstance(event, Change):
        return state
    plan = state.plan
    match event:
        case FollowUpQueued():
            return Unsent(plan, event.notification_id)
        case FollowUpSent():
            return Open(plan, overtaken=isinstance(state, Cancelled))
        case FollowUpCancelled():
            return Cancelled(plan, event.reason)
        case FollowUpOvertaken():
            return Open(plan, overtaken=True, reminded=_reminded(state))
        case FollowUpReminded():
            return Open(plan, reminded=True)
        case FollowUpAnswered():
            return Answered(plan)
        case FollowUpLapsed():
            return Lapsed(plan)


def _reminded(state: Planned) -> bool:
    return isinstance(state, Open) and state.reminded


FOLLOW_UP: Final[Decider[Command, State]] = Decider(
    initial=Unscheduled(), decide=decide, evolve=evolve
)


def follow_up_id(complaint_id: str, cycle: int) -> str:
    """The id of the one survey of a cycle."""
    return f"{complaint_id}-{cycle}"


def stream_of(follow_up: str) -> str:
    """The stream of a follow-up."""
    return f"followup-{follow_up}"
