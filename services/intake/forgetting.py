"""Takes what the texts of a person said out of everything that intake finds complaints by.

It is written in the commit that erases the person, so it never stands apart from that. Views that
are made anew later come out the same: they leave out what cannot be read any more.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.intake.narrowing import one_of
from services.intake.search_index import CLAIM, FORGOTTEN, parts, terms_of
from services.intake.search_segments import SIZE, gathered_at, without
from shared.eventlog.ports import EventLog, Row, Statement
from shared.unit_of_work import UnitOfWork

_AT_ONCE: Final = 256
"""Terms that are looked up together."""

_TEXTS: Final = (
    "SELECT l.complaint_id, l.filed_at, l.consumer_id, l.merchant_id, s.text, s.merchant_text "
    "FROM complaint_list l JOIN search_text s ON s.complaint_id = l.complaint_id "
    "WHERE l.consumer_id = :consumer_id"
)
_NUMBERS: Final = (
    f"SELECT d.number FROM search_segment s JOIN search_document d "  # noqa: S608 - a constant
    f"ON d.number >= s.segment * {SIZE} AND d.number < (s.segment + 1) * {SIZE} "
    "WHERE s.oldest_at <= :filed_at AND s.newest_at >= :filed_at AND d.complaint_id = :complaint_id"
)
_POSTINGS: Final = "SELECT term, places FROM search_posting WHERE segment = :segment AND {}"
_NO_POSTING: Final = "DELETE FROM search_posting WHERE term = :term AND segment = :segment"
_OTHER_PLACES: Final = (
    "UPDATE search_posting SET places = :places WHERE term = :term AND segment = :segment"
)
_UNFINISHED: Final = (
    "DELETE FROM search_posting WHERE segment NOT IN (SELECT segment FROM search_segment) AND {}"
)
_NO_DOCUMENT: Final = "DELETE FROM search_document WHERE number = :number"
_NOT_WAITING: Final = (
    "DELETE FROM search_waiting WHERE filed_at = :filed_at AND complaint_id = :complaint_id"
)
_NO_TEXT: Final = "DELETE FROM search_text WHERE complaint_id = :complaint_id"
_NO_SKETCHES: Final = "DELETE FROM complaint_text WHERE consumer_id = :consumer_id"


async def forget_texts(work: UnitOfWork, consumer_id: str) -> None:
    """Let nothing be found any more by what this consumer wrote when they filed.

    Whoever makes a segment of the index just now has to begin anew, so that it holds none of it;
    and if a segment is begun before this is committed, that conflicts.
    """
    await work.put(*CLAIM, b"")
    await work.put(*FORGOTTEN, b"")
    texts = await work.log.fetch(Statement(_TEXTS, {"consumer_id": consumer_id}))
    terms = {row["complaint_id"]: terms_of(row) for row in texts}
    work.write(Statement(_NO_SKETCHES, {"consumer_id": consumer_id}))
    for row in texts:
        line = {"filed_at": row["filed_at"], "complaint_id": row["complaint_id"]}
        work.write(Statement(_NOT_WAITING, line))
        work.write(Statement(_NO_TEXT, {"complaint_id": row["complaint_id"]}))
    for statement in _unfinished(sorted(set().union(*terms.values()))):
        work.write(statement)
    for segment, places in (await _places(work.log, texts)).items():
        for place in places:
            work.write(Statement(_NO_DOCUMENT, {"number": segment * SIZE + place}))
        by_term = gathered_at((place, terms[one]) for place, one in places.items())
        for statement in await _without(work.log, segment, by_term):
            work.write(statement)


def _unfinished(terms: Sequence[int]) -> Iterator[Statement]:
    """Segments that nobody finished hold them too, though nobody reads those."""
    for part in parts(terms, _AT_ONCE):
        bound: dict[str, Any] = {}
        condition = one_of("term", "term", part, bound)
        yield Statement(_UNFINISHED.format(condition), bound)


async def _places(log: EventLog, texts: Sequence[Row]) -> dict[int, dict[int, str]]:
    """By segment the places at which these texts stand, each with its complaint."""
    found: dict[int, dict[int, str]] = {}
    for row in texts:
        asked = {"filed_at": row["filed_at"], "complaint_id": row["complaint_id"]}
        for one in await log.fetch(Statement(_NUMBERS, asked)):
            segment, place = divmod(one["number"], SIZE)
            found.setdefault(segment, {})[place] = row["complaint_id"]
    return found


async def _without(
    log: EventLog, segment: int, places: dict[int, list[int]]
) -> Sequence[Statement]:
    """What takes these places of these terms out of a segment."""
    found = list[Statement]()
    for part in parts(sorted(places), _AT_ONCE):
        bound: dict[str, Any] = {"segment": segment}
        sql = _POSTINGS.format(one_of("term", "term", part, bound))
        for row in await log.fetch(Statement(sql, bound)):
            named = {"term": row["term"], "segment": segment}
            if left := without(row["places"], places[row["term"]]):
                found.append(Statement(_OTHER_PLACES, {**named, "places": left}))
            else:
                found.append(Statement(_NO_POSTING, named))
    return found
