"""The copy of events: from any place on, each reader gets each of its events once, in order."""

import asyncio
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dashboard import feed_reading
from services.dashboard.feed_copy import BEGINNING, LATE, Place, decoded_place
from services.dashboard.feed_reading import (
    NoLongerKept,
    end_of_feed,
    oldest_kept,
    page_after,
)
from services.dashboard.news import NewsBoard
from services.dashboard.retention import Retention
from services.dashboard.stream import LiveStream
from shared.auth import Principal
from shared.events import Recorded
from shared.events.vocabulary import Role
from shared.problems import Problem
from tests.unit.dashboard.world import Clock, Sources, World, assigned, filed, world

OPS = Principal(role=Role.OPS, subject="o")
CONSUMER = Principal(role=Role.CONSUMER, subject="u1")
MERCHANT = Principal(role=Role.MERCHANT, subject="clerk", merchant_id="m1")


async def followed(
    where: World, place: Place = BEGINNING, reader: Principal = OPS
) -> list[tuple[str, Place]]:
    """Type of, and place behind, everything a reader gets from a place on."""
    found: list[tuple[str, Place]] = []
    more = True
    while more:
        page = await page_after(where.log, place, reader)
        found += [(entry.type.split(".")[2], entry.place) for entry in page.entries]
        place, more = page.place, page.more
    return found


def types(found: list[tuple[str, Place]]) -> list[str]:
    """What was got."""
    return [name for name, _ in found]


def story(complaints: int = 5, shards: int = 1) -> list[Recorded]:
    """Filings, assignments and clocks of several complaints."""
    record = Sources(shards)
    for number in range(complaints):
        key = f"c{number}"
        record(filed(key, consumer_id=f"u{number % 2}", merchant_id=f"m{number % 3}"), key)
        record(assigned(complaint=key), key)
        record(Clock(complaint=key).started(), key)
        record(Clock(complaint=key).warned(50), key)
    return record.records


places = st.dictionaries(
    st.tuples(st.sampled_from(["amends.complaints", "amends.clocks", LATE]), st.integers(0, 11)),
    st.integers(0, 2**53),
).map(Place)


@given(places)
def test_a_place_travels_as_text_and_comes_back(place: Place) -> None:
    assert decoded_place(place.encoded()) == place


def base64url(text: str) -> str:
    """As cursors are encoded."""
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "e30e30",
        base64url("null"),
        base64url("[1]"),
        base64url('{"t":{"x":1}}'),
        base64url('{"t":{"0":-1}}'),
        base64url('{"t":{"0":9223372036854775808}}'),
        base64url('{"t":{"0":"1"}}'),
    ],
)
def test_a_cursor_that_nobody_gave_out_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        decoded_place(text)
    assert refused.value.code == "validation_failed"


def test_a_place_never_goes_back() -> None:
    place = BEGINNING.after("t", 0, 5).after("t", 0, 3)
    assert (place.of("t", 0), place.of("t", 1)) == (5, 0)


@pytest.mark.parametrize("shards", [1, 4])
async def test_staff_get_everything_once_and_in_order_per_complaint(shards: int) -> None:
    records = story(shards=shards)
    async with world(shards) as where:
        await where.count(*records)
        found = await followed(where)
    assert types(found) == [record.type.split(".")[2] for record in records]


@pytest.mark.parametrize("page", [1, 3, 100])
async def test_a_reader_may_break_off_anywhere_and_go_on_without_loss_or_double(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_reading, "PAGE", page)
    records = story(shards=3)
    async with world(3) as where:
        await where.count(*records)
        whole = await followed(where)
        for index, (_, place) in enumerate(whole):
            rest = await followed(where, decoded_place(place.encoded()))
            assert rest == whole[index + 1 :]
    assert len(whole) == len(records)


async def test_a_place_holds_after_the_copy_was_built_anew_in_another_order() -> None:
    records = story(shards=2)
    async with world(2) as before:
        await before.count(*records)
        got = await followed(before)
    for kept in range(len(got) + 1):
        place = got[kept - 1][1] if kept else BEGINNING
        async with world(2) as rebuilt:
            by_topic = sorted(records, key=lambda record: str(record.topic))
            await rebuilt.count(*by_topic)
            rest = await followed(rebuilt, place)
        everything = sorted(types(got[:kept]) + types(rest))
        assert everything == sorted(record.type.split(".")[2] for record in records)


async def test_a_party_gets_the_events_of_its_own_complaints_that_are_meant_for_it() -> None:
    async with world() as where:
        await where.count(*story())
        consumers = await followed(where, reader=CONSUMER)
        merchants = await followed(where, reader=MERCHANT)
    assert types(consumers) == ["filed", "assigned", "started", "warned"] * 2
    assert types(merchants) == ["filed", "assigned", "started", "warned"] * 2


