"""The list of complaints: newest first, narrowed, a page at a time, in bounded time.

Every filter has an index in the order of the list. A list is walked along each of them at once, in
windows that grow: whichever first fills the page, or comes to its end, answers. Where filters
hardly meet, none does before the largest window: then the page is short, and its cursor goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.intake.facets import FIELDS, OPEN
from services.intake.views import LANES
from shared.access import own_columns
from shared.auth import Principal
from shared.eventlog.ports import EventLog, Row, Statement

_WINDOWS: Final = (512, 4_096, 24_576)
"""Entries of an index that are walked at most, round by round, where it tells all filters."""

_WINDOWS_OF_ROWS: Final = (512, 2_048)
"""The same where each row has to be looked up to tell."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the list: the filing's time in milliseconds since 1970, and the complaint."""

    filed_at: int
    complaint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is asked for. `equal`: column → value; times in milliseconds since 1970.

    `facet_mask`, `facet_bits`: what the facet has to be, as far as the mask goes.
    """

    equal: dict[str, str]
    facet_mask: int = 0
    facet_bits: int = 0
    order_id: str | None = None
    filed_from: int | None = None
    filed_before: int | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows, newest first, and the place to go on after if there may be more."""

    rows: Sequence[Row]
    next: Place | None


def wanted(filters: dict[str, str], *, is_open: bool | None = None, **more: Any) -> Wanted:
    """Filters by name as what the list is asked for; names of `FIELDS` narrow by the facet too."""
    facet_mask = facet_bits = 0
    for name, value in filters.items():
        if name in FIELDS:
            facet_mask |= FIELDS[name].mask
            facet_bits |= FIELDS[name].bits(value)
    if is_open is not None:
        facet_mask |= OPEN
        facet_bits |= OPEN if is_open else 0
    return Wanted(equal=filters, facet_mask=facet_mask, facet_bits=facet_bits, **more)


async def list_complaints(
    log: EventLog, caller: Principal, asked: Wanted, *, after: Place | None, limit: int
) -> ListPage:
    """The complaints the caller may see, newest first."""
    own = own_columns(caller)
    if own is None:
        return ListPage([], None)
    walk = _Walk(log, asked, own, after, limit)
    found = await walk.page()
    rows = await _rows(log, [place.complaint_id for place in found.places])
    return ListPage(rows, found.next)


@dataclass(frozen=True, slots=True)
class _Found:
    """Places that fit, newest first, and where their walk stopped; None: at the end."""

    places: list[Place]
    next: Place | None


