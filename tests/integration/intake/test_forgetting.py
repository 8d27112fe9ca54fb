"""What somebody wrote goes out of the index of texts, whatever the index is doing just then."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.intake.search_index import SearchIndex
from services.intake.search_terms import plain, terms
from services.intake.search_views import INDEX
from shared.eventlog.ports import Statement
from tests.integration.intake.alone import IntakeAlone
from tests.integration.intake.test_erasing import ended, erase, found

TEXT = "退款一直不到账 kaleidoscope"
OTHER = "退款到账了 but the bag is a fake"


async def shop(intake: IntakeAlone) -> tuple[str, str]:
    """Complaints of u1 and u2 that have words in common; the ids of the first two."""
    mine = await ended(intake, description=TEXT)
    other = await ended(intake, "u2", description=OTHER)
    for number in range(4):
        await ended(intake, "u2", description=f"又来了 {number}")
    return mine, other


def of_mine_alone() -> set[int]:
    """Terms that stand in no text but that of u1."""
    return terms(plain(TEXT)) - terms(plain(OTHER))


async def rows(intake: IntakeAlone, table: str) -> Sequence[Any]:
    return await intake.service.log.fetch(Statement(f"SELECT * FROM {table}"))  # noqa: S608


async def posted(intake: IntakeAlone) -> set[int]:
    return {row["term"] for row in await rows(intake, "search_posting")}


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_a_finished_segment_lets_go_of_it(size: int) -> None:
    async with IntakeAlone() as intake:
        mine, other = await shop(intake)
        await SearchIndex(intake.service.log, intake.time, size=size).fill()
        assert await found(intake, "退款") == [other, mine]
        assert of_mine_alone() <= await posted(intake)
        assert (await erase(intake)).status_code == 200
        assert not of_mine_alone() & await posted(intake)
        assert terms(plain(OTHER)) <= await posted(intake) or size == 1
        documents = [row["complaint_id"] for row in await rows(intake, "search_document")]
        assert mine not in documents
        assert await found(intake, "退款") == [other]
        assert await found(intake, "bag") == [other]


async def test_what_waits_for_the_index_waits_no_more() -> None:
    async with IntakeAlone() as intake:
        mine, _ = await shop(intake)
        await erase(intake)
        for table in ("search_waiting", "search_text"):
            held = [row["complaint_id"] for row in await rows(intake, table)]
            assert mine not in held
            assert len(held) == 5


@pytest.mark.parametrize("portions", range(1, 8))
async def test_a_segment_that_is_just_being_made_never_holds_it(portions: int) -> None:
    async with IntakeAlone() as intake:
        _, other = await shop(intake)
        worker = SearchIndex(intake.service.log, intake.time, size=2)
        for _ in range(portions):
            await worker.step()
        await erase(intake)
        for _ in range(30):
            await worker.step()
            assert not of_mine_alone() & await posted(intake)
        await worker.fill()
        assert not of_mine_alone() & await posted(intake)
        assert await found(intake, "退款") == [other]
        segments = {row["segment"] for row in await rows(intake, "search_segment")}
        assert segments
        assert (1 in segments) == (portions > 3)  # what was begun before is given up


async def test_a_segment_that_is_begun_while_somebody_is_erased_is_seen() -> None:
    async with IntakeAlone() as intake:
        mine, _ = await shop(intake)
        await SearchIndex(intake.service.log, intake.time, size=2).fill()
        await erase(intake)
        before = [await rows(intake, str(table.__tablename__)) for table in INDEX]
        await erase(intake)  # nothing is left to do
        assert [await rows(intake, str(table.__tablename__)) for table in INDEX] == before
        assert mine not in str(before)
