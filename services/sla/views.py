"""What sla shows of its clocks: rows kept by its own events, and the questions asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.sla.domain.clock import ClockState
from services.sla.domain.policies import WINDOWS
from shared.access import access_condition
from shared.auth import Principal
from shared.clock import from_ms, rfc3339, to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ClockWarned,
)
from shared.events.envelope import Event, Fact
from shared.events.vocabulary import ClockKind
from shared.http import decode_cursor, encode_cursor, page

_START: Final = (
    "INSERT INTO clock (clock_id, complaint_id, cycle, kind, n, party, state, responsible_id, "
    "policy_version, target, started_at, due_at) VALUES (:clock_id, :complaint_id, :cycle, :kind, "
    ":n, :party, 'running', :responsible_id, :policy_version, :target, :started_at, :due_at) "
    # A clock that was cancelled with a merge, and is owed again.
    "ON CONFLICT (clock_id) DO UPDATE SET state = 'running', due_at = excluded.due_at, "
    "responsible_id = excluded.responsible_id, cancelled_at = NULL, cancel_reason = NULL"
)
_PAUSE: Final = "UPDATE clock SET state = 'paused', due_at = NULL WHERE clock_id = :clock_id"
_RESUME: Final = "UPDATE clock SET state = 'running', due_at = :due_at WHERE clock_id = :clock_id"
_WARN: Final = "UPDATE clock SET warned_percent = :percent WHERE clock_id = :clock_id"
_BREACH: Final = (
    "UPDATE clock SET state = 'breached', breached_at = :at, due_at = :at, "
    "responsible_id = :responsible_id WHERE clock_id = :clock_id"
)
_NOTE_BREACH: Final = (
    "INSERT INTO breach (id, clock_id, breached_at, responsible_id) "
    "VALUES (:id, :clock_id, :at, :responsible_id)"
)
_STOP: Final = (
    "UPDATE clock SET state = :state, stopped_at = :stopped_at, in_time = :in_time, "
    "counted_seconds = :counted_seconds WHERE clock_id = :clock_id"
)
_CANCEL: Final = (
    "UPDATE clock SET state = CASE state WHEN 'breached' THEN state ELSE 'cancelled' END, "
    "cancelled_at = :at, cancel_reason = :reason WHERE clock_id = :clock_id"
)
_CORRECT: Final = (
    "UPDATE clock SET due_at = :due_at, target = :target, "
    "breached_at = CASE WHEN breached_at IS NULL THEN NULL ELSE CAST(:due_at AS BIGINT) END "
    "WHERE clock_id = :clock_id"
)
_CORRECT_BREACH: Final = (
    "UPDATE breach SET breached_at = :due_at WHERE clock_id = :clock_id AND withdrawn_at IS NULL"
)
_WITHDRAW: Final = (
    "UPDATE clock SET due_at = :due_at, target = :target, breached_at = NULL, state = CASE "
    "WHEN state <> 'breached' THEN state WHEN cancelled_at IS NOT NULL THEN 'cancelled' "
    "WHEN CAST(:due_at AS BIGINT) IS NULL THEN 'paused' ELSE 'running' END "
    "WHERE clock_id = :clock_id"
)
_WITHDRAW_BREACH: Final = (
    "UPDATE breach SET withdrawn_at = :at WHERE clock_id = :clock_id AND withdrawn_at IS NULL"
)


OfClock = (
    ClockStarted
    | ClockPaused
    | ClockResumed
    | ClockWarned
    | ClockBreached
    | ClockStopped
    | ClockCancelled
    | ClockCorrected
)


def project(fact: Fact[Event]) -> list[Statement]:
    """How an event of a clock changes the rows."""
    event = fact.event
    if not isinstance(event, OfClock):
        return []
    match event:
        case ClockStarted():
            return [_started(event)]
        case ClockPaused() | ClockResumed():
            return [_turned(event)]
        case ClockWarned():
            warned = {"clock_id": event.clock_id, "percent": event.share_percent}
            return [Statement(_WARN, warned)]
        case ClockBreached():
            return _breached(event, fact.recorded.id)
        case ClockStopped() | ClockCancelled():
            return [_ended(event)]
        case ClockCorrected():
            return _corrected(event)


def _started(event: ClockStarted) -> Statement:
    return Statement(
        _START,
        {
            "clock_id": event.clock_id,
            "complaint_id": event.complaint_id,
            "cycle": event.cycle,
            "kind": event.kind,
            "n": event.n,
            "party": event.party,
            "responsible_id": event.responsible_id,
            "policy_version": event.policy_version,
            "target": event.target,
            "started_at": to_ms(event.started_at),
            "due_at": _ms(event.due_at),
        },
    )


def _turned(event: ClockPaused | ClockResumed) -> Statement:
    if isinstance(event, ClockPaused):
        return Statement(_PAUSE, {"clock_id": event.clock_id})
    return Statement(_RESUME, {"clock_id": event.clock_id, "due_at": _ms(event.due_at)})


def _breached(event: ClockBreached, event_id: str) -> list[Statement]:
    values = {
        "clock_id": event.clock_id,
        "at": to_ms(event.due_at),
        "responsible_id": event.responsible_id,
    }
    return [Statement(_BREACH, values), Statement(_NOTE_BREACH, {**values, "id": event_id})]


def _ended(event: ClockStopped | ClockCancelled) -> Statement:
    if isinstance(event, ClockCancelled):
        cancelled = {
            "clock_id": event.clock_id,
            "at": to_ms(event.occurred_at),
            "reason": event.reason,
        }
        return Statement(_CANCEL, cancelled)
    stopped = {
        "clock_id": event.clock_id,
        "state": ClockState.MET if event.in_time else ClockState.BREACHED,
        "stopped_at": to_ms(event.stopped_at),
        "in_time": int(event.in_time),
        "counted_seconds": event.counted_seconds,
    }
    return Statement(_STOP, stopped)


def _corrected(event: ClockCorrected) -> list[Statement]:
    values = {
        "clock_id": event.clock_id,
        "due_at": _ms(event.due_at),
        "target": event.target,
    }
    if event.breach_withdrawn:
        withdrawal = {"clock_id": event.clock_id, "at": to_ms(event.occurred_at)}
        return [Statement(_WITHDRAW, values), Statement(_WITHDRAW_BREACH, withdrawal)]
    if event.due_at is None:
        return [Statement(_CORRECT, values)]
    breach = {"clock_id": event.clock_id, "due_at": _ms(event.due_at)}
    return [Statement(_CORRECT, values), Statement(_CORRECT_BREACH, breach)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFilter:
    """Which clocks are asked for; None asks nothing."""

    complaint_id: str | None = None
    state: ClockState | None = None
    kind: ClockKind | None = None
    due_before: datetime | None = None

    def conditions(self) -> tuple[list[str], dict[str, object]]:
        """The same as SQL, and its values."""
        named = {
            "complaint_id": ("c.complaint_id = :complaint_id", self.complaint_id),
            "state": ("c.state = :state", self.state),
            "kind": ("c.kind = :kind", self.kind),
            "due_before": ("c.due_at < :due_before", _ms(self.due_before)),
        }
        asked = {name: pair for name, pair in named.items() if pair[1] is not None}
        return [sql for sql, _ in asked.values()], {n: value for n, (_, value) in asked.items()}


_CLOCKS: Final = "SELECT c.*, {order} AS order_at, c.clock_id AS order_id FROM clock c"
_BREACHES: Final = (
    "SELECT c.*, b.breached_at AS missed_at, b.responsible_id AS missed_by, b.withdrawn_at, "
    "b.breached_at AS order_at, b.id AS order_id "
    "FROM breach b JOIN clock c ON c.clock_id = b.clock_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is asked for, and by whom. `cursor` None: its beginning."""

    caller: Principal
    limit: int
    cursor: str | None


