"""How each fact of a clock changes its row."""

from datetime import datetime
from typing import Final

from services.dashboard.counts import count
from shared.clock import to_ms
from shared.eventlog.ports import Statement
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ClockWarned,
)
from shared.events.envelope import Recorded

_STARTED: Final = (
    "INSERT INTO dashboard_clock (clock_id, complaint_id, cycle, kind, n, party, state, target, "
    "responsible_id, started_at, due_at, warned_percent, withdrawn) "
    "VALUES (:clock_id, :complaint_id, :cycle, :kind, :n, :party, 'running', :target, "
    ":responsible_id, :started_at, :due_at, 0, 0) "
    # A clock that was cancelled with a merge, and is owed again.
    "ON CONFLICT (clock_id) DO UPDATE SET state = 'running', due_at = excluded.due_at, "
    "ended = NULL, ended_at = NULL WHERE dashboard_clock.ended = 'cancelled'"
)
_PAUSED: Final = (
    "UPDATE dashboard_clock SET state = 'paused' WHERE clock_id = :clock_id AND state = 'running'"
)
_RESUMED: Final = (
    "UPDATE dashboard_clock SET due_at = :due_at, "
    "state = CASE WHEN state = 'paused' THEN 'running' ELSE state END WHERE clock_id = :clock_id"
)
_WARNED: Final = (
    "UPDATE dashboard_clock SET warned_percent = :share "
    "WHERE clock_id = :clock_id AND warned_percent < :share"
)
_BREACHED: Final = (
    "UPDATE dashboard_clock SET state = 'breached', breached_at = :at, withdrawn = 0, "
    "responsible_id = :responsible_id WHERE clock_id = :clock_id"
)
_MET: Final = (
    "UPDATE dashboard_clock SET state = 'met', ended = 'met', ended_at = :at "
    "WHERE clock_id = :clock_id"
)
_MET_LATE: Final = (
    "UPDATE dashboard_clock SET state = 'breached', breached_at = COALESCE(breached_at, due_at), "
    "ended = 'met', ended_at = :at WHERE clock_id = :clock_id"
)
_CANCELLED: Final = (
    "UPDATE dashboard_clock SET ended = 'cancelled', ended_at = :at, "
    "state = CASE WHEN state = 'breached' THEN state ELSE 'cancelled' END "
    "WHERE clock_id = :clock_id"
)
_CORRECTED: Final = (
    "UPDATE dashboard_clock SET due_at = :due_at, target = :target WHERE clock_id = :clock_id"
)
_WITHDRAWN: Final = (
    "UPDATE dashboard_clock SET withdrawn = 1, "
    "state = CASE WHEN state = 'breached' THEN COALESCE(ended, 'running') ELSE state END "
    "WHERE clock_id = :clock_id"
)


def started(_: Recorded, event: ClockStarted) -> list[Statement]:
    """A new row."""
    values = {
        "clock_id": event.clock_id,
        "complaint_id": event.complaint_id,
        "cycle": event.cycle,
        "kind": event.kind,
        "n": event.n,
        "party": event.party,
        "target": event.target,
        "responsible_id": event.responsible_id,
        "started_at": to_ms(event.started_at),
        "due_at": _ms(event.due_at),
    }
    return [Statement(_STARTED, values)]


def paused(_: Recorded, event: ClockPaused) -> list[Statement]:
    """Time does not count."""
    return [_row(_PAUSED, event)]


def resumed(_: Recorded, event: ClockResumed) -> list[Statement]:
    """Time counts again, to a later deadline."""
    return [_row(_RESUMED, event, due_at=_ms(event.due_at))]


def warned(_: Recorded, event: ClockWarned) -> list[Statement]:
    """Part of the time is gone."""
    return [_row(_WARNED, event, share=event.share_percent), count("warnings", event.kind)]


def breached(_: Recorded, event: ClockBreached) -> list[Statement]:
    """The target was missed, at its due time."""
    at = to_ms(event.due_at)
    return [_row(_BREACHED, event, at=at, responsible_id=event.responsible_id)]


def stopped(_: Recorded, event: ClockStopped) -> list[Statement]:
    """What was owed took place: in time, or late."""
    return [_row(_MET if event.in_time else _MET_LATE, event, at=to_ms(event.stopped_at))]


def cancelled(_: Recorded, event: ClockCancelled) -> list[Statement]:
    """Nothing is owed any more; a breach before stays one."""
    return [_row(_CANCELLED, event, at=to_ms(event.occurred_at))]


def corrected(_: Recorded, event: ClockCorrected) -> list[Statement]:
    """Other arithmetic; where it withdraws a breach, the clock is what it would have been."""
    changed = _row(_CORRECTED, event, due_at=_ms(event.due_at), target=event.target)
    return [changed, _row(_WITHDRAWN, event)] if event.breach_withdrawn else [changed]


def _row(sql: str, event: ClockEvent, **values: object) -> Statement:
    return Statement(sql, {"clock_id": event.clock_id, **values})


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)
