"""Events of notify, in topic `amends.followups` (key: complaint)."""

from dataclasses import dataclass

from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.registry import FOLLOWUPS, event
from shared.events.vocabulary import NotificationChannel, Role, SurveyResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowupsEvent(Event):
    """What every event of notify carries. `cycle` is that of the cause."""

    complaint_id: str
    cycle: int


@event("notification.sent", topic=FOLLOWUPS)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(FollowupsEvent):
    """A notification was accepted by its channel. `template` is `name@version`."""

    notification_id: str
    cause_id: str
    recipient_role: Role
    channel: NotificationChannel
    template: str
    text_sha256: str


@event("notification.failed", topic=FOLLOWUPS)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(FollowupsEvent):
    """A notification will not be sent: given up after `attempts`, or suppressed with a reason."""

    notification_id: str
    cause_id: str
    recipient_role: Role
    channel: NotificationChannel
    template: str
    attempts: int
    reason: str
    suppressed: bool


@event("follow_up.sent", topic=FOLLOWUPS)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpSent(FollowupsEvent):
    """The survey of `cycle` was sent."""

    follow_up_id: str


@event("follow_up.answered", topic=FOLLOWUPS)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpAnswered(FollowupsEvent):
    """The consumer answered the survey. Ratings are 1 to 5, None if not given.

    `ratings_only` if the complaint had been reopened before: then the result decides nothing.
    """

    follow_up_id: str
    result: SurveyResult
    speed: int | None
    attitude: int | None
    outcome: int | None
    text: Personal | None
    ratings_only: bool = False


@event("follow_up.lapsed", topic=FOLLOWUPS)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLapsed(FollowupsEvent):
    """Nobody answered the survey within its window."""

    follow_up_id: str