async def list_clocks(log: EventLog, asked: ClockFilter, wanted: Page) -> dict[str, Any]:
    """The clocks a caller may see: the earliest deadline first if asked by it, else by start."""
    order = "c.started_at" if asked.due_before is None else "c.due_at"
    conditions, values = asked.conditions()
    select = _CLOCKS.format(order=order)
    rows, following = await _rows(log, (select, order, "c.clock_id"), (conditions, values), wanted)
    return page([clock_json(row) for row in rows], following)


async def list_breaches(
    log: EventLog, asked: ClockFilter, wanted: Page, *, withdrawn: bool
) -> dict[str, Any]:
    """The breaches a caller may see, by the deadline missed. Windows are no promises: left out."""
    conditions, values = asked.conditions()
    windows = ", ".join(f"'{kind}'" for kind in sorted(WINDOWS))
    conditions.append(f"c.kind NOT IN ({windows})")
    if not withdrawn:
        conditions.append("b.withdrawn_at IS NULL")
    source = (_BREACHES, "b.breached_at", "b.id")
    rows, following = await _rows(log, source, (conditions, values), wanted)
    return page([_breach_json(row) for row in rows], following)


async def find_clock(log: EventLog, clock_id: str) -> Row | None:
    """One clock's row."""
    rows = await log.fetch(
        Statement("SELECT * FROM clock WHERE clock_id = :clock_id", {"clock_id": clock_id})
    )
    return rows[0] if rows else None


