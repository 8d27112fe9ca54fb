"""Notify's read tables: notifications (and with them the inbox), follow-ups, who was forgotten.

Once a person was erased, no row says any more that a notification was theirs, so that it is in
nobody's inbox. The rows stay: ops see by them that a complaint's parties were told, when and by
what template, and count what failed. So do follow-ups, whose ratings are counted and name nobody.
"""

from functools import singledispatch
from typing import Final

from sqlmodel import Field, SQLModel

from services.notify.domain.events import (
    FollowUpCancelled,
    FollowUpOvertaken,
    FollowUpQueued,
    FollowUpReminded,
    FollowUpScheduled,
    NotificationAttemptFailed,
    NotificationQueued,
    NotificationRedriven,
    SubjectForgotten,
)
from shared.clock import to_ms
from shared.eventlog.ports import Statement
from shared.events.envelope import Event, Fact
from shared.events.followups import (
    FollowUpAnswered,
    FollowUpLapsed,
    FollowUpSent,
    NotificationFailed,
    NotificationSent,
)
from shared.events.personal import UNREADABLE


class NotificationRow(SQLModel, table=True):
    """One notification. Times in milliseconds of business time; no personal data.

    `recipient_id` is the placeholder if the recipient was erased after it was queued.
    """

    __tablename__ = "notifications"

    notification_id: str = Field(primary_key=True)
    complaint_id: str = Field(index=True)
    cycle: int
    cause_id: str
    recipient_role: str
    recipient_id: str = Field(index=True)
    channel: str
    template: str
    language: str
    text_sha256: str
    state: str
    attempts: int = 0
    reason: str | None = None
    queued_at: int
    ended_at: int | None = None


class FollowUpRow(SQLModel, table=True):
    """One follow-up. Times in milliseconds of business time; no personal data."""

    __tablename__ = "follow_ups"

    follow_up_id: str = Field(primary_key=True)
    complaint_id: str = Field(index=True)
    cycle: int
    state: str
    reason: str | None = None
    due_at: int
    sent_at: int | None = None
    reminded: bool = False
    ended_at: int | None = None
    result: str | None = None
    speed: int | None = None
    attitude: int | None = None
    outcome: int | None = None
    ratings_only: bool = False


class ForgottenRow(SQLModel, table=True):
    """An erased person, by the opaque id. `forgotten_at` in milliseconds of business time.

    A rebuild reads one shard after the other, so that the erasure may come before what it covers.
    """

    __tablename__ = "forgotten_subjects"

    subject_id: str = Field(primary_key=True)
    forgotten_at: int


TABLES: Final[tuple[type[SQLModel], ...]] = (NotificationRow, FollowUpRow, ForgottenRow)

_FORGOTTEN: Final = (
    "INSERT INTO forgotten_subjects (subject_id, forgotten_at) VALUES (:subject_id, :at) "
    "ON CONFLICT (subject_id) DO UPDATE SET forgotten_at = excluded.forgotten_at"
)
_TAKEN_BACK: Final = (
    "UPDATE notifications SET recipient_id = :nobody "
    "WHERE recipient_id = :subject_id AND queued_at <= :at"
)
_TAKEN_BACK_BEFORE: Final = (
    "UPDATE notifications SET recipient_id = :nobody WHERE notification_id = :row_id "
    "AND EXISTS (SELECT 1 FROM forgotten_subjects f "
    "WHERE f.subject_id = notifications.recipient_id "
    "AND f.forgotten_at >= notifications.queued_at)"
)


def project(fact: Fact[Event]) -> list[Statement]:
    """How one of notify's own events changes the tables."""
    event = fact.event
    if isinstance(event, SubjectForgotten):
        return _forget(event)
    if isinstance(event, NotificationQueued):
        mark = {"nobody": UNREADABLE, "row_id": event.notification_id}
        return [_change(event), Statement(_TAKEN_BACK_BEFORE, mark)]
    return [_change(event)]


def _forget(event: SubjectForgotten) -> list[Statement]:
    values = {"subject_id": event.subject_id, "at": to_ms(event.occurred_at)}
    return [
        Statement(_FORGOTTEN, values),
        Statement(_TAKEN_BACK, {**values, "nobody": UNREADABLE}),
    ]


