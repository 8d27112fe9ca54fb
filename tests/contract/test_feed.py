"""What every `Feed` promises, said against the port alone."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from shared.eventlog.ports import Store
from shared.events.complaints import ComplaintWithdrawn
from shared.events.envelope import Event, Recorded
from shared.events.registry import COMPLAINTS, SPECIALISTS
from shared.events.vocabulary import Status, Turn
from shared.feed.embedded import EmbeddedFeed
from shared.feed.ports import Batch, Feed, Quiet, SourceTruncated
from tests.support.stores import OpenStore, commit, happened
from tests.support.time import VirtualTime

OpenFeed = Callable[[Sequence[str], Store], Feed]


@pytest.fixture
def open_feed(time: VirtualTime) -> OpenFeed:
    """Opens a feed over the topics that lie in one source."""

    def open_one(topics: Sequence[str], source: Store) -> Feed:
        return EmbeddedFeed(topics, lambda _: source, time)

    return open_one


def withdrawn(time: VirtualTime, complaint_id: str) -> Event:
    return ComplaintWithdrawn(
        occurred_at=time.now(),
        complaint_id=complaint_id,
        cycle=1,
        status=Status.WITHDRAWN,
        turn=Turn.NOBODY,
        by="u1",
    )


async def read_all(feed: Feed) -> list[Recorded]:
    """Everything up to the first quiet poll, moving on after each batch."""
    found: list[Recorded] = []
    while isinstance(batch := await feed.poll(), Batch):
        assert {record.shard for record in batch.records} == {batch.partition}
        assert {record.topic for record in batch.records} == {batch.source}
        found += batch.records
        feed.seek(batch.source, batch.partition, batch.next_cursor)
    return found


async def test_an_empty_source_is_quiet_as_of_the_moment_the_poll_began(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    feed = open_feed([SPECIALISTS], await open_store())
    assert await feed.poll() == Quiet(polled_at=time.now())


async def test_a_member_that_shares_with_nobody_has_every_partition(
    open_store: OpenStore, open_feed: OpenFeed
) -> None:
    feed = open_feed([SPECIALISTS, COMPLAINTS], await open_store(shards=3))
    before = feed.assignment
    await feed.poll()
    assert before.partitions == frozenset(range(3))
    assert feed.assignment == before


async def test_a_feed_gives_everything_of_its_topics_in_order_per_partition(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    source = await open_store(shards=3)
    for number in range(1500):
        key = f"k{number % 7}"
        await source.commit(commit(f"a-{number}", 0, happened(time), key=key))
        await source.commit(commit(f"b-{number}", 0, withdrawn(time, key), key=key))
    seen = await read_all(open_feed([SPECIALISTS, COMPLAINTS], source))
    assert len(seen) == len({record.gpos for record in seen}) == 3000
    for topic in (SPECIALISTS, COMPLAINTS):
        for shard in range(3):
            part = [r.gpos for r in seen if (r.topic, r.shard) == (topic, shard)]
            assert part == sorted(part)
    only = await read_all(open_feed([COMPLAINTS], source))
    assert {record.topic for record in only} == {COMPLAINTS}
    assert len(only) == 1500


async def test_a_batch_comes_again_until_the_feed_is_told_to_read_on(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    source = await open_store()
    await source.commit(commit("a", 0, happened(time)))
    feed = open_feed([SPECIALISTS], source)
    first, again = await feed.poll(), await feed.poll()
    assert isinstance(first, Batch)
    assert first == again
    feed.seek(first.source, first.partition, first.next_cursor)
    assert isinstance(await feed.poll(), Quiet)
    feed.seek(first.source, first.partition, first.cursor)
    assert await feed.poll() == first


async def test_no_topic_starves_another(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    source = await open_store()
    await source.commit(commit("rare", 0, withdrawn(time, "c1"), key="c1"))
    for number in range(900):
        await source.commit(commit(f"a-{number}", 0, happened(time)))
    feed = open_feed([SPECIALISTS, COMPLAINTS], source)
    first, second = await feed.poll(), await feed.poll()
    assert isinstance(first, Batch)
    assert isinstance(second, Batch)
    assert {first.source, second.source} == {SPECIALISTS, COMPLAINTS}


async def test_what_is_recorded_after_a_quiet_poll_began_is_not_older_than_that(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    source = await open_store()
    feed = open_feed([SPECIALISTS], source)
    writing = asyncio.ensure_future(source.commit(commit("a", 0, happened(time))))
    quiets = []
    while isinstance(polled := await feed.poll(), Quiet):
        quiets.append(polled.polled_at)
        time.move(timedelta(milliseconds=1))
        await asyncio.sleep(0)
    (recorded,) = await writing
    assert quiets
    assert max(quiets) <= recorded.recorded_at


async def test_a_position_beyond_the_end_of_a_source_is_an_alarm_never_a_skip(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    source = await open_store()
    await source.commit(commit("a", 0, happened(time)))
    feed = open_feed([SPECIALISTS], source)
    feed.seek(SPECIALISTS, 0, 99)
    with pytest.raises(SourceTruncated):
        await feed.poll()


async def test_a_waiting_reader_is_woken_by_news(
    open_store: OpenStore, open_feed: OpenFeed, time: VirtualTime
) -> None:
    source = await open_store()
    feed = open_feed([SPECIALISTS], source)
    waiting = asyncio.ensure_future(feed.wait(60))
    await asyncio.sleep(0)
    await source.commit(commit("a", 0, happened(time)))
    async with asyncio.timeout(5):
        await waiting
