"""The words of a follow-up: what may be asked of it, and the states it can be in."""

from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.events import FollowUpScheduled
from shared.events.vocabulary import SurveyResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Ask how it went. A second resolution in the same cycle schedules nothing more."""

    scheduled: FollowUpScheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The survey goes out as this notification."""

    now: datetime
    notification_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDelivery:
    """The survey's channel accepted it."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """The complaint was `closed` or `withdrawn`: a survey still unsent has lost its purpose."""

    now: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtake:
    """The complaint was reopened: the cycle this survey asks about is over."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Half of the window has gone by; it ends at `window_ends_at`."""

    now: datetime
    window_ends_at: datetime
    cause_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the consumer says. `result` may be missing where only ratings are taken."""

    now: datetime
    result: SurveyResult | None
    speed: int | None
    attitude: int | None
    outcome: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """The window is over."""

    now: datetime


Command = Schedule | HandOver | ConfirmDelivery | Cancel | Overtake | Remind | Answer | Lapse


@dataclass(frozen=True, slots=True)
class Unscheduled:
    """Nothing was resolved in this cycle."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Scheduled; `notification_id` once it was handed over."""

    plan: FollowUpScheduled
    notification_id: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Sent and unanswered. `overtaken`: takes ratings only."""

    plan: FollowUpScheduled
    overtaken: bool = False
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Lost its purpose while unsent."""

    plan: FollowUpScheduled
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Over: the consumer answered."""

    plan: FollowUpScheduled


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Over: nobody answered in time."""

    plan: FollowUpScheduled


Planned = Unsent | Open | Cancelled | Answered | Lapsed
State = Unscheduled | Planned