def _set_notification(notification_id: str, **values: object) -> Statement:
    return _set("notifications", "notification_id", notification_id, values)


def _set_follow_up(follow_up_id: str, **values: object) -> Statement:
    return _set("follow_ups", "follow_up_id", follow_up_id, values)


def _set(table: str, key: str, row_id: str, values: dict[str, object]) -> Statement:
    changes = ", ".join(f"{name} = :{name}" for name in values)
    return Statement(
        f"UPDATE {table} SET {changes} WHERE {key} = :row_id", {**values, "row_id": row_id}
    )


def _insert(table: str, values: dict[str, object]) -> Statement:
    names, slots = ", ".join(values), ", ".join(f":{name}" for name in values)
    return Statement(f"INSERT INTO {table} ({names}) VALUES ({slots})", values)


@singledispatch
def _change(event: Event) -> Statement:
    raise TypeError(f"notify does not record {type(event).__name__}")


@_change.register
def _(event: NotificationQueued) -> Statement:
    return _insert(
        "notifications",
        {
            "notification_id": event.notification_id,
            "complaint_id": event.complaint_id,
            "cycle": event.cycle,
            "cause_id": event.cause_id,
            "recipient_role": str(event.recipient_role),
            "recipient_id": event.recipient_id,
            "channel": str(event.channel),
            "template": event.template,
            "language": event.language,
            "text_sha256": event.text_sha256,
            "state": "queued",
            "attempts": 0,
            "queued_at": to_ms(event.occurred_at),
        },
    )


@_change.register
def _(event: NotificationAttemptFailed) -> Statement:
    return _set_notification(event.notification_id, attempts=event.attempt, reason=event.reason)


@_change.register
def _(event: NotificationRedriven) -> Statement:
    return _set_notification(
        event.notification_id, state="queued", attempts=0, reason=None, ended_at=None
    )


@_change.register
def _(event: NotificationSent) -> Statement:
    return _set_notification(
        event.notification_id, state="sent", reason=None, ended_at=to_ms(event.occurred_at)
    )


@_change.register
def _(event: NotificationFailed) -> Statement:
    return _set_notification(
        event.notification_id,
        state="suppressed" if event.suppressed else "dead",
        attempts=event.attempts,
        reason=event.reason,
        ended_at=to_ms(event.occurred_at),
    )


@_change.register
def _(event: FollowUpScheduled) -> Statement:
    return _insert(
        "follow_ups",
        {
            "follow_up_id": event.follow_up_id,
            "complaint_id": event.complaint_id,
            "cycle": event.cycle,
            "state": "scheduled",
            "due_at": to_ms(event.due_at),
            "reminded": False,
            "ratings_only": False,
        },
    )


@_change.register
def _(event: FollowUpQueued) -> Statement:
    return _set_follow_up(event.follow_up_id, state="queued")


@_change.register
def _(event: FollowUpSent) -> Statement:
    return _set_follow_up(event.follow_up_id, state="sent", sent_at=to_ms(event.occurred_at))


@_change.register
def _(event: FollowUpCancelled) -> Statement:
    return _set_follow_up(
        event.follow_up_id,
        state="cancelled",
        reason=event.reason,
        ended_at=to_ms(event.occurred_at),
    )


@_change.register
def _(event: FollowUpOvertaken) -> Statement:
    return _set_follow_up(event.follow_up_id, reason="reopened")


@_change.register
def _(event: FollowUpReminded) -> Statement:
    return _set_follow_up(event.follow_up_id, reminded=True)


@_change.register
def _(event: FollowUpAnswered) -> Statement:
    return _set_follow_up(
        event.follow_up_id,
        state="answered",
        ended_at=to_ms(event.occurred_at),
        result=str(event.result),
        speed=event.speed,
        attitude=event.attitude,
        outcome=event.outcome,
        ratings_only=event.ratings_only,
    )


@_change.register
def _(event: FollowUpLapsed) -> Statement:
    return _set_follow_up(event.follow_up_id, state="lapsed", ended_at=to_ms(event.occurred_at))
