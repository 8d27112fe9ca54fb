"""Events that notify keeps to itself: queueing, failed attempts, follow-ups, who was forgotten."""

from dataclasses import dataclass
from datetime import datetime

from shared.events.envelope import Event
from shared.events.followups import FollowupsEvent
from shared.events.personal import Personal
from shared.events.registry import event
from shared.events.vocabulary import NotificationChannel, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationEvent(FollowupsEvent):
    """What the private events of a notification carry."""

    notification_id: str


@event("notification.queued", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationQueued(NotificationEvent):
    """Something is to be said. `template` is `name@version`; the text is what will be sent.

    `text_sha256` is the digest of subject, an empty line and text, in UTF-8.
    """

    cause_id: str
    recipient_role: Role
    recipient_id: str
    channel: NotificationChannel
    template: str
    language: str
    subject: Personal
    text: Personal
    text_sha256: str


@event("notification.attempt_failed", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationAttemptFailed(NotificationEvent):
    """Attempt number `attempt` (from 1) failed; the next is due at `retry_at`, in real time."""

    attempt: int
    reason: str
    retry_at: datetime


@event("notification.redriven", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRedriven(NotificationEvent):
    """Somebody asked for a dead letter to be tried again, from the first attempt on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpEvent(Event):
    """What the private events of a follow-up carry. `cycle` is the cycle it asks about."""

    complaint_id: str
    cycle: int
    follow_up_id: str


@event("follow_up.scheduled", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpScheduled(FollowUpEvent):
    """A survey will be sent at `due_at`; its link is good until `expires_at` (business time)."""

    consumer_id: str
    language: str
    due_at: datetime
    expires_at: datetime
    cause_id: str


@event("follow_up.queued", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpQueued(FollowUpEvent):
    """The survey was handed to notification `notification_id`."""

    notification_id: str


@event("follow_up.cancelled", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpCancelled(FollowUpEvent):
    """The survey was still unsent when it lost its purpose: `reopened`, `closed`,
    `withdrawn`, or `erased` if the consumer was.
    """

    reason: str


@event("follow_up.overtaken", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpOvertaken(FollowUpEvent):
    """The complaint was reopened after the survey was sent: from now on it takes ratings only."""


@event("follow_up.reminded", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpReminded(FollowUpEvent):
    """The one reminder was handed over."""

    cause_id: str


@event("subject.forgotten", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectForgotten(Event):
    """A person was erased, as intake recorded at `erased_at`: notify let go of them.

    Its own key of their texts is destroyed in the commit that records this. `subject_id` is the
    opaque id of the person.
    """

    subject_id: str
    erased_at: datetime
