"""How each fact of a complaint changes its row and the counts."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.dashboard.counts import count
from shared.clock import to_ms
from shared.eventlog.ports import Statement
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    RequestLapsed,
)
from shared.events.envelope import Recorded
from shared.events.vocabulary import NOT_OPEN

_FILED: Final = (
    "INSERT INTO dashboard_complaint (complaint_id, merchant_id, channel, category, priority, "
    "status, turn, is_open, cycle, version, filed_at) "
    "VALUES (:complaint_id, :merchant_id, :channel, :category, :priority, "
    ":status, :turn, 1, :cycle, :version, :filed_at) ON CONFLICT DO NOTHING"
)
_STANDS: Final = (
    "UPDATE dashboard_complaint SET status = :status, turn = :turn, is_open = :is_open, "
    "version = :version WHERE complaint_id = :complaint_id"
)
_ACCEPTED: Final = (
    "UPDATE dashboard_complaint SET accepted_at = :at WHERE complaint_id = :complaint_id"
)
_ASSESSED: Final = "UPDATE dashboard_complaint SET band = :band WHERE complaint_id = :complaint_id"
_COUNT_FIRST_ASSIGNMENT: Final = (
    "INSERT INTO dashboard_counter (name, label, count) SELECT 'assigned', '', 1 "
    "WHERE EXISTS (SELECT 1 FROM dashboard_complaint "
    "WHERE complaint_id = :complaint_id AND first_assigned_at IS NULL) "
    "ON CONFLICT (name, label) DO UPDATE SET count = dashboard_counter.count + 1"
)
_ASSIGNED: Final = (
    "UPDATE dashboard_complaint SET specialist_id = :specialist_id, "
    "first_assigned_at = COALESCE(first_assigned_at, :at) WHERE complaint_id = :complaint_id"
)
_UNASSIGNED: Final = (
    "UPDATE dashboard_complaint SET specialist_id = NULL WHERE complaint_id = :complaint_id"
)
_RESOLVED: Final = (
    "UPDATE dashboard_complaint SET resolved_at = :at WHERE complaint_id = :complaint_id"
)
_CLOSED: Final = "UPDATE dashboard_complaint SET closed_at = :at WHERE complaint_id = :complaint_id"
# The former specialist keeps rights until somebody is assigned, but carries no load.
_REOPENED: Final = (
    "UPDATE dashboard_complaint SET cycle = :cycle, specialist_id = NULL, resolved_at = NULL, "
    "closed_at = NULL WHERE complaint_id = :complaint_id"
)

_LAPSED: Final = "INSERT INTO dashboard_lapse (clock_id) VALUES (:clock_id) ON CONFLICT DO NOTHING"


def filed(recorded: Recorded, event: ComplaintFiled) -> list[Statement]:
    """A new row."""
    values = {
        "complaint_id": event.complaint_id,
        "merchant_id": event.merchant_id,
        "channel": event.channel,
        "category": event.category,
        "priority": event.priority,
        "status": event.status,
        "turn": event.turn,
        "cycle": event.cycle,
        "version": recorded.version,
        "filed_at": to_ms(event.occurred_at),
    }
    return [Statement(_FILED, values), count("filed", event.channel)]


def moved(recorded: Recorded, event: ComplaintEvent) -> list[Statement]:
    """Status and turn as they are after any other event; then what is special about it."""
    stands = {
        "complaint_id": event.complaint_id,
        "status": event.status,
        "turn": event.turn,
        "is_open": int(event.status not in NOT_OPEN),
        "version": recorded.version,
    }
    special = _SPECIAL.get(type(event))
    return [Statement(_STANDS, stands), *(special(event) if special else ())]


def _row(sql: str, event: ComplaintEvent, **values: object) -> Statement:
    return Statement(sql, {"complaint_id": event.complaint_id, **values})


def _at(sql: str, event: ComplaintEvent) -> Statement:
    return _row(sql, event, at=to_ms(event.occurred_at))


def _accepted(event: ComplaintAccepted) -> list[Statement]:
    return [_at(_ACCEPTED, event), count("accepted")]


def _assessed(event: ComplaintAssessed) -> list[Statement]:
    return [_row(_ASSESSED, event, band=event.band)]


def _lapsed(event: RequestLapsed) -> list[Statement]:
    return [Statement(_LAPSED, {"clock_id": event.clock_id})]


def _assigned(event: ComplaintAssigned) -> list[Statement]:
    at = to_ms(event.occurred_at)
    return [
        _row(_COUNT_FIRST_ASSIGNMENT, event),
        _row(_ASSIGNED, event, specialist_id=event.specialist_id, at=at),
        count("assignments"),
    ]


def _unassigned(event: ComplaintUnassigned) -> list[Statement]:
    return [_row(_UNASSIGNED, event), count("unassigned", event.reason)]


def _resolved(event: ComplaintResolved) -> list[Statement]:
    return [_at(_RESOLVED, event), count("resolved")]


def _closed(event: ComplaintClosed) -> list[Statement]:
    return [_at(_CLOSED, event), count("closed", event.reason)]


def _reopened(event: ComplaintReopened) -> list[Statement]:
    return [_row(_REOPENED, event, cycle=event.cycle), count("reopened", event.reason)]


def _withdrawn(event: ComplaintWithdrawn) -> list[Statement]:
    return [_at(_CLOSED, event), count("withdrawn")]


_SPECIAL: Final[Mapping[type[ComplaintEvent], Callable[[Any], list[Statement]]]] = {
    ComplaintAccepted: _accepted,
    ComplaintAssessed: _assessed,
    ComplaintAssigned: _assigned,
    ComplaintUnassigned: _unassigned,
    ComplaintResolved: _resolved,
    ComplaintClosed: _closed,
    ComplaintReopened: _reopened,
    ComplaintWithdrawn: _withdrawn,
    RequestLapsed: _lapsed,
}