def clock_json(row: Row) -> dict[str, Any]:
    """A clock as the API shows it."""
    return {
        "id": row["clock_id"],
        "complaint_id": row["complaint_id"],
        "cycle": row["cycle"],
        "kind": row["kind"],
        "n": row["n"],
        "party": row["party"],
        "state": row["state"],
        "responsible_id": row["responsible_id"],
        "policy_version": row["policy_version"],
        "target": row["target"],
        "started_at": _text(row["started_at"]),
        "due_at": _text(row["due_at"]),
        "warned_percent": row["warned_percent"],
        "breached_at": _text(row["breached_at"]),
        "stopped_at": _text(row["stopped_at"]),
        "in_time": None if row["in_time"] is None else bool(row["in_time"]),
        "counted_seconds": row["counted_seconds"],
        "cancelled_at": _text(row["cancelled_at"]),
        "cancel_reason": row["cancel_reason"],
    }


def _breach_json(row: Row) -> dict[str, Any]:
    return {
        **clock_json(row),
        "breached_at": _text(row["missed_at"]),
        "responsible_id": row["missed_by"],
        "withdrawn": row["withdrawn_at"] is not None,
        "withdrawn_at": _text(row["withdrawn_at"]),
    }


async def _rows(
    log: EventLog,
    source: tuple[str, str, str],
    asked: tuple[list[str], dict[str, object]],
    wanted: Page,
) -> tuple[Sequence[Row], str | None]:
    """The rows of one page of (selection, ordering column, id column); the cursor of the next."""
    select, order, identity = source
    own, who = access_condition(wanted.caller)
    conditions, values = [own, *asked[0]], {**asked[1], **who, "limit": wanted.limit + 1}
    if wanted.cursor is not None:
        conditions.append(
            f"({order} > :after_at OR ({order} = :after_at AND {identity} > :after_id))"
        )
        values.update(_after(wanted.cursor))
    sql = (
        f"{select} JOIN complaint_access a ON a.complaint_id = c.complaint_id "
        f"WHERE {' AND '.join(conditions)} ORDER BY {order}, {identity} LIMIT :limit"
    )
    rows = await log.fetch(Statement(sql, values))
    if len(rows) <= wanted.limit:
        return rows, None
    kept = rows[: wanted.limit]
    return kept, encode_cursor({"at": kept[-1]["order_at"], "id": kept[-1]["order_id"]})


def _after(cursor: str) -> dict[str, object]:
    position = decode_cursor(cursor, at=int, id=str)
    return {"after_at": position["at"], "after_id": position["id"]}


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)


def _text(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else rfc3339(from_ms(milliseconds))
