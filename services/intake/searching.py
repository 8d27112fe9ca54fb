"""Searching in texts: along the index, newest first, in bounded time.

The index says which complaints may fit; each of those is looked at, its text too. What is not in
the index yet is looked at in the order of the list. Both in windows, as all walks of a list are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from services.intake.narrowing import ORDER, Found, Narrowing, Place, merged, one_of
from services.intake.search_segments import SIZE, common, newest_first
from services.intake.search_terms import OWNERS, Question, owner_term
from shared.eventlog.ports import EventLog, Row, Statement


@dataclass(frozen=True, slots=True)
class Window:
    """How much is looked at at most: texts not in the index, segments, complaints that may fit."""

    waiting: int
    segments: int
    candidates: int


_WAITING: Final = (
    f"SELECT filed_at, complaint_id FROM (SELECT filed_at, complaint_id FROM search_waiting "  # noqa: S608
    f"WHERE {{where}} {ORDER} LIMIT :window) v WHERE {{fits}} {ORDER} LIMIT :most"
)
_WAITING_LAST: Final = (
    f"SELECT filed_at, complaint_id FROM search_waiting WHERE {{}} {ORDER} LIMIT 1 OFFSET :skip"  # noqa: S608
)
_SEGMENTS: Final = (
    "SELECT segment, newest_at FROM search_segment WHERE {} "
    "ORDER BY newest_at DESC, segment DESC LIMIT :most"
)
_POSTINGS: Final = (
    "SELECT segment, places FROM search_posting WHERE {} AND segment BETWEEN :first AND :last"
)
_DOCUMENTS: Final = (
    f"SELECT filed_at, complaint_id FROM search_document v WHERE {{}} {ORDER} LIMIT :most"  # noqa: S608
)
_FILED_AT: Final = "SELECT filed_at FROM search_document WHERE number = :number"

_WINDOWS: Final = (Window(512, 32, 128), Window(4_096, 1_024, 512))
"""Round by round."""


class Search:
    """One question to the texts of one list."""

    def __init__(self, log: EventLog, narrowing: Narrowing, question: Question, limit: int) -> None:
        self._log = log
        self._narrowing = narrowing
        self._question = question
        self._limit = limit

    async def round(self, number: int) -> Found | None:
        """What is found in the windows of this round; None: there are no such."""
        if number >= len(_WINDOWS):
            return None
        window = _WINDOWS[number]
        # In this order: what goes into the index between the two is seen twice, not missed.
        waiting = await self._waiting(window.waiting)
        return merged([waiting, await self._indexed(window.segments, window.candidates)])

    # -- not in the index yet --------------------------------------------------------------

    async def _waiting(self, window: int) -> Found:
        bound: dict[str, Any] = {"window": window, "most": self._limit + 1}
        where = " AND ".join(self._narrowing.bounds(bound)) or "1 = 1"
        sql = _WAITING.format(where=where, fits=self._narrowing.of_found(bound))
        rows = await self._log.fetch(Statement(sql, bound))
        places = _places(rows)
        if len(places) > self._limit:
            return Found(places, places[-1])
        last = await self._log.fetch(
            Statement(_WAITING_LAST.format(where), {**bound, "skip": window - 1})
        )
        return Found(places, _places(last)[0] if last else None)

    # -- in the index ----------------------------------------------------------------------

    async def _indexed(self, segments: int, candidates: int) -> Found:
        """At most so many segments and candidates; more only if else nothing at all is passed.

        Segments may overlap in time where filings came late. So what was found counts down to the
        newest that was not looked at, by whole milliseconds.
        """
        while True:
            chosen = await self._segments(segments)
            looked_at, beyond = chosen[:segments], chosen[segments:]
            hits = await self._hits([row["segment"] for row in looked_at])
            numbers = [*islice(_numbers(looked_at, hits), candidates + 1)]
            rows = await self._fitting(numbers[:candidates])
            stops = [row["newest_at"] for row in beyond[:1]]
            if len(numbers) > candidates:
                stops += await self._stops(numbers[candidates], looked_at)
            if not stops:
                return Found(_places(rows), None)
            stop = Place(max(stops) + 1, "")
            if self._narrowing.after is None or stop < self._narrowing.after:
                places = [place for place in _places(rows) if place >= stop]
                return Found(places, stop)
            segments, candidates = 2 * segments, 4 * candidates

    async def _segments(self, most: int) -> list[Row]:
        """Segments that may hold something of the page, from the newest; one more than `most`."""
        bound: dict[str, Any] = {"most": most + 1}
        conditions = ["1 = 1"]
        if self._narrowing.after is not None:
            conditions.append("oldest_at <= :after_at")
            bound["after_at"] = self._narrowing.after.filed_at
        if self._narrowing.asked.filed_from is not None:
            conditions.append("newest_at >= :filed_from")
            bound["filed_from"] = self._narrowing.asked.filed_from
        if self._narrowing.asked.filed_before is not None:
            conditions.append("oldest_at < :filed_before")
            bound["filed_before"] = self._narrowing.asked.filed_before
        sql = _SEGMENTS.format(" AND ".join(conditions))
        return [*await self._log.fetch(Statement(sql, bound))]

    async def _hits(self, segments: list[int]) -> dict[int, list[bytes]]:
        """By segment, the packed places of every term, where it has all of them."""
        if not segments:
            return {}
        bound: dict[str, Any] = {"first": min(segments), "last": max(segments)}
        wanted = {*self._question.terms, *self._owners()}
        sql = _POSTINGS.format(one_of("term", "term", [*wanted], bound))
        met: dict[int, list[bytes]] = {}
        for row in await self._log.fetch(Statement(sql, bound)):
            met.setdefault(row["segment"], []).append(row["places"])
        return {segment: found for segment, found in met.items() if len(found) == len(wanted)}

    def _owners(self) -> list[int]:
        """The terms of the parties that are asked for, or who ask."""
        values = self._narrowing.values
        return [
            owner_term(name, value)
            for name in OWNERS
            for value in values.get(name, ())
            if value is not None
        ]

    async def _fitting(self, numbers: list[int]) -> list[Row]:
        """Those of these documents that fit everything asked for, newest first."""
        if not numbers:
            return []
        bound: dict[str, Any] = {}
        conditions = [
            one_of("number", "number", numbers, bound),
            *self._narrowing.bounds(bound),
            self._narrowing.of_found(bound),
        ]
        sql = _DOCUMENTS.format(" AND ".join(conditions))
        return [*await self._log.fetch(Statement(sql, {**bound, "most": self._limit + 1}))]

    async def _stops(self, number: int, segments: list[Row]) -> list[int]:
        """When the first document that was not looked at was filed, and the segments after it."""
        at = await self._log.fetch(Statement(_FILED_AT, {"number": number}))
        place = [row["segment"] for row in segments].index(number // SIZE)
        return [
            *(row["filed_at"] for row in at),
            *(row["newest_at"] for row in segments[place + 1 : place + 2]),
        ]


def _numbers(segments: Sequence[Row], hits: Mapping[int, Sequence[bytes]]) -> Iterator[int]:
    """The documents that were hit, in the order of their segments, newest first."""
    for row in segments:
        if (found := hits.get(row["segment"])) is not None:
            for place in newest_first(common(found)):
                yield row["segment"] * SIZE + place


def _places(rows: Sequence[Row]) -> list[Place]:
    return [Place(row["filed_at"], row["complaint_id"]) for row in rows]
