"""What a feed through Kafka does beyond the port: groups, broken records, brokers that fail."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka import LocalKafka
from shared.clock import EPOCH
from shared.codec import Undecodable, fact
from shared.eventlog.ports import Advance, Commit, Store
from shared.events.envelope import Recorded
from shared.events.registry import COMPLAINTS, SPECIALISTS
from shared.feed.ports import NOTHING_KNOWN, Batch, Feed, Quiet, SourceTruncated
from shared.kafka.feed import KafkaFeed
from shared.kafka.records import to_kafka
from shared.kafka.settings import KafkaSettings
from tests.support.broker import delete_topics, make_topics, unshared
from tests.support.feeds import KafkaFeeds, polled
from tests.support.stores import commit, happened, sqlite_stores
from tests.support.time import VirtualTime
from tests.support.topics import put

TOPICS = [SPECIALISTS, COMPLAINTS]


@pytest.fixture
async def feeds(kafka_settings: KafkaSettings, time: VirtualTime) -> AsyncIterator[KafkaFeeds]:
    async with sqlite_stores(None, time) as open_store:
        feeds = KafkaFeeds(open_store, time, kafka_settings)
        yield feeds
        await feeds.close()


async def record(source: Store, time: VirtualTime, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        key = f"k{number}"
        await source.commit(commit(key, 0, happened(time, key), key=key))


async def one_batch(feed: Feed) -> Batch:
    batch = await polled(feed)
    assert isinstance(batch, Batch)
    return batch


async def read_on(feed: Feed) -> list[int]:
    """The gpos of everything up to the first quiet poll."""
    found: list[int] = []
    while isinstance(batch := await polled(feed), Batch):
        found += [record.gpos for record in batch.records]
        feed.seek(batch.source, batch.partition, batch.next_cursor)
    return found


async def until(feeds: list[KafkaFeed], *partitions: set[int]) -> None:
    """Poll until each feed has these partitions."""
    async with asyncio.timeout(30):
        while [set(feed.assignment.partitions) for feed in feeds] != list(partitions):
            for feed in feeds:
                await feed.poll()
                await feed.wait(0.05)


async def test_before_it_has_joined_it_claims_nothing(feeds: KafkaFeeds) -> None:
    await feeds.source(TOPICS)
    feed = await feeds.member(TOPICS)
    assert feed.assignment.partitions == frozenset()
    assert not feed.assignment.spare
    assert await feed.poll() == NOTHING_KNOWN


async def test_members_share_partitions_the_same_ones_of_every_topic(feeds: KafkaFeeds) -> None:
    await feeds.source(TOPICS, shards=4)
    first = await feeds.member(TOPICS)
    await until([first], {0, 1, 2, 3})
    alone = first.assignment.generation
    second = await feeds.member(TOPICS)
    async with asyncio.timeout(30):
        while not (first.assignment.partitions and second.assignment.partitions) or (
            first.assignment.partitions & second.assignment.partitions
        ):
            for feed in (first, second):
                await feed.poll()
                await feed.wait(0.05)
    assert first.assignment.partitions | second.assignment.partitions == {0, 1, 2, 3}
    assert len(first.assignment.partitions) == 2
    assert first.assignment.generation > alone
    shared = first.assignment.generation
    await second.close()
    await until([first], {0, 1, 2, 3})
    assert first.assignment.generation > shared


async def test_a_member_too_many_has_nothing_and_claims_nothing(feeds: KafkaFeeds) -> None:
    await feeds.source(TOPICS)
    members = [await feeds.member(TOPICS), await feeds.member(TOPICS)]
    async with asyncio.timeout(30):
        while True:
            told = []
            for feed in members:
                told.append(await feed.poll())
                await feed.wait(0.1)
            held = [len(feed.assignment.partitions) for feed in members]
            spare = [feed.assignment.spare for feed in members]
            # What was told before the partition changed hands is no news of the one without it.
            knows_nothing = [one == NOTHING_KNOWN for one in told]
            if sorted(held) == [0, 1] and any(spare) and knows_nothing == [not one for one in held]:
                break
    assert spare == [not one for one in held]
    await members[held.index(1)].close()
    waiting = members[held.index(0)]
    await until([waiting], {0})
    assert not waiting.assignment.spare


async def test_another_member_reads_on_from_where_the_database_says(
    feeds: KafkaFeeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    await record(source, time, 10)
    await feeds.publish()
    first = await feeds.open(TOPICS)
    batch = await one_batch(first)
    first.seek(batch.source, batch.partition, batch.next_cursor)
    await first.close()  # Kafka now believes that all has been read
    own = feeds.own("reader")
    before = await own.position("reader", SPECIALISTS, 0)
    counted = replace(before, cursor=4, gpos=4)
    await own.commit(Commit(advance=Advance(before, counted)))
    again = await one_batch(await feeds.open(TOPICS))
    assert again.cursor == 4
    assert [r.gpos for r in again.records] == list(range(5, 11))


async def test_kafka_s_own_tools_see_how_far_reading_has_come(
    feeds: KafkaFeeds, kafka_settings: KafkaSettings, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    await record(source, time, 10)
    await feeds.publish()
    feed = await feeds.open(TOPICS)
    await read_on(feed)
    await feed.close()
    admin = AIOKafkaAdminClient(**kafka_settings.connection())
    await admin.start()
    offsets = await admin.list_consumer_group_offsets(kafka_settings.group("reader"))
    await admin.close()
    assert {place.topic: at.offset for place, at in offsets.items()} == {
        kafka_settings.topic(SPECIALISTS): 10
    }


async def test_what_is_no_event_comes_in_its_place_and_holds_up_nothing(
    feeds: KafkaFeeds, kafka_settings: KafkaSettings, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    await record(source, time, 2)
    await feeds.publish()
    await put(kafka_settings, SPECIALISTS, key=b"k1", value=b"{}")
    (stored, *_) = await source.tail(0, 0)
    sent = to_kafka(stored)
    garbled = [(k, b"x" if k == "ce_gpos" else v) for k, v in sent.headers]
    await put(kafka_settings, SPECIALISTS, key=sent.key, value=sent.value, headers=garbled)
    await put(kafka_settings, SPECIALISTS, key=None, value=b"")
    await record(source, time, 2, start=2)
    await feeds.publish()
    found: list[Recorded] = []
    cursors: list[int] = []
    feed = await feeds.open(TOPICS)
    while isinstance(batch := await polled(feed), Batch):
        found += batch.records
        cursors += batch.cursors
        feed.seek(batch.source, batch.partition, batch.next_cursor)
    assert [r.key for r in found] == ["k0", "k1", "k1", "k0", f"{SPECIALISTS}/0/4", "k2", "k3"]
    assert [r.gpos for r in found] == [1, 2, -3, -4, -5, 3, 4]
    assert cursors == [1, 2, 3, 4, 5, 6, 7]
    for broken in found[2:5]:
        with pytest.raises(Undecodable, match="not an event"):
            fact(broken)


async def test_a_batch_is_bounded(feeds: KafkaFeeds, time: VirtualTime) -> None:
    source = await feeds.source(TOPICS)
    await record(source, time, 450)
    await feeds.publish()
    feed = await feeds.open(TOPICS)
    sizes = []
    while isinstance(batch := await polled(feed), Batch):
        sizes.append(len(batch.records))
        feed.seek(batch.source, batch.partition, batch.next_cursor)
    assert sum(sizes) == 450
    assert max(sizes) == 200


async def test_it_claims_to_know_no_more_than_what_the_owner_has_published(
    feeds: KafkaFeeds, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    feed = await feeds.open(TOPICS)
    published = time.now()
    assert await polled(feed) == Quiet(polled_at=published)
    time.move(timedelta(hours=1))
    await record(source, time, 1)  # and the relay is at a standstill
    assert await polled(feed) == Quiet(polled_at=published)
    await feeds.publish()
    assert await read_on(feed) == [1]
    async with asyncio.timeout(10):
        while await polled(feed) != Quiet(polled_at=time.now()):
            await feeds.publish()
            await feed.wait(0.1)


async def test_a_topic_nobody_has_told_of_is_not_known_at_all(
    feeds: KafkaFeeds, kafka_settings: KafkaSettings
) -> None:
    await feeds.source([SPECIALISTS])
    await make_topics(kafka_settings, COMPLAINTS)
    feed = await feeds.open(TOPICS)
    for _ in range(3):
        found = await feed.poll()
        assert isinstance(found, Quiet)
        assert found.polled_at == EPOCH


async def poll_for_ever(feed: Feed) -> None:
    async with asyncio.timeout(30):
        while True:
            await feed.poll()
            await feed.wait(0.1)


def truncated(feeds: KafkaFeeds, source: str) -> float | None:
    return feeds.metrics.registry.get_sample_value(
        "amends_feed_truncated", {"consumer": "reader", "source": source, "partition": "0"}
    )


async def test_a_recreated_topic_stops_alone_until_somebody_says_where_to_read(
    feeds: KafkaFeeds, kafka_settings: KafkaSettings, time: VirtualTime
) -> None:
    source = await feeds.source(TOPICS)
    await record(source, time, 5)
    await feeds.publish()
    feed = await feeds.open(TOPICS)
    assert await read_on(feed) == [1, 2, 3, 4, 5]
    await delete_topics(kafka_settings, SPECIALISTS)
    await make_topics(kafka_settings, SPECIALISTS)
    with pytest.raises(SourceTruncated, match="has no offset 5"):
        await poll_for_ever(feed)
    assert truncated(feeds, SPECIALISTS) == 1
    (stored,) = await source.tail(0, 0, limit=1)
    sent = to_kafka(stored)
    for topic in TOPICS:
        await put(kafka_settings, topic, key=sent.key, value=sent.value, headers=sent.headers)
    others = await one_batch(feed)
    assert others.source == COMPLAINTS
    feed.seek(COMPLAINTS, 0, others.next_cursor)
    assert await feed.poll() == NOTHING_KNOWN  # what the other one has lost, nobody knows
    feed.seek(SPECIALISTS, 0, 0)
    assert (await one_batch(feed)).source == SPECIALISTS
    assert truncated(feeds, SPECIALISTS) == 0


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker of a test's own, to be killed."""
    broker = LocalKafka(tmp_path / "kafka")
    broker.start()
    yield broker
    broker.stop()


