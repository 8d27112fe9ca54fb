"""The arithmetic of a clock, written out: every stretch of time, what counted, and the sum."""

from dataclasses import dataclass
from datetime import datetime

from services.sla.domain.case import Case
from services.sla.domain.clock import Clock, standing
from services.sla.domain.timeline import segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Time with one turn. `seconds` of it went by, all of them counted or none."""

    start: datetime
    end: datetime
    turn: str
    counts: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A clock's account up to `until`: the end of the clock, or now.

    `counted_seconds + paused_seconds` is the whole time from start to `until`. `remaining_seconds`
    is what is left of the target, negative past it.
    """

    until: datetime
    target_seconds: int
    stretches: tuple[Stretch, ...]
    counted_seconds: float
    paused_seconds: float
    remaining_seconds: float
    due_at: datetime | None


def ledger(case: Case, clock: Clock, now: datetime) -> Ledger:
    """The account of a clock of this case."""
    until = clock.end.at if clock.end is not None else max(now, clock.started_at)
    stretches = tuple(
        Stretch(
            start=segment.start,
            end=segment.end,
            turn=segment.turn,
            counts=segment.counts,
            seconds=(segment.end - segment.start).total_seconds(),
        )
        for segment in segments(case.turns, clock.counted_turns, clock.counts_from, until)
        if segment.end is not None
    )
    counted = sum(stretch.seconds for stretch in stretches if stretch.counts)
    now_standing = standing(clock, case.turns)
    target_seconds = now_standing.target.seconds
    return Ledger(
        until=until,
        target_seconds=target_seconds,
        stretches=stretches,
        counted_seconds=counted,
        paused_seconds=sum(stretch.seconds for stretch in stretches if not stretch.counts),
        remaining_seconds=target_seconds - counted,
        due_at=clock.end.due_at if clock.end is not None else now_standing.due_at,
    )
