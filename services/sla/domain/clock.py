"""One clock: what it promised, and what the turns known so far make of it.

Whether a target was missed is a question about event time alone, so everything here is computed
from facts; what has already been published about the clock is remembered beside it, so that the
difference can be published.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID, uuid5

from services.sla.domain.timeline import CountedTurns, Turns, counted, reach
from shared.events.clocks import ClockBreached, ClockEvent, ClockWarned
from shared.events.vocabulary import ClockKind, Party

_NAMESPACE: Final = UUID("0b6f6d1c-5e5b-5d0a-8a46-1f3f7d0f9c52")


def clock_id(complaint_id: str, cycle: int, kind: ClockKind, n: int) -> str:
    """The id of a clock follows from its identity: the same clock has the same id always."""
    return str(uuid5(_NAMESPACE, "\n".join((complaint_id, str(cycle), kind, str(n)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """From `at` on, `seconds` of counted time are allowed; `text` says it as the policy does.

    `since`: count from here instead of from the clock's start (a duplicate's earlier acceptance).
    """

    at: datetime
    text: str
    seconds: int
    rule_id: str
    since: datetime | None = None


class Ending(StrEnum):
    """How a clock ended. `lapsed`: the wait was given up after the breach."""

    MET = "met"
    LATE = "late"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a clock, with its deadline and its counted time as they were then."""

    how: Ending
    at: datetime
    due_at: datetime | None
    counted_seconds: int
    reason: str | None = None


class ClockState(StrEnum):
    """How a clock stands. A clock that was breached stays so, also when it has ended."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of a complaint.

    `targets` holds the first target and every one set later, in the order they became known.
    `paused`, `warned`, `breached_at` and `end` are what has been published: `breached_at` is the
    deadline that was missed, None once the breach was withdrawn.
    """

    id: str
    cycle: int
    kind: ClockKind
    n: int
    party: Party
    policy_version: str
    counted_turns: CountedTurns
    warn_percents: tuple[int, ...]
    started_at: datetime
    cause_id: str
    targets: tuple[Target, ...]
    paused: bool = False
    warned: tuple[int, ...] = ()
    breached_at: datetime | None = None
    end: End | None = None

    @property
    def counts_from(self) -> datetime:
        """When its time began to count: its start, or an earlier one that it was anchored to."""
        return self.targets[-1].since or self.started_at

    @property
    def state(self) -> ClockState:
        """How the clock stands, as published."""
        if self.breached_at is not None:
            return ClockState.BREACHED
        if self.end is None:
            return ClockState.PAUSED if self.paused else ClockState.RUNNING
        return ClockState.MET if self.end.how is Ending.MET else ClockState.CANCELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The target in force and the deadline it leads to; None while time does not count."""

    target: Target
    due_at: datetime | None


def standing(clock: Clock, turns: Turns) -> Standing:
    """Where the clock stands by the facts, whatever has been published.

    A target set after the deadline had gone by changes nothing, and no target puts a deadline
    before the moment at which it was set.
    """
    target = clock.targets[0]
    due_at = _reach(clock, turns, target, 100)
    for later in clock.targets[1:]:
        if due_at is not None and due_at < later.at:
            break
        target = later
        due_at = _not_before(_reach(clock, turns, later, 100), later.at)
    return Standing(target=target, due_at=due_at)


def counted_seconds(clock: Clock, turns: Turns, until: datetime) -> int:
    """Whole seconds that have counted from the start until then."""
    return int(_counted(clock, turns, until).total_seconds())


def warning_instant(
    clock: Clock, turns: Turns, target: Target, share_percent: int
) -> datetime | None:
    """When this share of the target has been used up; None while time does not count."""
    return _not_before(_reach(clock, turns, target, share_percent), target.at)


def warning_instants(clock: Clock, turns: Turns, now: Standing) -> tuple[datetime, ...]:
    """The instants of all warnings, in the order of `warn_percents`; none while paused."""
    if now.due_at is None:
        return ()
    instants = (warning_instant(clock, turns, now.target, p) for p in clock.warn_percents)
    return tuple(instant for instant in instants if instant is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Something a clock has to say at `at`: a share of its target, or (None) its breach."""

    at: datetime
    share_percent: int | None


def next_firing(clock: Clock, turns: Turns) -> Firing | None:
    """The earliest thing not said yet. A breached or ended clock has nothing more to say.

    A warning that falls on the deadline or after it is never given.
    """
    if clock.end is not None or clock.breached_at is not None:
        return None
    now = standing(clock, turns)
    for percent in clock.warn_percents:
        if percent in clock.warned:
            continue
        at = warning_instant(clock, turns, now.target, percent)
        if at is not None and (now.due_at is None or at < now.due_at):
            return Firing(at=at, share_percent=percent)
    return None if now.due_at is None else Firing(at=now.due_at, share_percent=None)


class ClockIdentity(TypedDict):
    """The fields that every event of a clock carries."""

    complaint_id: str
    cycle: int
    clock_id: str
    kind: ClockKind
    n: int
    party: Party


def identity(complaint_id: str, clock: Clock) -> ClockIdentity:
    """Those fields for this clock."""
    return {
        "complaint_id": complaint_id,
        "cycle": clock.cycle,
        "clock_id": clock.id,
        "kind": clock.kind,
        "n": clock.n,
        "party": clock.party,
    }


def fired(
    who: ClockIdentity, clock: Clock, turns: Turns, firing: Firing, responsible_id: str | None
) -> tuple[Clock, ClockEvent]:
    """The clock after saying it, and the event that says it, dated to when it became true.

    A warning names the deadline as it was at its own instant, also if it is given later.
    """
    if firing.share_percent is None:
        breach = ClockBreached(
            **who, occurred_at=firing.at, responsible_id=responsible_id, due_at=firing.at
        )
        return replace(clock, breached_at=firing.at, paused=False), breach
    target = standing(clock, turns).target
    left = timedelta(seconds=target.seconds) - _counted(clock, turns, firing.at)
    warning = ClockWarned(
        **who,
        occurred_at=firing.at,
        share_percent=firing.share_percent,
        due_at=firing.at + left,
        responsible_id=responsible_id,
    )
    return replace(clock, warned=(*clock.warned, firing.share_percent)), warning


def _reach(clock: Clock, turns: Turns, target: Target, percent: int) -> datetime | None:
    amount = timedelta(milliseconds=target.seconds * percent * 10)
    return reach(turns, clock.counted_turns, target.since or clock.started_at, amount)


def _counted(clock: Clock, turns: Turns, until: datetime) -> timedelta:
    return counted(turns, clock.counted_turns, clock.counts_from, until)


def _not_before(instant: datetime | None, floor: datetime) -> datetime | None:
    return None if instant is None else max(instant, floor)