class _Walk:
    """One page of one list."""

    def __init__(
        self,
        log: EventLog,
        asked: Wanted,
        own: dict[str, tuple[str | None, ...]],
        after: Place | None,
        limit: int,
    ) -> None:
        self._log = log
        self._asked = asked
        self._after = after
        self._limit = limit
        self._wants: dict[str, tuple[str | None, ...]] = {
            **own,
            **{name: (value,) for name, value in asked.equal.items()},
        }
        # Somebody else's complaints are not in the list, whoever asks for them by name.
        self._never = any(
            asked.equal[name] not in values for name, values in own.items() if name in asked.equal
        )

    async def page(self) -> _Found:
        """Walk until a lane fills the page or ends; else give what the furthest one has found."""
        if self._never:
            return _Found([], None)
        if self._asked.order_id is not None:
            return self._cut(await self._scan(None, None, 10_000))
        lanes: list[str | None] = [name for name in LANES if name in self._wants]
        furthest: _Found | None = None
        for round_number in range(len(_WINDOWS)):
            for lane in lanes or [None]:
                windows = _WINDOWS if self._told_by_index(lane) else _WINDOWS_OF_ROWS
                if round_number >= len(windows):
                    continue
                found = await self._lane(lane, windows[round_number])
                if found.next is None or len(found.places) > self._limit:
                    return self._cut(found)
                if furthest is None or furthest.next is None or found.next < furthest.next:
                    furthest = found
        return self._cut(furthest or _Found([], None))

    def _cut(self, found: _Found) -> _Found:
        if len(found.places) <= self._limit:
            return found
        kept = found.places[: self._limit]
        return _Found(kept, kept[-1])

    def _told_by_index(self, lane: str | None) -> bool:
        """Whether the lane's index tells everything: what is left to check is in the facet."""
        return all(name == lane or name in FIELDS for name in self._wants)

    async def _lane(self, lane: str | None, window: int) -> _Found:
        """What one lane holds: of each of its values as much, merged as far as all were walked."""
        values = (None,) if lane is None else self._wants[lane]
        parts = [await self._scan(lane, value, window) for value in values]
        stops = [part.next for part in parts if part.next is not None]
        stop = max(stops, default=None)
        places = sorted((p for part in parts for p in part.places), reverse=True)
        return _Found([p for p in places if stop is None or p >= stop], stop)

    async def _scan(self, lane: str | None, value: str | None, window: int) -> _Found:
        """Walk one value of a lane; the places that fit, and where the window ended."""
        bound, values = self._bounds()
        inner = [*bound, *(() if lane is None else (_equals(lane, value, values, "lane"),))]
        rest = [
            " OR ".join(_equals(n, v, values, f"{n}_{i}") for i, v in enumerate(wants))
            for n, wants in self._wants.items()
            if n != lane and n not in FIELDS
        ]
        if self._asked.facet_mask:
            rest.append(f"(facet & {self._asked.facet_mask}) = {self._asked.facet_bits}")
        columns = "complaint_id, filed_at, facet" + "".join(
            f", {n}" for n in self._wants if n != lane and n not in FIELDS
        )
        where = " AND ".join(inner) or "1 = 1"
        narrowed = " AND ".join(f"({one})" for one in rest) or "1 = 1"
        values |= {"window": window, "most": self._limit + 1}
        walked = _WALKED.format(columns, where)
        rows = await self._log.fetch(
            Statement(_PLACES.format(walked, f"{narrowed} {_ORDER} LIMIT :most"), values)
        )
        places = [Place(row["filed_at"], row["complaint_id"]) for row in rows]
        if len(places) > self._limit:
            return _Found(places, places[-1])
        return _Found(places, await self._stop(where, values, window))

    async def _stop(self, where: str, values: dict[str, Any], window: int) -> Place | None:
        """The last place of a window; None if it was not filled."""
        last = f"{where} {_ORDER} LIMIT 1 OFFSET :skip"
        rows = await self._log.fetch(
            Statement(_PLACES.format("complaint_list", last), {**values, "skip": window - 1})
        )
        return Place(rows[0]["filed_at"], rows[0]["complaint_id"]) if rows else None

    def _bounds(self) -> tuple[list[str], dict[str, Any]]:
        bound, values = list[str](), dict[str, Any]()
        if self._after is not None:
            bound.append("(filed_at, complaint_id) < (:after_at, :after_id)")
            values |= {"after_at": self._after.filed_at, "after_id": self._after.complaint_id}
        if self._asked.filed_from is not None:
            bound.append("filed_at >= :filed_from")
            values["filed_from"] = self._asked.filed_from
        if self._asked.filed_before is not None:
            bound.append("filed_at < :filed_before")
            values["filed_before"] = self._asked.filed_before
        if self._asked.order_id is not None:
            bound.append(
                "complaint_id IN (SELECT complaint_id FROM complaint_order "
                "WHERE order_id = :order_id)"
            )
            values["order_id"] = self._asked.order_id
        return bound, values


_ORDER: Final = "ORDER BY filed_at DESC, complaint_id DESC"
_PLACES: Final = "SELECT complaint_id, filed_at FROM {} WHERE {}"
_WALKED: Final = f"(SELECT {{}} FROM complaint_list WHERE {{}} {_ORDER} LIMIT :window) w"  # noqa: S608 - constants
_PAGE: Final = f"SELECT * FROM complaint_list WHERE complaint_id IN ({{}}) {_ORDER}"  # noqa: S608 - constants


def _equals(column: str, value: str | None, values: dict[str, Any], name: str) -> str:
    if value is None:
        return f"{column} IS NULL"
    values[name] = value
    return f"{column} = :{name}"


async def _rows(log: EventLog, ids: Sequence[str]) -> Sequence[Row]:
    if not ids:
        return []
    names = [f"id_{number}" for number in range(len(ids))]
    wanted_ids = ", ".join(f":{name}" for name in names)
    sql = _PAGE.format(wanted_ids)
    return await log.fetch(Statement(sql, dict(zip(names, ids, strict=True))))
