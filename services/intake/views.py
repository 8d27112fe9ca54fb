"""The list of complaints: one row each, kept by the append that changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Field, SQLModel

from services.intake.domain.evolve import QUIET
from shared.access import ComplaintAccess, access_condition, access_statements
from shared.auth import Principal
from shared.clock import to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.casework import ComplaintReclassified
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
    ContactMade,
    MerchantAnswered,
)
from shared.events.envelope import Event, Fact
from shared.events.merging import ComplaintUnmerged


class ComplaintRow(SQLModel, table=True):
    """One complaint in a list. Times are milliseconds since 1970; `version` is the ETag's.

    Who it belongs to is in `complaint_access`.
    """

    __tablename__ = "complaint_list"

    complaint_id: str = Field(primary_key=True)
    status: str = Field(index=True)
    turn: str
    channel: str
    category: str
    priority: str
    cycle: int
    version: int
    filed_at: int
    accepted_at: int | None = None
    resolved_at: int | None = None
    closed_at: int | None = None


class ComplaintOrder(SQLModel, table=True):
    """Which complaints are about an order."""

    __tablename__ = "complaint_order"

    order_id: str = Field(primary_key=True)
    complaint_id: str = Field(primary_key=True)


TABLES: Final[tuple[type[SQLModel], ...]] = (ComplaintRow, ComplaintOrder, ComplaintAccess)

_FILED: Final = (
    "INSERT INTO complaint_list (complaint_id, status, turn, channel, category, priority, "
    "cycle, version, filed_at) VALUES (:complaint_id, :status, :turn, :channel, :category, "
    ":priority, :cycle, :version, :filed_at)"
)
_ORDER: Final = (
    "INSERT INTO complaint_order (order_id, complaint_id) VALUES (:order_id, :complaint_id) "
    "ON CONFLICT DO NOTHING"
)
_MOVED: Final = "UPDATE complaint_list SET status = :status, turn = :turn, version = :version"
_RECLASSIFIED: Final = (
    "UPDATE complaint_list SET category = :category WHERE complaint_id = :complaint_id"
)
_WHERE: Final = " WHERE complaint_id = :complaint_id"


def project(fact: Fact[Event]) -> list[Statement]:
    """How a fact of a complaint changes list and ownership."""
    event = fact.event
    if not isinstance(event, ComplaintEvent):
        return []
    return [
        *_list_statements(event, fact.recorded.version),
        *_order_statements(event),
        *access_statements(fact),
    ]


def _order_statements(event: ComplaintEvent) -> list[Statement]:
    """An order it once was about stays known: a duplicate may be filed under either."""
    if not isinstance(event, ComplaintFiled | ComplaintReclassified):
        return []
    return [
        Statement(
            _ORDER, {"order_id": order, "complaint_id": event.complaint_id}, event.complaint_id
        )
        for order in dict.fromkeys(event.order_ids)
    ]


def _list_statements(event: ComplaintEvent, version: int) -> list[Statement]:
    if isinstance(event, ComplaintReclassified):
        values: dict[str, Any] = {"complaint_id": event.complaint_id, "category": event.category}
        return [Statement(_RECLASSIFIED, values, event.complaint_id)]
    if isinstance(event, QUIET) or (isinstance(event, MerchantAnswered) and event.late):
        return []
    values = {
        "complaint_id": event.complaint_id,
        "status": event.status.value,
        "turn": event.turn.value,
        "version": version,
    }
    if isinstance(event, ComplaintFiled):
        return [_filed(event, values)]
    if isinstance(event, ContactMade | ComplaintUnmerged):
        return [Statement(f"{_MOVED}{_WHERE} AND status <> :status", values, event.complaint_id)]
    return [Statement(f"{_MOVED}{_dates(event, values)}{_WHERE}", values, event.complaint_id)]


def _filed(event: ComplaintFiled, values: dict[str, Any]) -> Statement:
    values["channel"] = event.channel.value
    values["category"] = event.category.value
    values["priority"] = event.priority.value
    values["cycle"] = event.cycle
    values["filed_at"] = to_ms(event.occurred_at)
    return Statement(_FILED, values, event.complaint_id)


def _dates(event: ComplaintEvent, values: dict[str, Any]) -> str:
    """What else an event sets; puts its values in."""
    if isinstance(event, ComplaintReopened):
        values["cycle"] = event.cycle
        return ", cycle = :cycle, resolved_at = NULL, closed_at = NULL"
    values["at"] = to_ms(event.occurred_at)
    if isinstance(event, ComplaintAccepted):
        return ", accepted_at = :at"
    if isinstance(event, ComplaintResolved):
        return ", resolved_at = :at"
    if isinstance(event, ComplaintClosed | ComplaintWithdrawn):
        return ", closed_at = :at"
    del values["at"]
    return ""


FILTERS: Final = {
    "status": "l.status",
    "turn": "l.turn",
    "category": "l.category",
    "channel": "l.channel",
    "merchant_id": "a.merchant_id",
    "consumer_id": "a.consumer_id",
    "specialist_id": "a.specialist_id",
}
"""What a list may be narrowed by, and the column that holds it."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows, newest first, and the id to go on after if there are more."""

    rows: Sequence[Row]
    next_id: str | None


async def list_complaints(
    log: EventLog,
    caller: Principal,
    filters: dict[str, str],
    *,
    after_id: str | None,
    limit: int,
) -> ListPage:
    """The complaints the caller may see, newest first (ids grow with time), narrowed by filters."""
    condition, values = access_condition(caller)
    where = [condition, *(f"{FILTERS[name]} = :f_{name}" for name in filters)]
    values.update({f"f_{name}": value for name, value in filters.items()})
    if after_id is not None:
        where.append("l.complaint_id < :after_id")
        values["after_id"] = after_id
    values["limit"] = limit + 1
    rows = await log.fetch(
        Statement(
            "SELECT l.*, a.consumer_id, a.merchant_id, a.specialist_id, a.team_id "
            "FROM complaint_list l JOIN complaint_access a ON a.complaint_id = l.complaint_id "
            f"WHERE {' AND '.join(where)} ORDER BY l.complaint_id DESC LIMIT :limit",
            values,
        )
    )
    if len(rows) <= limit:
        return ListPage(rows, None)
    return ListPage(rows[:limit], str(rows[limit - 1]["complaint_id"]))


_SAME_ORDERS: Final = (
    "SELECT DISTINCT o.complaint_id, l.status, l.filed_at "
    "FROM complaint_order o JOIN complaint_access a ON a.complaint_id = o.complaint_id "
    "JOIN complaint_list l ON l.complaint_id = o.complaint_id "
    "WHERE o.order_id IN ({orders}) AND a.consumer_id = :consumer_id "
    "AND a.merchant_id = :merchant_id AND o.complaint_id <> :complaint_id "
    "ORDER BY o.complaint_id LIMIT :limit"
)


async def same_matter(log: EventLog, filed: ComplaintFiled, *, limit: int) -> Sequence[Row]:
    """Other complaints of the same consumer about the same merchant and an order in common.

    Oldest first, at most `limit`: complaint_id, status, filed_at in milliseconds since 1970.
    """
    names = [f"order_{number}" for number in range(len(filed.order_ids))]
    values: dict[str, object] = dict(zip(names, filed.order_ids, strict=True))
    sql = _SAME_ORDERS.format(orders=", ".join(f":{name}" for name in names))
    values |= {
        "consumer_id": filed.consumer_id,
        "merchant_id": filed.merchant_id,
        "complaint_id": filed.complaint_id,
        "limit": limit,
    }
    return await log.fetch(Statement(sql, values))
