"""A notification is sent, dies or is suppressed; and a channel's acceptance is always believed."""

from datetime import timedelta

import pytest

from services.notify.domain.events import NotificationAttemptFailed, NotificationRedriven
from services.notify.domain.notification import (
    NOTIFICATION,
    Command,
    ConfirmSent,
    Dead,
    Queue,
    RecordFailure,
    Redrive,
    Sent,
    State,
    Suppress,
    Suppressed,
    Unknown,
    Waiting,
    stream_of,
)
from shared.decider import Refused
from shared.events.envelope import Event
from shared.events.followups import FollowUpSent, NotificationFailed, NotificationSent
from tests.unit.notify.examples import NOW, POLICY, QUEUED

LATER = NOW + timedelta(minutes=5)
SENT = ConfirmSent(now=LATER)
SUPPRESS = Suppress(now=LATER, reason="stale")
REDRIVE = Redrive(now=LATER)


def failing(*, permanent: bool = False) -> RecordFailure:
    """An attempt failed."""
    return RecordFailure(
        now=LATER, real_now=LATER, reason="smtp_451", permanent=permanent, policy=POLICY
    )


def after(*commands: Command) -> State:
    """The state these commands lead to."""
    state: State = Unknown()
    for command in commands:
        state = NOTIFICATION.fold(NOTIFICATION.decide(command, state), state)
    return state


QUEUE = Queue(queued=QUEUED)
WAITING = after(QUEUE)
SENT_STATE = after(QUEUE, SENT)
DEAD = after(QUEUE, failing(permanent=True))
SUPPRESSED = after(QUEUE, SUPPRESS)


def decided(command: Command, state: State) -> list[Event]:
    """What is recorded."""
    return NOTIFICATION.decide(command, state)


def test_what_is_said_for_the_first_time_is_queued() -> None:
    assert decided(QUEUE, Unknown()) == [QUEUED]


@pytest.mark.parametrize("state", [WAITING, SENT_STATE, DEAD, SUPPRESSED])
def test_what_was_queued_before_is_not_queued_again(state: State) -> None:
    assert decided(QUEUE, state) == []


@pytest.mark.parametrize("command", [SENT, SUPPRESS, REDRIVE, failing()])
def test_nothing_can_happen_to_what_was_never_queued(command: Command) -> None:
    with pytest.raises(Refused, match="not_found"):
        decided(command, Unknown())


@pytest.mark.parametrize("state", [WAITING, DEAD, SUPPRESSED])
def test_an_acceptance_by_the_channel_is_recorded_whatever_we_had_decided(state: State) -> None:
    assert decided(SENT, state) == [
        NotificationSent(
            occurred_at=LATER,
            complaint_id="c1",
            cycle=1,
            notification_id="n1",
            cause_id="e1",
            recipient_role=QUEUED.recipient_role,
            channel=QUEUED.channel,
            template="accepted@1",
            text_sha256=QUEUED.text_sha256,
        )
    ]


def test_a_second_acceptance_records_nothing() -> None:
    assert decided(SENT, SENT_STATE) == []


def test_a_failed_attempt_is_tried_again_later() -> None:
    [event] = decided(failing(), WAITING)
    assert isinstance(event, NotificationAttemptFailed)
    assert (event.attempt, event.reason) == (1, "smtp_451")
    assert timedelta(seconds=8) <= event.retry_at - LATER <= timedelta(seconds=12)
    assert after(QUEUE, failing()) == Waiting(QUEUED, 1, event.retry_at)


def test_the_last_attempt_makes_a_dead_letter() -> None:
    [event] = decided(failing(), after(QUEUE, failing(), failing()))
    assert isinstance(event, NotificationFailed)
    assert (event.attempts, event.suppressed) == (3, False)


def test_a_permanent_failure_makes_a_dead_letter_at_once() -> None:
    [event] = decided(failing(permanent=True), WAITING)
    assert isinstance(event, NotificationFailed)
    assert (event.attempts, event.reason) == (1, "smtp_451")
    assert Dead(QUEUED, 1, "smtp_451") == DEAD


@pytest.mark.parametrize("state", [SENT_STATE, DEAD, SUPPRESSED])
def test_a_failure_after_the_end_records_nothing(state: State) -> None:
    assert decided(failing(), state) == []


def test_what_waits_can_be_suppressed_with_a_reason() -> None:
    [event] = decided(SUPPRESS, after(QUEUE, failing()))
    assert isinstance(event, NotificationFailed)
    assert (event.suppressed, event.reason, event.attempts) == (True, "stale", 1)
    assert Suppressed(QUEUED, "stale") == SUPPRESSED


@pytest.mark.parametrize("state", [SENT_STATE, DEAD, SUPPRESSED])
def test_what_no_longer_waits_is_not_suppressed(state: State) -> None:
    assert decided(SUPPRESS, state) == []


def test_a_dead_letter_can_be_redriven_with_all_its_attempts() -> None:
    assert decided(REDRIVE, DEAD) == [
        NotificationRedriven(occurred_at=LATER, complaint_id="c1", cycle=1, notification_id="n1")
    ]
    assert after(QUEUE, failing(permanent=True), REDRIVE) == Waiting(QUEUED)


@pytest.mark.parametrize("state", [WAITING, SENT_STATE, SUPPRESSED])
def test_only_dead_letters_are_redriven(state: State) -> None:
    assert decided(REDRIVE, state) == []


def test_events_of_other_streams_change_nothing() -> None:
    strange = FollowUpSent(occurred_at=NOW, complaint_id="c1", cycle=1, follow_up_id="c1-1")
    assert NOTIFICATION.evolve(WAITING, strange) == WAITING
    assert NOTIFICATION.evolve(Unknown(), strange) == Unknown()
    assert Sent(QUEUED) == SENT_STATE


def test_a_notification_has_its_own_stream() -> None:
    assert stream_of("n1") == "notification-n1"