async def test_a_feed_outlives_its_broker_and_claims_nothing_meanwhile(
    frail: LocalKafka, time: VirtualTime
) -> None:
    async with sqlite_stores(None, time) as open_store:
        feeds = KafkaFeeds(open_store, time, unshared(frail.bootstrap_servers))
        try:
            source = await feeds.source(TOPICS)
            feed = await feeds.open(TOPICS)
            await record(source, time, 3)
            await feeds.publish()
            assert await read_on(feed) == [1, 2, 3]
            frail.kill()
            assert await feed.poll() == NOTHING_KNOWN
            assert await feed.poll() == NOTHING_KNOWN
            frail.start()
            await record(source, time, 3, start=3)
            async with asyncio.timeout(60):
                while await feeds.relay.step() or feeds.relay.failing:
                    await feeds.relay.wait()
                assert await read_on(feed) == [4, 5, 6]
        finally:
            await feeds.close()


async def test_a_feed_waits_for_a_broker_that_is_not_there_yet(
    frail: LocalKafka, time: VirtualTime
) -> None:
    settings = unshared(frail.bootstrap_servers)
    async with sqlite_stores(None, time) as open_store:
        feeds = KafkaFeeds(open_store, time, settings)
        try:
            source = await feeds.source(TOPICS)
            await record(source, time, 3)
            await feeds.publish()
            frail.stop()
            feed = await feeds.member(TOPICS)
            assert await feed.poll() == NOTHING_KNOWN
            await feed.wait(0.1)
            assert await feed.poll() == NOTHING_KNOWN
            frail.start()
            async with asyncio.timeout(60):
                assert (await one_batch(feed)).cursor == 0
        finally:
            await feeds.close()
