"""One survey per cycle: sent once, reminded once, then exactly one of answered and lapsed."""

from datetime import timedelta

import pytest

from services.notify.domain.events import (
    FollowUpCancelled,
    FollowUpOvertaken,
    FollowUpQueued,
    FollowUpReminded,
)
from services.notify.domain.follow_up import FOLLOW_UP, follow_up_id, stream_of
from services.notify.domain.follow_up_terms import (
    Answer,
    Cancel,
    Cancelled,
    Command,
    ConfirmDelivery,
    HandOver,
    Lapse,
    Open,
    Overtake,
    Remind,
    Schedule,
    State,
    Unscheduled,
    Unsent,
)
from shared.decider import Refused
from shared.events.envelope import Event
from shared.events.followups import FollowUpAnswered, FollowUpLapsed, FollowUpSent
from shared.events.personal import Personal
from shared.events.vocabulary import SurveyResult
from tests.unit.notify.examples import NOW, QUEUED, SCHEDULED

LATER = NOW + timedelta(hours=2)
SCHEDULE = Schedule(scheduled=SCHEDULED)
HAND_OVER = HandOver(now=LATER, notification_id="n1")
DELIVERED = ConfirmDelivery(now=LATER)
REOPENED = Overtake(now=LATER)
CLOSED = Cancel(now=LATER, reason="closed")
LAPSE = Lapse(now=LATER)
REMIND = Remind(now=LATER, window_ends_at=LATER + timedelta(days=3), cause_id="e5")


def answering(
    result: SurveyResult | None = SurveyResult.SATISFIED, text: str | None = None
) -> Answer:
    """The consumer answers."""
    return Answer(now=LATER, result=result, speed=5, attitude=4, outcome=3, text=text)


def after(*commands: Command) -> State:
    """The state these commands lead to."""
    state: State = Unscheduled()
    for command in commands:
        state = FOLLOW_UP.fold(FOLLOW_UP.decide(command, state), state)
    return state


def decided(command: Command, state: State) -> list[Event]:
    """What is recorded."""
    return FOLLOW_UP.decide(command, state)


SCHEDULED_STATE = after(SCHEDULE)
QUEUED_STATE = after(SCHEDULE, HAND_OVER)
OPEN = after(SCHEDULE, HAND_OVER, DELIVERED)
OVERTAKEN = after(SCHEDULE, HAND_OVER, DELIVERED, REOPENED)
CANCELLED = after(SCHEDULE, HAND_OVER, REOPENED)
ANSWERED = after(SCHEDULE, HAND_OVER, DELIVERED, answering())
LAPSED = after(SCHEDULE, HAND_OVER, DELIVERED, LAPSE)
ENDED = [CANCELLED, ANSWERED, LAPSED]
FOLLOW_UP_SENT = FollowUpSent(occurred_at=LATER, complaint_id="c1", cycle=1, follow_up_id="c1-1")


def test_a_resolution_schedules_one_survey_for_its_cycle() -> None:
    assert decided(SCHEDULE, Unscheduled()) == [SCHEDULED]


@pytest.mark.parametrize("state", [SCHEDULED_STATE, OPEN, *ENDED])
def test_a_cycle_has_one_survey_only(state: State) -> None:
    assert decided(SCHEDULE, state) == []


def test_a_due_survey_is_handed_over_once() -> None:
    assert decided(HAND_OVER, SCHEDULED_STATE) == [
        FollowUpQueued(
            occurred_at=LATER,
            complaint_id="c1",
            cycle=1,
            follow_up_id="c1-1",
            notification_id="n1",
        )
    ]
    assert Unsent(SCHEDULED, "n1") == QUEUED_STATE
    for state in (QUEUED_STATE, OPEN, *ENDED):
        assert decided(HAND_OVER, state) == []


def test_a_delivered_survey_is_sent() -> None:
    assert decided(DELIVERED, QUEUED_STATE) == [FOLLOW_UP_SENT]
    for state in (OPEN, ANSWERED, LAPSED):
        assert decided(DELIVERED, state) == []


@pytest.mark.parametrize("unsent", [SCHEDULED_STATE, QUEUED_STATE])
def test_reopening_while_the_survey_is_unsent_cancels_it_with_the_reason(unsent: State) -> None:
    [event] = decided(REOPENED, unsent)
    assert isinstance(event, FollowUpCancelled)
    assert event.reason == "reopened"


def test_closing_while_the_survey_is_unsent_cancels_it_and_a_sent_one_stays() -> None:
    [event] = decided(CLOSED, SCHEDULED_STATE)
    assert isinstance(event, FollowUpCancelled)
    assert event.reason == "closed"
    assert Cancelled(SCHEDULED, "closed") == after(SCHEDULE, CLOSED)
    for state in (OPEN, *ENDED):
        assert decided(CLOSED, state) == []


