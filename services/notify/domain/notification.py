"""One notification, from queueing to its end: sent, dead or suppressed. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notify.domain.events import (
    NotificationAttemptFailed,
    NotificationQueued,
    NotificationRedriven,
)
from services.notify.domain.retry import RetryPolicy
from shared.decider import Decider, Refused
from shared.events.envelope import Event
from shared.events.followups import NotificationFailed, NotificationSent


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Say something. A notification that was queued before stays as it is."""

    queued: NotificationQueued


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSent:
    """The channel accepted it, at `now`."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFailure:
    """An attempt failed at `now` (business) and `real_now`. `permanent`: no retry will help."""

    now: datetime
    real_now: datetime
    reason: str
    permanent: bool
    policy: RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppress:
    """It need not be said any more, for this reason."""

    now: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """Try a dead letter again, with a full set of attempts."""

    now: datetime


Command = Queue | ConfirmSent | RecordFailure | Suppress | Redrive


@dataclass(frozen=True, slots=True)
class Unknown:
    """Never queued."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """To be sent. `attempts` have failed so far."""

    queued: NotificationQueued
    attempts: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Accepted by its channel."""

    queued: NotificationQueued


@dataclass(frozen=True, slots=True)
class Dead:
    """Given up; can be redriven."""

    queued: NotificationQueued
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Not to be sent any more."""

    queued: NotificationQueued
    reason: str


State = Unknown | Waiting | Sent | Dead | Suppressed


def decide(command: Command, state: State) -> list[Event]:
    """Say what happens next. Raises `Refused` `not_found` for what was never queued."""
    if isinstance(command, Queue):
        return [command.queued] if isinstance(state, Unknown) else []
    if isinstance(state, Unknown):
        raise Refused("not_found", "There is no such notification.")
    match command:
        case ConfirmSent():
            return _confirm(command, state)
        case RecordFailure():
            return _fail(command, state)
        case Suppress():
            return _suppress(command, state)
        case Redrive():
            return _redrive(command, state)


def _confirm(command: ConfirmSent, state: Waiting | Sent | Dead | Suppressed) -> list[Event]:
    match state:
        case Sent():
            return []
        # A channel that accepted is a fact, also if we gave up or lost interest while it did.
        case Waiting() | Dead() | Suppressed():
            return [_sent(state.queued, command.now)]


def _fail(command: RecordFailure, state: Waiting | Sent | Dead | Suppressed) -> list[Event]:
    match state:
        case Waiting():
            return [_failure(command, state)]
        case Sent() | Dead() | Suppressed():
            return []


def _failure(command: RecordFailure, state: Waiting) -> Event:
    queued, attempt = state.queued, state.attempts + 1
    if command.permanent or command.policy.exhausted(attempt):
        return _failed(queued, command.now, attempt, command.reason, suppressed=False)
    return NotificationAttemptFailed(
        occurred_at=command.now,
        complaint_id=queued.complaint_id,
        cycle=queued.cycle,
        notification_id=queued.notification_id,
        attempt=attempt,
        reason=command.reason,
        retry_at=command.real_now + command.policy.pause(queued.notification_id, attempt),
    )


def _suppress(command: Suppress, state: Waiting | Sent | Dead | Suppressed) -> list[Event]:
    match state:
        case Waiting():
            reason, attempts = command.reason, state.attempts
            return [_failed(state.queued, command.now, attempts, reason, suppressed=True)]
        case Sent() | Dead() | Suppressed():
            return []


def _redrive(command: Redrive, state: Waiting | Sent | Dead | Suppressed) -> list[Event]:
    match state:
        case Dead():
            queued = state.queued
            return [
                NotificationRedriven(
                    occurred_at=command.now,
                    complaint_id=queued.complaint_id,
                    cycle=queued.cycle,
                    notification_id=queued.notification_id,
                )
            ]
        case Waiting() | Sent() | Suppressed():
            return []


def _sent(queued: NotificationQueued, now: datetime) -> NotificationSent:
    return NotificationSent(
        occurred_at=now,
        complaint_id=queued.complaint_id,
        cycle=queued.cycle,
        notification_id=queued.notification_id,
        cause_id=queued.cause_id,
        recipient_role=queued.recipient_role,
        channel=queued.channel,
        template=queued.template,
        text_sha256=queued.text_sha256,
    )


def _failed(
    queued: NotificationQueued, now: datetime, attempts: int, reason: str, *, suppressed: bool
) -> NotificationFailed:
    return NotificationFailed(
        occurred_at=now,
        complaint_id=queued.complaint_id,
        cycle=queued.cycle,
        notification_id=queued.notification_id,
        cause_id=queued.cause_id,
        recipient_role=queued.recipient_role,
        channel=queued.channel,
        template=queued.template,
        attempts=attempts,
        reason=reason,
        suppressed=suppressed,
    )


Change = NotificationAttemptFailed | NotificationRedriven | NotificationSent | NotificationFailed


def evolve(state: State, event: Event) -> State:
    """What is true after an event of a notification's stream."""
    if isinstance(event, NotificationQueued):
        return Waiting(event)
    if isinstance(state, Unknown) or not isinstance(event, Change):
        return state
    match event:
        case NotificationAttemptFailed():
            return Waiting(state.queued, event.attempt, event.retry_at)
        case NotificationRedriven():
            return Waiting(state.queued)
        case NotificationSent():
            return Sent(state.queued)
        case NotificationFailed():
            if event.suppressed:
                return Suppressed(state.queued, event.reason)
            return Dead(state.queued, event.attempts, event.reason)


NOTIFICATION: Final[Decider[Command, State]] = Decider(
    initial=Unknown(), decide=decide, evolve=evolve
)


def stream_of(notification_id: str) -> str:
    """The stream of a notification."""
    return f"notification-{notification_id}"
