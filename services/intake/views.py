"""The list of complaints: one row each, kept by the append that changes it."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from services.intake.domain.evolve import QUIET
from services.intake.erasure_views import ErasedSubject, EvidenceFile, project_erasure
from services.intake.facets import facet, mask
from services.intake.playbook_views import PlaybookUse, project_playbook_use
from services.intake.search_views import INDEX, SearchText, project_text
from services.intake.text_views import ComplaintText, text_statements
from services.intake.violation_views import ViolationRow, project_violation
from shared.clock import to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.casework import ComplaintReclassified
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
    ContactMade,
    MerchantAnswered,
)
from shared.events.envelope import Event, Fact
from shared.events.merging import ComplaintUnmerged
from shared.events.violations import ViolationEvent

LANES: Final = (
    "consumer_id",
    "specialist_id",
    "merchant_id",
    "team_id",
    "status",
    "turn",
    "category",
    "channel",
    "priority",
    "band",
)
"""Columns by whose value the list can be walked without meeting others."""


def _listed(name: str, *first: str) -> Index:
    columns = (*first, "filed_at", "complaint_id", "facet")
    return Index(f"ix_complaint_list_{name}", *columns)


class ComplaintRow(SQLModel, table=True):
    """One complaint in a list. Times are milliseconds since 1970; `version` is the ETag's.

    `facet` says again what lists are narrowed by (`facets`). Every index ends with the order of the
    list and with it: so a list is found and narrowed in the index, and only its page is looked up.
    """

    __tablename__ = "complaint_list"
    __table_args__ = (
        _listed("filed"),
        *(_listed(column, column) for column in LANES),
    )

    complaint_id: str = Field(primary_key=True)
    status: str
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
    band: str | None = None
    consumer_id: str
    merchant_id: str
    specialist_id: str | None = None
    team_id: str | None = None
    facet: int


class ComplaintOrder(SQLModel, table=True):
    """Which complaints are about an order."""

    __tablename__ = "complaint_order"

    order_id: str = Field(primary_key=True)
    complaint_id: str = Field(primary_key=True)


VIEWS: Final[tuple[type[SQLModel], ...]] = (
    ComplaintRow,
    ComplaintOrder,
    ComplaintText,
    ViolationRow,
    PlaybookUse,
    SearchText,
    EvidenceFile,
    ErasedSubject,
)
"""What the projection alone writes, and makes again byte for byte."""

TABLES: Final[tuple[type[SQLModel], ...]] = (*VIEWS, *INDEX)

_FILED: Final = (
    "INSERT INTO complaint_list (complaint_id, status, turn, channel, category, priority, "
    "consumer_id, merchant_id, cycle, version, facet, filed_at, accepted_at) VALUES "
    "(:complaint_id, :status, :turn, :channel, :category, :priority, :consumer_id, :merchant_id, "
    ":cycle, :version, :facet, :filed_at, :accepted_at)"
)
_ORDER: Final = (
    "INSERT INTO complaint_order (order_id, complaint_id) VALUES (:order_id, :complaint_id) "
    "ON CONFLICT DO NOTHING"
)
_MOVED: Final = (
    "UPDATE complaint_list SET status = :status, turn = :turn, version = :version, "
    f"facet = (facet & ~{mask('status', 'turn')}) | :facet"
)
_RECLASSIFIED: Final = (
    "UPDATE complaint_list SET category = :category, "
    f"facet = (facet & ~{mask('category')}) | :facet WHERE complaint_id = :complaint_id"
)
_ASSESSED: Final = (
    "UPDATE complaint_list SET band = :band, "
    f"facet = (facet & ~{mask('band')}) | :facet WHERE complaint_id = :complaint_id"
)
_WHERE: Final = " WHERE complaint_id = :complaint_id"


def project(facts: Sequence[Fact[Event]]) -> Iterator[Statement]:
    """How facts change the lists and what complaints are found by."""
    told: ComplaintAccepted | None = None
    for fact, following in zip_longest(facts, facts[1:]):
        event, version = fact.event, fact.recorded.version
        if isinstance(event, ComplaintFiled):
            told = _accepted_at_once(event, following)
            standing = _standing(event, version) if told is None else _standing(told, version + 1)
            yield from _filing_statements(event, standing, told)
        elif isinstance(event, ViolationEvent):
            yield from project_violation(event, version)
        elif isinstance(event, ComplaintEvent) and event is not told:
            yield from _list_statements(event, version)
            yield from _order_statements(event)
            yield from project_playbook_use(event)
        yield from project_erasure(fact)


def _accepted_at_once(
    filed: ComplaintFiled, following: Fact[Event] | None
) -> ComplaintAccepted | None:
    """The acceptance that follows a filing: the row is written once, as it is after both.

    The list has an index for each way to walk it, and each of them would be written twice.
    """
    event = None if following is None else following.event
    if isinstance(event, ComplaintAccepted) and event.complaint_id == filed.complaint_id:
        return event
    return None


def _filing_statements(
    event: ComplaintFiled, standing: dict[str, Any], accepted: ComplaintAccepted | None
) -> Iterator[Statement]:
    at = None if accepted is None else to_ms(accepted.occurred_at)
    yield _filed(event, standing | {"accepted_at": at})
    yield from _order_statements(event)
    yield from text_statements(event)
    yield from project_text(event)


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
        return [_told(_RECLASSIFIED, event, "category", event.category)]
    if isinstance(event, ComplaintAssessed):
        return [_told(_ASSESSED, event, "band", event.band)]
    if isinstance(event, QUIET) or (isinstance(event, MerchantAnswered) and event.late):
        return []
    values = _standing(event, version)
    if isinstance(event, ContactMade | ComplaintUnmerged):
        return [Statement(f"{_MOVED}{_WHERE} AND status <> :status", values, event.complaint_id)]
    changes = f"{_MOVED}{_dates(event, values)}{_owner(event, values)}"
    return [Statement(f"{changes}{_WHERE}", values, event.complaint_id)]


def _standing(event: ComplaintEvent, version: int) -> dict[str, Any]:
    return {
        "complaint_id": event.complaint_id,
        "status": event.status.value,
        "turn": event.turn.value,
        "version": version,
        "facet": facet(status=event.status, turn=event.turn),
    }


def _told(sql: str, event: ComplaintEvent, name: str, word: StrEnum) -> Statement:
    values = {"complaint_id": event.complaint_id, name: word.value, "facet": facet(**{name: word})}
    return Statement(sql, values, event.complaint_id)


def _filed(event: ComplaintFiled, values: dict[str, Any]) -> Statement:
    values["channel"] = event.channel.value
    values["category"] = event.category.value
    values["priority"] = event.priority.value
    values["consumer_id"] = event.consumer_id
    values["merchant_id"] = event.merchant_id
    values["cycle"] = event.cycle
    values["filed_at"] = to_ms(event.occurred_at)
    values["facet"] |= facet(
        category=event.category, channel=event.channel, priority=event.priority
    )
    return Statement(_FILED, values, event.complaint_id)


def _owner(event: ComplaintEvent, values: dict[str, Any]) -> str:
    """Who has it from this event on; puts its values in."""
    if isinstance(event, ComplaintAssigned):
        values["specialist_id"], values["team_id"] = event.specialist_id, event.team_id
        return ", specialist_id = :specialist_id, team_id = :team_id"
    if isinstance(event, ComplaintUnassigned):
        return ", specialist_id = NULL, team_id = NULL"
    return ""


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


_SAME_ORDERS: Final = (
    # In this order: from the few that share an order, whatever an index of the list promises.
    "WITH alike AS MATERIALIZED (SELECT DISTINCT complaint_id FROM complaint_order "
    "WHERE order_id IN ({orders}) AND complaint_id <> :complaint_id) "
    "SELECT o.complaint_id, l.status, l.filed_at "
    "FROM alike o CROSS JOIN complaint_list l WHERE l.complaint_id = o.complaint_id "
    "AND l.consumer_id = :consumer_id AND l.merchant_id = :merchant_id "
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
