"""Searching: the same as reading every text that one may read, wherever the index stands."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from services.intake import listing, searching
from services.intake.masking import masked
from services.intake.search_index import SearchIndex
from services.intake.search_terms import plain, question
from services.intake.search_views import INDEX
from services.intake.searching import Window
from services.intake.views import TABLES, project
from shared.eventlog.ports import Commit, Statement
from shared.eventlog.rebuild import rebuild
from tests.crossings.cases import HOUR, Case, file, hire
from tests.integration.intake.test_listing import fits, ids
from tests.support.system import Client, System

EVERYTHING = "SELECT * FROM {}"

TEXTS = (
    "袋子是假的，要求退款",
    "The bag is a fake. I want a refund!",
    "袋子是假的，客服不理人",
    "退款一直不到账，联系我 13812345678",
    "Refund refused; write to li.lei@example.com or call 138-1234-5678",
    "直播间买的ｉＰｈｏｎｅ手机，屏幕碎了",
    "快递丢了，不给退款，袋子也没有",
    "The bag, again: no refund, no answer. 退款!",
)

QUESTIONS = (
    "退款",
    "refund",
    "REFUND bag",
    "袋子 退款",
    "是假的",
    '"no refund"',
    '"refund no"',
    "iphone手机",
    "不到账",
    "13812345678",
    "13 78",
    "example",
    "o2",
    "袋子是假的，要求退款",
    "没有这个词",
    "退款 kaleidoscope",
)

NARROWED: tuple[dict[str, Any], ...] = (
    *({"q": asked} for asked in QUESTIONS),
    {"q": "退款", "category": "quality"},
    {"q": "袋子", "merchant_id": "m2"},
    {"q": "refund", "merchant_id": "m2", "category": "quality"},
    {"q": "退款", "consumer_id": "u2", "open": True},
    {"q": "refund bag", "status": "withdrawn"},
    {"q": "袋子", "order_id": "o2"},
    {"q": "没有这个词", "consumer_id": "u1"},
)


async def shop(system: System) -> list[Case]:
    """Complaints with these texts, some filed at the same moment."""
    await hire(system, team_id="t1", skills={"counterfeit": 7, "quality": 7})
    cases = []
    for number, text in enumerate(TEXTS):
        change: dict[str, Any] = {"description": text}
        change |= {"order_ids": ["o1", "o2"]} if number % 3 == 0 else {}
        change |= {"category": "quality"} if number % 2 else {}
        change |= {"merchant_id": "m2"} if number in {2, 3, 4} else {}
        change |= {"consumer_id": "u2"} if number in {4, 5} else {}
        cases.append(await file(system, **change))
        if number in {0, 1, 4}:
            await system.advance(HOUR)
    await system.settle()
    await cases[1].act(cases[1].supervisor_of("t1"), "withdrawal", {})
    await system.settle()
    return cases


def reads(complaint: dict[str, Any], asked: str, *, mask: bool = False) -> bool:
    """Whether somebody who reads the complaint finds what is asked for."""
    description = complaint["description"]
    text = plain(" ".join(complaint["order_ids"]))
    text += plain(masked(description) if mask else description)
    found = question(asked)
    assert found is not None
    return all(re.search(re.escape(one.strip("%")), text) for one in found.patterns)


async def index(system: System, size: int) -> None:
    """Put what there is into the index, in segments of this size."""
    if size:
        await SearchIndex(system.service("intake").log, system.time, size=size).fill()


async def check(who: Client, everything: list[dict[str, Any]], mask: bool, **more: Any) -> None:
    for asked in NARROWED:
        rest = {name: value for name, value in asked.items() if name != "q"}
        expected = [
            one["id"] for one in everything if fits(one, rest) and reads(one, asked["q"], mask=mask)
        ]
        assert await ids(who, **asked, **more) == expected, asked


async def newest_first(cases: list[Case]) -> list[dict[str, Any]]:
    everything = [await case.now() for case in cases]
    return sorted(everything, key=lambda one: (one["filed_at"], one["id"]), reverse=True)


@pytest.mark.parametrize(("limit", "size"), [(1, 0), (2, 3), (50, 1)])
async def test_a_search_is_what_reading_everything_gives(limit: int, size: int) -> None:
    async with System() as system:
        everything = await newest_first(await shop(system))
        await index(system, size)
        await check(system.as_("ops", "o1"), everything, mask=False, limit=limit)


MANY = (Window(9, 9, 9), Window(9, 9, 99))
FEW_SEGMENTS = (Window(1, 1, 1), Window(2, 1, 2))
FEW_CANDIDATES = (Window(9, 9, 1), Window(9, 9, 1))


@pytest.mark.parametrize(
    ("windows", "size"),
    [(FEW_SEGMENTS, 0), (FEW_SEGMENTS, 1), (FEW_SEGMENTS, 2), (FEW_CANDIDATES, 2)],
)
async def test_short_windows_make_short_pages_and_miss_nothing(
    windows: tuple[Window, ...], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_WINDOWS", (1, 2, 2))
    monkeypatch.setattr(listing, "_WINDOWS_OF_ROWS", (1, 2))
    monkeypatch.setattr(searching, "_WINDOWS", windows)
    async with System() as system:
        everything = await newest_first(await shop(system))
        await index(system, size)
        await check(system.as_("ops", "o1"), everything, mask=False, limit=2)


@pytest.mark.parametrize("size", [0, 2])
async def test_everybody_searches_their_own_and_what_they_may_read(size: int) -> None:
    async with System() as system:
        everything = await newest_first(await shop(system))
        await index(system, size)

        def having(name: str, value: str) -> list[dict[str, Any]]:
            return [one for one in everything if one[name] == value]

        await check(system.as_("consumer", "u2"), having("consumer_id", "u2"), mask=False)
        await check(system.as_("consumer", "u1"), having("consumer_id", "u1"), mask=False)
        merchant = system.as_("merchant", "clerk", merchant_id="m2")
        await check(merchant, having("merchant_id", "m2"), mask=True)
        assert await ids(merchant, q="13812345678") == []
        assert await ids(merchant, q="lei example") == []
        assert await ids(merchant, q="13 78") != []
        assert await ids(system.as_("ops", "o1"), q="13812345678") != []
        assert await ids(system.as_("specialist", "s9"), q="退款") == []
        assert await ids(system.as_("service", "filer", scopes=["hotline"]), q="退款") == []


@pytest.mark.parametrize("windows", [MANY, FEW_SEGMENTS, FEW_CANDIDATES])
async def test_what_was_filed_late_finds_its_place(
    windows: tuple[Window, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_WINDOWS", windows)
    async with System() as system:
        cases = await shop(system)
        await index(system, 2)
        await system.advance(HOUR)
        cases += [await file(system, description=f"退款 {number}") for number in range(4)]
        await system.settle()
        await index(system, 2)
        await system.advance(HOUR / 12)
        early = (system.time.now() - HOUR / 5).isoformat()
        cases.append(await file(system, description="还是退款", occurred_at=early))
        cases.append(await file(system, description="退款！"))
        await system.settle()
        await index(system, 2)
        segments = await rows(system, "search_segment")
        assert any(
            one["oldest_at"] < other["oldest_at"] <= one["newest_at"]
            for one in segments
            for other in segments
        )
        everything = await newest_first(cases)
        ops = system.as_("ops", "o1")
        for limit in (2, 50):
            await check(ops, everything, mask=False, limit=limit)
        middle = {
            "filed_from": everything[6]["filed_at"],
            "filed_before": everything[1]["filed_at"],
        }
        assert await ids(ops, q="退款", **middle) == [
            one["id"]
            for one in everything
            if middle["filed_from"] <= one["filed_at"] < middle["filed_before"]
            and reads(one, "退款")
        ]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("我", "nothing_to_search_for"),
        ("%", "nothing_to_search_for"),
        ("“”", "nothing_to_search_for"),
        ("", "validation_failed"),
        ("x" * 201, "validation_failed"),
    ],
)
async def test_a_search_for_nothing_or_for_too_much_is_refused(asked: str, code: str) -> None:
    async with System() as system:
        path = f"/v1/complaints?q={quote(asked)}"
        refused = await system.as_("ops", "o1").request("GET", path)
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def rows(system: System, table: str) -> list[Any]:
    return [*await system.service("intake").log.fetch(Statement(EVERYTHING.format(table)))]


async def test_every_text_is_in_the_index_or_waits_for_it() -> None:
    async with System() as system:
        cases = await shop(system)
        everything = {case.id for case in cases}
        for size in (0, 3, 1):
            await index(system, size)
            waiting = {row["complaint_id"] for row in await rows(system, "search_waiting")}
            indexed = [row["complaint_id"] for row in await rows(system, "search_document")]
            assert waiting | {*indexed} == everything
            assert len(waiting) + len(indexed) == len(everything)
        assert len(waiting) == 1


async def test_a_rebuild_begins_the_index_anew_and_nothing_is_missed() -> None:
    async with System() as system:
        everything = await newest_first(await shop(system))
        await index(system, 2)
        await rebuild(system.service("intake").log, project, TABLES)
        assert len(await rows(system, "search_waiting")) == len(TEXTS)
        for table in INDEX[1:]:
            assert await rows(system, str(table.__tablename__)) == []
        await check(system.as_("ops", "o1"), everything, mask=False)
        await index(system, 2)
        await check(system.as_("ops", "o1"), everything, mask=False)


async def test_of_two_who_make_the_same_segment_one_counts() -> None:
    async with System() as system:
        everything = await newest_first(await shop(system))
        log = system.service("intake").log
        one, other = (SearchIndex(log, system.time, size=4) for _ in range(2))
        for _ in range(20):
            await one.step()
            await other.step()
        segments = [row["segment"] for row in await rows(system, "search_segment")]
        assert len(segments) == 1
        waiting = {row["complaint_id"] for row in await rows(system, "search_waiting")}
        assert len(waiting) == len(TEXTS) - 4
        await check(system.as_("ops", "o1"), everything, mask=False)


async def test_a_text_that_is_gone_is_found_no_more() -> None:
    async with System() as system:
        everything = await newest_first(await shop(system))
        log = system.service("intake").log
        await index(system, 2)
        # As an erasure will do it.
        gone = everything[-1]["id"]
        delete = Statement("DELETE FROM search_text WHERE complaint_id = :id", {"id": gone})
        await log.commit(Commit(statements=(delete,)))
        await check(system.as_("ops", "o1"), everything[:-1], mask=False)
