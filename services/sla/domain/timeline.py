"""How much of the time between two instants counts, given whose turn it was.

Every amount of time in the rules of this service goes through this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.events.vocabulary import Turn

ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnChange:
    """From `at` on the turn is `turn`, until the next change."""

    at: datetime
    turn: Turn


Turns = tuple[TurnChange, ...]
"""The turns of a complaint since it was filed, in order; instants never decrease."""

CountedTurns = tuple[Turn, ...] | None
"""The turns in which a clock's time counts; None: it counts always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch with one turn, `start` included; an `end` of None lies in the future."""

    start: datetime
    end: datetime | None
    turn: Turn
    counts: bool


def with_turn(turns: Turns, at: datetime, turn: Turn) -> Turns:
    """The turns after one more fact. A change takes effect no earlier than the one before it."""
    if turns[-1].turn is turn:
        return turns
    return (*turns, TurnChange(at=max(at, turns[-1].at), turn=turn))


def segments(
    turns: Turns, counted_turns: CountedTurns, start: datetime, end: datetime | None = None
) -> Iterator[Segment]:
    """The time from `start` to `end`, cut where the turn changed. `turns` must not be empty."""
    for index, change in enumerate(turns):
        following = turns[index + 1].at if index + 1 < len(turns) else None
        if following is not None and following <= start:
            continue
        first = start if index == 0 else max(start, change.at)
        last = _earlier(following, end)
        if last is not None and last <= first:
            continue
        yield Segment(
            start=first,
            end=last,
            turn=change.turn,
            counts=counted_turns is None or change.turn in counted_turns,
        )


def counted(
    turns: Turns, counted_turns: CountedTurns, start: datetime, until: datetime
) -> timedelta:
    """The counted time from `start` to `until`; nothing if `until` is not after `start`."""
    if counted_turns is None:
        return max(until - start, ZERO)
    total = ZERO
    for segment in segments(turns, counted_turns, start, until):
        if segment.counts and segment.end is not None:
            total += segment.end - segment.start
    return total


def reach(
    turns: Turns, counted_turns: CountedTurns, start: datetime, amount: timedelta
) -> datetime | None:
    """The last instant at which no more than `amount` has been counted.

    None if time has stopped counting before that, as far as the turns are known.
    """
    if counted_turns is None:
        return start + amount
    left = amount
    for segment in segments(turns, counted_turns, start):
        if not segment.counts:
            continue
        if segment.end is None or segment.end - segment.start > left:
            return segment.start + left
        left -= segment.end - segment.start
    return None


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
