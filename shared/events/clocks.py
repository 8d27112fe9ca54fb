"""Events of sla, in topic `amends.clocks` (key: complaint).

No deadline is computed anywhere else. A clock's identity is (complaint, cycle, kind, n).
"""

from dataclasses import dataclass
from datetime import datetime

from shared.events.envelope import Event
from shared.events.registry import CLOCKS, EVERYONE, event
from shared.events.vocabulary import ClockKind, CorrectionReason, Party, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent(Event):
    """What every event of a clock carries."""

    complaint_id: str
    cycle: int
    clock_id: str
    kind: ClockKind
    n: int
    party: Party


@event("clock.started", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStarted(ClockEvent):
    """A party's time began to run. `cause_id` is the complaint event that started it.

    `target` is the policy's own words, for example `24h` or `7cd`. `due_at` is None only with a
    `due_reason`. `warn_at` are the instants of the warnings, in the order of `warn_percents`.
    """

    responsible_id: str | None
    policy_version: str
    calendar_version: str | None
    target: str
    started_at: datetime
    due_at: datetime | None
    due_reason: str | None
    warn_at: tuple[datetime, ...]
    warn_percents: tuple[int, ...]
    cause_id: str


@event("clock.paused", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused(ClockEvent):
    """Time stopped counting because the turn went to `turn`."""

    at: datetime
    turn: Turn
    counted_seconds: int


@event("clock.resumed", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed(ClockEvent):
    """Time counts again."""

    at: datetime
    turn: Turn
    due_at: datetime | None
    warn_at: tuple[datetime, ...]


@event("clock.warned", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWarned(ClockEvent):
    """A share of the target has gone by. Each share once."""

    share_percent: int
    due_at: datetime
    responsible_id: str | None


@event("clock.breached", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBreached(ClockEvent):
    """The target was missed. `responsible_id` is whoever held the party's part at `due_at`."""

    responsible_id: str | None
    due_at: datetime


@event("clock.stopped", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStopped(ClockEvent):
    """What the clock waited for took place, at `stopped_at`."""

    stopped_at: datetime
    in_time: bool
    counted_seconds: int


@event("clock.cancelled", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCancelled(ClockEvent):
    """What the clock waited for is no longer owed."""

    reason: str


@event("clock.corrected", topic=CLOCKS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCorrected(ClockEvent):
    """The arithmetic was put right. A withdrawn breach stays in the log, marked by this."""

    cause_id: str
    reason: CorrectionReason
    target: str
    due_at: datetime | None
    warn_at: tuple[datetime, ...]
    breach_withdrawn: bool