def test_reopening_after_sending_leaves_ratings_only() -> None:
    [event] = decided(REOPENED, OPEN)
    assert isinstance(event, FollowUpOvertaken)
    assert Open(SCHEDULED, overtaken=True) == OVERTAKEN
    for state in (OVERTAKEN, *ENDED):
        assert decided(REOPENED, state) == []


def test_a_survey_accepted_by_the_server_while_it_was_being_cancelled_was_sent() -> None:
    assert decided(DELIVERED, CANCELLED) == [FOLLOW_UP_SENT]
    sent = after(SCHEDULE, HAND_OVER, REOPENED, DELIVERED)
    assert sent == Open(SCHEDULED, overtaken=True)
    [event] = decided(answering(None), sent)
    assert isinstance(event, FollowUpAnswered)
    assert event.ratings_only


def test_one_reminder_while_the_window_is_open() -> None:
    assert decided(REMIND, OPEN) == [
        FollowUpReminded(
            occurred_at=LATER, complaint_id="c1", cycle=1, follow_up_id="c1-1", cause_id="e5"
        )
    ]
    reminded = after(SCHEDULE, HAND_OVER, DELIVERED, REMIND)
    for state in (reminded, QUEUED_STATE, OVERTAKEN, *ENDED):
        assert decided(REMIND, state) == []


def test_no_reminder_once_the_window_is_over() -> None:
    late = Remind(now=LATER, window_ends_at=LATER, cause_id="e5")
    assert decided(late, OPEN) == []


def test_a_reminder_is_remembered_through_a_reopening() -> None:
    state = after(SCHEDULE, HAND_OVER, DELIVERED, REMIND, REOPENED)
    assert state == Open(SCHEDULED, overtaken=True, reminded=True)


def test_satisfied_with_ratings() -> None:
    assert decided(answering(text="  "), OPEN) == [
        FollowUpAnswered(
            occurred_at=LATER,
            complaint_id="c1",
            cycle=1,
            follow_up_id="c1-1",
            result=SurveyResult.SATISFIED,
            speed=5,
            attitude=4,
            outcome=3,
            text=None,
        )
    ]


def test_an_objection_carries_its_text_as_personal_data() -> None:
    [event] = decided(answering(SurveyResult.OBJECTION, " still broken "), OPEN)
    assert isinstance(event, FollowUpAnswered)
    assert event.text == Personal("u1", "still broken")


@pytest.mark.parametrize(
    "answer", [answering(None), answering(SurveyResult.OBJECTION), answering(None, "hm")]
)
def test_an_incomplete_answer_is_refused(answer: Answer) -> None:
    with pytest.raises(Refused, match="validation_failed"):
        decided(answer, OPEN)


def test_ratings_only_after_a_reopening() -> None:
    [event] = decided(answering(None), OVERTAKEN)
    assert isinstance(event, FollowUpAnswered)
    assert event.ratings_only
    [said] = decided(answering(SurveyResult.SATISFIED), OVERTAKEN)
    assert isinstance(said, FollowUpAnswered)
    assert said.result is SurveyResult.SATISFIED


@pytest.mark.parametrize(
    ("state", "ratings_only"),
    [(SCHEDULED_STATE, False), (QUEUED_STATE, False), (CANCELLED, True)],
)
def test_an_answer_proves_that_the_survey_arrived(state: State, ratings_only: bool) -> None:
    sent, answered = decided(answering(), state)
    assert sent == FOLLOW_UP_SENT
    assert isinstance(answered, FollowUpAnswered)
    assert answered.ratings_only is ratings_only


@pytest.mark.parametrize("state", [ANSWERED, LAPSED])
def test_a_survey_that_is_over_takes_no_answer(state: State) -> None:
    with pytest.raises(Refused, match="survey_closed"):
        decided(answering(), state)


def test_nobody_answers_a_survey_that_does_not_exist() -> None:
    with pytest.raises(Refused, match="not_found"):
        decided(answering(), Unscheduled())


def test_an_unanswered_survey_lapses() -> None:
    assert decided(LAPSE, OPEN) == [
        FollowUpLapsed(occurred_at=LATER, complaint_id="c1", cycle=1, follow_up_id="c1-1")
    ]


@pytest.mark.parametrize("state", [SCHEDULED_STATE, QUEUED_STATE, *ENDED])
def test_what_is_not_open_does_not_lapse(state: State) -> None:
    assert decided(LAPSE, state) == []


@pytest.mark.parametrize("command", [HAND_OVER, DELIVERED, REOPENED, CLOSED, LAPSE, REMIND])
def test_nothing_happens_without_a_resolution(command: Command) -> None:
    assert decided(command, Unscheduled()) == []


def test_events_of_other_streams_change_nothing() -> None:
    assert FOLLOW_UP.evolve(OPEN, QUEUED) == OPEN
    assert FOLLOW_UP.evolve(Unscheduled(), FOLLOW_UP_SENT) == Unscheduled()


def test_a_cycle_names_its_follow_up_and_stream() -> None:
    assert stream_of(follow_up_id("c1", 2)) == "followup-c1-2"