async def test_a_party_waits_for_the_filing_rather_than_miss_an_earlier_clock() -> None:
    record = Sources()
    mine, clock = record(filed(consumer_id="u1")), record(Clock().started())
    async with world() as where:
        await where.count(clock)
        page = await page_after(where.log, BEGINNING, CONSUMER)
        assert (page.entries, page.more) == ((), False)
        assert types(await followed(where)) == ["started"]
        await where.count(mine)
        assert sorted(types(await followed(where, page.place, CONSUMER))) == ["filed", "started"]


async def test_a_stranger_s_events_are_passed_over_once() -> None:
    async with world() as where:
        await where.count(*story())
        nobody = Principal(role=Role.CONSUMER, subject="nobody")
        page = await page_after(where.log, BEGINNING, nobody)
        assert page.entries == ()
        assert page.place == await end_of_feed(where.log)


async def test_an_event_that_was_parked_reaches_readers_who_are_past_its_place() -> None:
    records = story(complaints=2)
    filing, assignment, *others = records
    async with world() as where:
        await where.count(*others)
        place = await end_of_feed(where.log)
        await where.count(filing)
        await where.count(assignment)
        found = await followed(where, place)
        assert types(found) == ["filed", "assigned"]
        assert await followed(where, found[0][1]) == found[1:]
        assert len(await followed(where)) == len(records)


async def test_a_stream_may_start_with_the_newest_events() -> None:
    async with world() as where:
        await where.count(*story())
        assert await followed(where, await end_of_feed(where.log)) == []
        newest = await followed(where, await end_of_feed(where.log, last=3))
        assert types(newest) == ["assigned", "started", "warned"]
        everything = await followed(where, await end_of_feed(where.log, last=200))
        assert len(everything) == 20


async def test_the_oldest_events_go_and_a_cursor_from_before_is_refused() -> None:
    async with world() as where:
        await where.count(*story(complaints=1000))
        retention = Retention(where.log, where.time, keep=1_500)
        assert not await Retention(where.log, where.time, keep=3_001).step()
        assert await retention.step()
        assert await retention.step()
        assert not await retention.step()
        assert len(await where.rows("SELECT id FROM dashboard_feed_event")) == 2_000
        with pytest.raises(NoLongerKept):
            await page_after(where.log, BEGINNING, OPS)
        kept = await followed(where, await oldest_kept(where.log))
        assert len(kept) == 2_000
        await retention.wait()


async def test_nothing_is_deleted_from_an_empty_copy() -> None:
    async with world() as where:
        assert not await Retention(where.log, where.time, keep=1_000).step()


# -- live ----------------------------------------------------------------------------------------


def live(where: World, heartbeat_seconds: float = 15.0) -> LiveStream:
    """A live stream over the copy."""
    news = NewsBoard(where.time)
    where.log.watch(news)
    return LiveStream(
        log=where.log, news=news, monotonic=where.time, heartbeat_seconds=heartbeat_seconds
    )


async def test_a_live_stream_goes_on_when_something_happens_and_ends_when_told() -> None:
    record, stopping = Sources(), asyncio.Event()
    async with world() as where:
        messages = live(where).messages(OPS, BEGINNING, stopping=stopping)
        assert await anext(messages) == b"retry: 2000\n\n"
        await where.count(record(filed()))
        assert b"event: amends.complaint.filed.v1" in await anext(messages)
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0)
        await where.count(record(assigned()))
        assert b"event: amends.complaint.assigned.v1" in await waiting
        stopping.set()
        assert [message async for message in messages] == []


async def test_a_silent_stream_says_that_it_is_alive() -> None:
    async with world() as where:
        messages = live(where).messages(OPS, BEGINNING, stopping=asyncio.Event())
        await anext(messages)
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0)
        assert not waiting.done()
        where.time.move_to(where.time.now().replace(second=15))
        assert await waiting == b": still here\nid: e30\n\n"
        await messages.aclose()


async def test_a_reader_too_slow_for_what_is_kept_is_let_go() -> None:
    async with world() as where:
        await where.count(*story(complaints=600))
        await Retention(where.log, where.time, keep=1_000).step()
        messages = live(where).messages(OPS, BEGINNING, stopping=asyncio.Event())
        assert [message async for message in messages] == [b"retry: 2000\n\n"]


async def test_a_reader_who_left_hears_no_news() -> None:
    async with world() as where:
        board = NewsBoard(where.time)
        with board.reader() as news:
            board.set()
            assert news.is_set()
            news.clear()
        board.set()
        assert not news.is_set()
        await board.wait(1.0)
