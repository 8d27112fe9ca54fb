"""How long a complaint has lived, and how much of that was whose turn: folded from events alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.events.complaints import ComplaintEvent
from shared.events.vocabulary import NOT_OPEN, Status, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """From the filing to the last event that ended it (None: it is open).

    Since `since` it has been `turn`'s; `spent` is the time of the turns before that.
    """

    filed_at: datetime
    status: Status
    turn: Turn
    since: datetime
    ended_at: datetime | None = None
    spent: tuple[tuple[Turn, timedelta], ...] = ()


def begun(filed: ComplaintEvent) -> Life:
    """The life that a filing begins."""
    at = filed.occurred_at
    return Life(filed_at=at, status=filed.status, turn=filed.turn, since=at)


def lived(life: Life, event: ComplaintEvent) -> Life:
    """The life after one more event.

    A change of turn takes effect no earlier than the change before it. Time in `nobody` is a share
    of its own: between an end and a reopening, or between resolved and closed.
    """
    if event.status is life.status and event.turn is life.turn:
        return life
    at = max(event.occurred_at, life.ended_at or life.since)
    ended_at = None
    if event.status in NOT_OPEN:
        ended_at = at
    if event.turn is life.turn:
        return replace(life, status=event.status, ended_at=ended_at)
    spent = dict(life.spent)
    spent[life.turn] = spent.get(life.turn, timedelta()) + (at - life.since)
    return replace(
        life,
        status=event.status,
        turn=event.turn,
        since=at,
        ended_at=ended_at,
        spent=tuple(spent.items()),
    )


def shares(life: Life, now: datetime) -> Mapping[Turn, timedelta]:
    """The time of each turn so far; together they are the whole life, to the end or to now."""
    until = life.ended_at or max(now, life.since)
    found = dict(life.spent)
    found[life.turn] = found.get(life.turn, timedelta()) + (until - life.since)
    return found
