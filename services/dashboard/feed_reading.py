"""Reads the copy of events in pages from a place on, for one reader."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.dashboard.audience import Case
from services.dashboard.feed_copy import Place
from shared.auth import Principal
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.vocabulary import Role

PAGE: Final = 100
"""How many events a stream holds in memory at most."""

_ROWS: Final = (
    "SELECT f.id, f.source, f.partition, f.gpos, f.type, f.envelope, f.data, "
    "a.complaint_id, a.consumer_id, a.merchant_id, a.specialist_id, a.team_id "
    "FROM dashboard_feed_event f LEFT JOIN complaint_access a ON a.complaint_id = f.key "
    "WHERE f.source = :source AND f.partition = :partition "
    "AND f.gpos > :after AND f.gpos <= :head "
)
_ORDER: Final = "ORDER BY f.gpos LIMIT :limit"
_FOR_CONSUMER: Final = (
    "AND f.to_consumer = 1 AND (a.complaint_id IS NULL OR a.consumer_id = :caller) "
)
_FOR_MERCHANT: Final = (
    "AND f.to_merchant = 1 AND (a.complaint_id IS NULL OR a.merchant_id = :caller) "
)
_HEADS: Final = Statement(
    "SELECT source, partition, head_gpos, floor_gpos FROM dashboard_feed_head"
)
_LAST: Final = (
    "SELECT source, partition, MIN(gpos) AS first_gpos FROM "
    "(SELECT source, partition, gpos FROM dashboard_feed_event ORDER BY id DESC LIMIT :last) "
    "AS newest GROUP BY source, partition"
)


class NoLongerKept(Exception):
    """Events behind the reader's place have been deleted by retention."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the copy, the complaint it is about, and the place behind it."""

    place: Place
    type: str
    envelope: bytes
    data: bytes
    case: Case | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader may see next. `place` is how far was looked; `more`: there is more at once."""

    entries: tuple[Entry, ...]
    place: Place
    more: bool


async def end_of_feed(log: EventLog, *, last: int = 0) -> Place:
    """The place behind everything copied so far, less the newest `last` events."""
    heads = {(r["source"], r["partition"]): r["head_gpos"] for r in await log.fetch(_HEADS)}
    if last:
        for row in await log.fetch(Statement(_LAST, {"last": last})):
            heads[row["source"], row["partition"]] = row["first_gpos"] - 1
    return Place(heads)


async def oldest_kept(log: EventLog) -> Place:
    """The place before the oldest event that is still kept."""
    rows = await log.fetch(_HEADS)
    return Place({(r["source"], r["partition"]): r["floor_gpos"] for r in rows})


async def page_after(log: EventLog, place: Place, reader: Principal) -> Page:
    """The next events for this reader: complete up to the returned place, in stored order.

    Raises `NoLongerKept`.
    """
    fetched: list[Sequence[Row]] = []
    seen = dict(place.seen)
    more = False
    for head in await log.fetch(_HEADS):
        here = (head["source"], head["partition"])
        if place.of(*here) < head["floor_gpos"]:
            raise NoLongerKept
        if head["head_gpos"] <= place.of(*here):
            continue
        rows = await log.fetch(_query(reader, head, place.of(*here)))
        known = _known(rows, reader)
        fetched.append(rows[:known])
        if known < len(rows):
            seen[here] = rows[known]["gpos"] - 1
        elif known < PAGE:
            seen[here] = head["head_gpos"]
        else:
            seen[here] = rows[-1]["gpos"]
            more = True
    return _merged(fetched, place, Place(seen), more=more)


def _query(reader: Principal, head: Row, after: int) -> Statement:
    values: dict[str, Any] = {
        "source": head["source"],
        "partition": head["partition"],
        "head": head["head_gpos"],
        "after": after,
        "limit": PAGE,
    }
    match reader.role:
        case Role.CONSUMER:
            return Statement(_ROWS + _FOR_CONSUMER + _ORDER, values | {"caller": reader.subject})
        case Role.MERCHANT:
            caller = reader.merchant_id or reader.subject
            return Statement(_ROWS + _FOR_MERCHANT + _ORDER, values | {"caller": caller})
        case Role.SPECIALIST | Role.SUPERVISOR | Role.OPS | Role.SERVICE | Role.SYSTEM:
            return Statement(_ROWS + _ORDER, values)


def _known(rows: Sequence[Row], reader: Principal) -> int:
    """How many rows can be judged: for a party, those before the first of an unknown complaint.

    Topics are not ordered among each other: a clock's event may come before the filing that says
    whose complaint it is. The reader waits there rather than miss it.
    """
    if reader.role not in (Role.CONSUMER, Role.MERCHANT):
        return len(rows)
    for index, row in enumerate(rows):
        if row["complaint_id"] is None:
            return index
    return len(rows)


def _merged(fetched: Sequence[Sequence[Row]], start: Place, looked: Place, *, more: bool) -> Page:
    """At most a page, the partitions merged in stored order; each keeps its own order."""
    entries: list[Entry] = []
    place = start
    merged = heapq.merge(*fetched, key=lambda row: row["id"])
    for row in merged:
        if len(entries) == PAGE:
            # Not everything fits: what was looked at is only what is handed out.
            return Page(tuple(entries), place, more=True)
        place = place.after(row["source"], row["partition"], row["gpos"])
        entries.append(Entry(place, row["type"], row["envelope"], row["data"], _case(row)))
    return Page(tuple(entries), looked, more)


def _case(row: Row) -> Case | None:
    if row["complaint_id"] is None:
        return None
    return Case(
        consumer_id=row["consumer_id"],
        merchant_id=row["merchant_id"],
        specialist_id=row["specialist_id"],
        team_id=row["team_id"],
    )
