"""Puts texts into the index: a segment at a time, in small portions, beside everything else.

A text that is not in the index is found all the same, only slower (`searching`). So filing does not
wait for the index, and in a peak the index waits: it takes at most a share of the time (ADR 0015).
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

from services.intake.narrowing import one_of
from services.intake.search_segments import SIZE, gathered, packed_of
from services.intake.search_terms import OWNERS, owner_term, terms
from shared.clock import MonotonicClock
from shared.eventlog.ports import Commit, Document, Row, Statement, Store, VersionConflict

_YOUNG: Final = 512
"""So many of the newest texts stay out of the index: filings that come late find their place."""

_TEXTS: Final = 128
"""Texts that are taken apart in one portion."""

_ROWS: Final = 256
"""Rows of one statement; a portion writes four."""

_LOOK_SECONDS: Final = 1.0
_REST: Final = 5.0
"""After a portion it rests so many times as long as that took: a sixth of the time is its own."""

_LONGEST_REST_SECONDS: Final = 1.0

CLAIM: Final = ("search", "segment")
"""Kind and key of the document whose version numbers segments: who changes it begins one."""

FORGOTTEN: Final = ("search", "forgotten")
"""Of the document that changes whenever a text is to be forgotten: what is begun is given up."""

_ENOUGH: Final = (
    "SELECT 1 AS there FROM search_waiting ORDER BY filed_at, complaint_id LIMIT 1 OFFSET :skip"
)
_WAITING: Final = (
    "SELECT filed_at, complaint_id FROM search_waiting ORDER BY filed_at, complaint_id LIMIT :most"
)
_NOT_WAITING: Final = "DELETE FROM search_waiting WHERE {}"
_TEXTS_OF: Final = (
    "SELECT s.complaint_id, s.text, s.merchant_text, l.consumer_id, l.merchant_id "
    "FROM search_text s CROSS JOIN complaint_list l WHERE l.complaint_id = s.complaint_id AND {}"
)
_SEGMENT: Final = (
    "INSERT INTO search_segment (segment, oldest_at, newest_at) "
    "VALUES (:segment, :oldest_at, :newest_at)"
)

T = TypeVar("T")


class SearchIndex:
    """A `Worker` that makes the index grow. Only one of a service should be at work.

    Each try has a number of its own for its segment, and what it wrote counts from the moment its
    last portion is recorded: if two are at work, one of them has worked in vain.
    """

    def __init__(self, log: Store, monotonic: MonotonicClock, *, size: int = SIZE) -> None:
        self._log = log
        self._monotonic = monotonic
        self._size = size
        self._portions: AsyncIterator[bool] | None = None
        self._took = 0.0

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "intake.search-index"

    async def step(self) -> bool:
        """One portion. Always False: between two portions it rests."""
        began = self._monotonic.seconds()
        portions = self._portions or self._segment()
        self._portions = None  # if it fails, the segment is begun anew
        if await anext(portions, False):
            self._portions = portions
        self._took = self._monotonic.seconds() - began
        return False

    async def wait(self) -> None:
        """See `Worker.wait`."""
        rest = min(_REST * self._took, _LONGEST_REST_SECONDS)
        await self._monotonic.sleep(_LOOK_SECONDS if self._portions is None else rest)

    async def fill(self) -> None:
        """Put in all there is for whole segments, without a rest."""
        while await self._enough():
            async for _ in self._segment():
                pass

    async def _enough(self) -> bool:
        """Whether so many texts wait that some of them make a segment."""
        last = {"skip": self._size + min(_YOUNG, self._size) - 1}
        return bool(await self._log.fetch(Statement(_ENOUGH, last)))

    async def _segment(self) -> AsyncIterator[bool]:
        """Make one segment, portion by portion, if there are texts enough."""
        if not await self._enough():
            return
        rows = await self._log.fetch(Statement(_WAITING, {"most": self._size}))
        with suppress(VersionConflict):  # somebody else has begun, or a text is to be forgotten
            claimed, forgotten = await self._claim()
            yield True
            found: list[set[int]] = []
            for part in parts(rows, _TEXTS):
                found += await self._terms([row["complaint_id"] for row in part])
                yield True
            for statements in parts([*_written(claimed.version, rows, found)], 4):
                await self._log.commit(Commit(statements=tuple(statements), unchanged=(forgotten,)))
                yield True
            await self._log.commit(_visible(claimed, rows))

    async def _claim(self) -> tuple[Document, Document]:
        """A number that no other try has: the version of a document; and what it rests on.

        Both exist from here on: one that does not cannot be locked by who rests on it.
        """
        before, resting_on = await self._log.document(*CLAIM), await self._log.document(*FORGOTTEN)
        changes = [replace(before, data=b"")]
        if resting_on.version == 0:
            changes.append(replace(resting_on, data=b""))
            resting_on = replace(resting_on, version=1)
        await self._log.commit(Commit(documents=tuple(changes)))
        return replace(before, version=before.version + 1, data=b""), resting_on

    async def _terms(self, ids: Sequence[str]) -> list[set[int]]:
        """Of each of these its terms; of one whose text is gone, none."""
        bound: dict[str, Any] = {}
        sql = _TEXTS_OF.format(one_of("s.complaint_id", "id", ids, bound))
        texts = {row["complaint_id"]: row for row in await self._log.fetch(Statement(sql, bound))}
        return [terms_of(texts[one]) if one in texts else set() for one in ids]


def terms_of(row: Row) -> set[int]:
    """Whatever any reader may find it by; what each may is checked in the text."""
    owners = {owner_term(column, row[column]) for column in OWNERS}
    return owners | terms(row["text"]) | terms(row["merchant_text"] or "")


def _written(segment: int, rows: Sequence[Row], found: Sequence[set[int]]) -> Iterator[Statement]:
    """Postings and documents of a segment, many rows a statement."""
    postings = [
        (term, segment, packed_of(places)) for term, places in sorted(gathered(found).items())
    ]
    for part in parts(postings, _ROWS):
        yield _insert("search_posting", ("term", "segment", "places"), part)
    documents = [
        (segment * SIZE + place, row["filed_at"], row["complaint_id"])
        for place, row in enumerate(rows)
    ]
    for part in parts(documents, _ROWS):
        yield _insert("search_document", ("number", "filed_at", "complaint_id"), part)


def _insert(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Statement:
    bound: dict[str, Any] = {}
    lines = []
    for number, row in enumerate(rows):
        names = [f"{column}_{number}" for column in columns]
        bound |= zip(names, row, strict=True)
        lines.append(f"({', '.join(f':{name}' for name in names)})")
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(lines)}"  # noqa: S608
    return Statement(sql, bound)


def _visible(claimed: Document, rows: Sequence[Row]) -> Commit:
    """From here on searches use the segment: if no other try has begun meanwhile."""
    segment = {
        "segment": claimed.version,
        "oldest_at": rows[0]["filed_at"],
        "newest_at": rows[-1]["filed_at"],
    }
    statements = [Statement(_SEGMENT, segment)]
    for part in parts(rows, _ROWS):
        bound: dict[str, Any] = {}
        ids = one_of("complaint_id", "id", [row["complaint_id"] for row in part], bound)
        bound |= {"oldest_at": part[0]["filed_at"], "newest_at": part[-1]["filed_at"]}
        between = f"filed_at BETWEEN :oldest_at AND :newest_at AND {ids}"
        statements.append(Statement(_NOT_WAITING.format(between), bound))
    return Commit(documents=(claimed,), statements=tuple(statements))


def parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time, the last time those that are left."""
    for at in range(0, len(rows), size):
        yield rows[at : at + size]
