"""The list of complaints: newest first, narrowed, a page at a time, in bounded time.

Every filter has an index in the order of the list. A list is walked along each of them at once, in
windows that grow: whichever first fills the page, or comes to its end, answers. Where filters
hardly meet, none does before the largest window: then the page is short, and its cursor goes on.
A search in texts is one more such walk, along the index of texts (`searching`).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.intake.narrowing import (
    ORDER,
    Found,
    Narrowing,
    Place,
    Wanted,
    equals,
    merged,
    one_of,
)
from services.intake.representation import audience_of
from services.intake.searching import Search
from services.intake.views import LANES
from shared.access import own_columns
from shared.auth import Principal
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.vocabulary import Audience

_WINDOWS: Final = (512, 4_096, 24_576)
"""Entries of an index that are walked at most, round by round, where it tells all filters."""

_WINDOWS_OF_ROWS: Final = (512, 2_048)
"""The same where each row has to be looked up to tell."""

_READABLE: Final = {
    Audience.CONSUMER: "s.text",
    Audience.MERCHANT: "COALESCE(s.merchant_text, s.text)",
    Audience.STAFF: "s.text",
}
"""What somebody searches is what they may read: nobody finds by words that are masked for them."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """Rows, newest first, and the place to go on after if there may be more."""

    rows: Sequence[Row]
    next: Place | None


async def list_complaints(
    log: EventLog, caller: Principal, asked: Wanted, *, after: Place | None, limit: int
) -> ListPage:
    """The complaints the caller may see, newest first."""
    own = own_columns(caller)
    if own is None:
        return ListPage([], None)
    narrowing = Narrowing(asked, own, after, _READABLE[audience_of(caller)])
    found = await _Walk(log, narrowing, limit).page()
    rows = await _rows(log, [place.complaint_id for place in found.places])
    return ListPage(rows, found.next)


class _Walk:
    """One page of one list."""

    def __init__(self, log: EventLog, narrowing: Narrowing, limit: int) -> None:
        self._log = log
        self._narrowing = narrowing
        self._limit = limit

    async def page(self) -> Found:
        """Walk until a lane fills the page or ends; else give what the furthest one has found."""
        if self._narrowing.never:
            return Found([], None)
        if self._narrowing.asked.order_id is not None:
            return self._cut(await self._scan(None, None, 10_000))
        furthest: Found | None = None
        for round_number in range(len(_WINDOWS)):
            async for found in self._round(round_number):
                if found.next is None or len(found.places) > self._limit:
                    return self._cut(found)
                if furthest is None or furthest.next is None or found.next < furthest.next:
                    furthest = found
        return self._cut(furthest or Found([], None))

    async def _round(self, number: int) -> AsyncIterator[Found]:
        """What each lane gives in a window of this round, one after the other."""
        narrowing, question = self._narrowing, self._narrowing.asked.question
        if question is not None:
            search = Search(self._log, narrowing, question, self._limit)
            if (found := await search.round(number)) is not None:
                yield found
        # Along the whole list a search finds nothing that it does not find in its own index.
        everything: list[str | None] = [None] if question is None else []
        lanes = [name for name in LANES if name in narrowing.values]
        for lane in lanes or everything:
            windows = _WINDOWS if narrowing.told_by_index(lane) else _WINDOWS_OF_ROWS
            if number < len(windows):
                yield await self._lane(lane, windows[number])

    def _cut(self, found: Found) -> Found:
        if len(found.places) <= self._limit:
            return found
        kept = found.places[: self._limit]
        return Found(kept, kept[-1])

    async def _lane(self, lane: str | None, window: int) -> Found:
        """What one lane holds: of each of its values as much, merged as far as all were walked."""
        values = (None,) if lane is None else self._narrowing.values[lane]
        return merged([await self._scan(lane, value, window) for value in values])

    async def _scan(self, lane: str | None, value: str | None, window: int) -> Found:
        """Walk one value of a lane; the places that fit, and where the window ended."""
        bound: dict[str, Any] = {"window": window, "most": self._limit + 1}
        inner = self._narrowing.bounds(bound)
        if lane is not None:
            inner.append(equals(lane, value, bound, "lane"))
        where = " AND ".join(inner) or "1 = 1"
        walked = _WALKED.format(self._narrowing.columns(lane), where)
        narrowed = self._narrowing.of_lane(lane, bound)
        rows = await self._log.fetch(
            Statement(_PLACES.format(walked, f"{narrowed} {ORDER} LIMIT :most"), bound)
        )
        places = [Place(row["filed_at"], row["complaint_id"]) for row in rows]
        if len(places) > self._limit:
            return Found(places, places[-1])
        return Found(places, await self._stop(where, bound, window))

    async def _stop(self, where: str, bound: dict[str, Any], window: int) -> Place | None:
        """The last place of a window; None if it was not filled."""
        last = f"{where} {ORDER} LIMIT 1 OFFSET :skip"
        rows = await self._log.fetch(
            Statement(_PLACES.format("complaint_list", last), {**bound, "skip": window - 1})
        )
        return Place(rows[0]["filed_at"], rows[0]["complaint_id"]) if rows else None


_PLACES: Final = "SELECT complaint_id, filed_at FROM {} WHERE {}"
_WALKED: Final = f"(SELECT {{}} FROM complaint_list WHERE {{}} {ORDER} LIMIT :window) w"  # noqa: S608 - constants
_PAGE: Final = f"SELECT * FROM complaint_list WHERE {{}} {ORDER}"  # noqa: S608 - constants


async def _rows(log: EventLog, ids: Sequence[str]) -> Sequence[Row]:
    if not ids:
        return []
    bound: dict[str, Any] = {}
    return await log.fetch(Statement(_PAGE.format(one_of("complaint_id", "id", ids, bound)), bound))
