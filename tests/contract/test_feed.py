"""What every `Feed` promises, said against the port alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.events.complaints import ComplaintWithdrawn
from shared.events.envelope import Event, Recorded
from shared.events.registry import COMPLAINTS, SPECIALISTS
from shared.events.vocabulary import Status, Turn
from shared.feed.ports import NOTHING_KNOWN, Batch, Feed, Quiet, SourceTruncated
from shared.kafka.settings import KafkaSettings
from tests.support.feeds import EmbeddedFeeds, Feeds, KafkaFeeds, polled
from tests.support.stores import commit, happened, sqlite_stores
from tests.support.time import VirtualTime

TOPICS = [SPECIALISTS, COMPLAINTS]


@pytest.fixture(params=["embedded in files", "embedded in memory", "kafka"])
async def feeds(
    request: pytest.FixtureRequest, tmp_path: Path, time: VirtualTime
) -> AsyncIterator[Feeds]:
    """Sources and feeds of one adapter."""
    path = tmp_path if request.param == "embedded in files" else None
    async with sqlite_stores(path, time) as open_store:
        opened: Feeds
        if request.param == "kafka":
            settings: KafkaSettings = request.getfixturevalue("kafka_settings")
            opened = KafkaFeeds(open_store, time, settings)
        else:
            opened = EmbeddedFeeds(open_store, time)
        yield opened
        await opened.close()


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
    while isinstance(batch := await polled(feed), Batch):
        assert {record.shard for record in batch.records} == {batch.partition}
        assert {record.topic for record in batch.records} == {batch.source}
        found += batch.records
        feed.seek(batch.source, batch.partition, batch.next_cursor)
    return found


async def test_an_empty_source_is_quiet_as_of_the_moment_the_poll_began(
    feeds: Feeds, time: VirtualTime
) -> None:
    await feeds.source(TOPICS)
    feed = await feeds.open([SPECIALISTS])
    assert await polled(feed) == Quiet(polled_at=time.now())


async def test_a_member_that_shares_with_nobody_has_every_partition(feeds: Feeds) -> None:
    await feeds.source(TOPICS, shards=3)
    feed = await feeds.open(TOPICS)
    before = feed.assignment
    await polled(feed)
    assert before.partitions == frozenset(range(3))
    assert feed.assignment == before


async def test_a_feed_gives_everything_of_its_topics_in_order_per_partition(
    feeds: Feeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS, shards=3)
    for number in range(1500):
        key = f"k{number % 7}"
        await source.commit(commit(f"a-{number}", 0, happened(time), key=key))
        await source.commit(commit(f"b-{number}", 0, withdrawn(time, key), key=key))
    await feeds.publish()
    seen = await read_all(await feeds.open(TOPICS))
    assert len(seen) == len({record.gpos for record in seen}) == 3000
    for topic in TOPICS:
        for shard in range(3):
            part = [r.gpos for r in seen if (r.topic, r.shard) == (topic, shard)]
            assert part == sorted(part)
    only = await read_all(await feeds.open([COMPLAINTS], "other"))
    assert {record.topic for record in only} == {COMPLAINTS}
    assert len(only) == 1500


async def test_records_come_as_they_were_stored(feeds: Feeds, time: VirtualTime) -> None:
    source = await feeds.source(TOPICS)
    stored = await source.commit(commit("a", 0, happened(time), happened(time, online=False)))
    await feeds.publish()
    assert await read_all(await feeds.open(TOPICS)) == stored


async def test_a_batch_comes_again_until_the_feed_is_told_to_read_on(
    feeds: Feeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    await source.commit(commit("a", 0, happened(time)))
    await feeds.publish()
    feed = await feeds.open([SPECIALISTS])
    first, again = await polled(feed), await feed.poll()
    assert isinstance(first, Batch)
    assert first == again
    feed.seek(first.source, first.partition, first.next_cursor)
    assert isinstance(await polled(feed), Quiet)
    feed.seek(first.source, first.partition, first.cursor)
    assert await polled(feed) == first


async def test_reading_can_go_on_behind_any_record_of_a_batch(
    feeds: Feeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    stored = [
        record
        for number in range(5)
        for record in await source.commit(commit(f"a-{number}", 0, happened(time)))
    ]
    await feeds.publish()
    feed = await feeds.open([SPECIALISTS])
    whole = await polled(feed)
    assert isinstance(whole, Batch)
    assert list(whole.records) == stored
    feed.seek(whole.source, whole.partition, whole.cursors[2])
    rest = await polled(feed)
    assert isinstance(rest, Batch)
    assert list(rest.records) == stored[3:]
    assert (rest.cursor, rest.next_cursor) == (whole.cursors[2], whole.next_cursor)


async def test_no_topic_starves_another(feeds: Feeds, time: VirtualTime) -> None:
    source = await feeds.source(TOPICS)
    await source.commit(commit("rare", 0, withdrawn(time, "c1"), key="c1"))
    for number in range(900):
        await source.commit(commit(f"a-{number}", 0, happened(time)))
    await feeds.publish()
    feed = await feeds.open(TOPICS)
    seen = []
    for _ in range(3):
        batch = await polled(feed)
        assert isinstance(batch, Batch)
        seen.append(batch.source)
        feed.seek(batch.source, batch.partition, batch.next_cursor)
    assert set(seen) == set(TOPICS)


async def test_what_is_recorded_after_a_quiet_poll_began_is_not_older_than_that(
    feeds: Feeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    feed = await feeds.open([SPECIALISTS])
    await polled(feed)
    writing = asyncio.ensure_future(source.commit(commit("a", 0, happened(time))))
    quiets = []
    for _ in range(20):
        found = await feed.poll()
        if isinstance(found, Batch):
            break
        quiets.append(found)
        time.move(timedelta(milliseconds=1))
        await asyncio.sleep(0)
    (recorded,) = await writing
    known = [quiet.polled_at for quiet in quiets if quiet != NOTHING_KNOWN]
    assert known
    assert max(known) <= recorded.recorded_at
    await feeds.publish()
    assert await read_all(feed) == [recorded]


async def test_a_position_beyond_the_end_of_a_source_is_an_alarm_never_a_skip(
    feeds: Feeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    await source.commit(commit("a", 0, happened(time)))
    await feeds.publish()
    feed = await feeds.open([SPECIALISTS])
    await polled(feed)
    feed.seek(SPECIALISTS, 0, 99)
    with pytest.raises(SourceTruncated):
        await polled(feed)


async def test_a_waiting_reader_is_woken_by_news(feeds: Feeds, time: VirtualTime) -> None:
    source = await feeds.source(TOPICS)
    feed = await feeds.open([SPECIALISTS])
    await polled(feed)
    waiting = asyncio.ensure_future(feed.wait(60))
    await asyncio.sleep(0)
    await source.commit(commit("a", 0, happened(time)))
    await feeds.publish()
    async with asyncio.timeout(10):
        await waiting
    assert len(await read_all(feed)) == 1
