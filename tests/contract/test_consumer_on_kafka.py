"""Consumers behind the real broker: each fact counts once, in order, whoever comes and goes."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from shared.clock import ProcessClock
from shared.eventlog.ports import Store
from shared.events.envelope import Event, Fact, Recorded
from shared.events.registry import SPECIALISTS
from shared.feed.consumer import Consumer
from shared.feed.dead_letters import DeadLetters, letters
from shared.kafka.feed import KafkaFeed
from shared.kafka.records import to_kafka
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from shared.service import Driver
from shared.unit_of_work import UnitOfWork
from tests.support.feeds import KafkaFeeds
from tests.support.stores import commit, everything, happened, sqlite_stores
from tests.support.time import VirtualTime
from tests.support.topics import put

KEYS = [f"k{number}" for number in range(9)]


async def count(fact: Fact[Event], work: UnitOfWork) -> None:
    """Keeps, per key, what it has counted, in a document."""
    record = fact.recorded
    seen = await work.document("seen", record.key)
    await work.put("seen", record.key, (seen or b"") + f"{record.gpos},".encode())


@dataclass
class Member:
    """One process of the consumer, as far as the others can tell."""

    consumer: Consumer
    feed: KafkaFeed
    driver: Driver

    async def leave(self) -> None:
        """Stop and leave the group."""
        await self.driver.stop()
        await self.feed.close()


class World:
    """A source behind Kafka and members of one consumer over one store."""

    def __init__(self, feeds: KafkaFeeds, settings: KafkaSettings, time: VirtualTime) -> None:
        self.feeds = feeds
        self.settings = settings
        self.time = time
        self.source: Store
        self._versions = dict.fromkeys(KEYS, 0)

    async def join(self) -> "Member":
        """A member at work."""
        feed = await self.feeds.member([SPECIALISTS])
        consumer = Consumer(
            name="reader",
            feed=feed,
            log=self.own,
            handle=count,
            monotonic=ProcessClock(),
            dead_letters=DeadLetters(self.time),
            metrics=Metrics(),
        )
        driver = Driver(consumer, ProcessClock())
        driver.start()
        return Member(consumer, feed, driver)

    @property
    def own(self) -> Store:
        return self.feeds.own("reader")

    async def record(self, *keys: str) -> None:
        for key in keys:
            version = self._versions[key]
            event = happened(self.time, key)
            await self.source.commit(commit(f"specialist-{key}", version, event, key=key))
            self._versions[key] = version + 1

    async def stored(self) -> dict[str, list[int]]:
        """What should be counted of each key."""
        found: dict[str, list[int]] = {key: [] for key in KEYS}
        for record in await everything(self.source):
            found[record.key].append(record.gpos)
        return found

    async def counted(self) -> dict[str, list[int]]:
        found = {}
        for key in KEYS:
            data = (await self.own.document("seen", key)).data or b""
            found[key] = [int(part) for part in data.split(b",") if part]
        return found

    async def until_counted(self, wanted: dict[str, list[int]]) -> None:
        """Wait until as much has been counted, then see that it is just that."""
        news = self.own.watch()
        async with asyncio.timeout(60):
            while sum(map(len, (await self.counted()).values())) < sum(map(len, wanted.values())):
                await news.wait(0.2)
        assert await self.counted() == wanted


@pytest.fixture
async def world(kafka_settings: KafkaSettings, time: VirtualTime) -> AsyncIterator[World]:
    async with sqlite_stores(None, time) as open_store:
        feeds = KafkaFeeds(open_store, time, kafka_settings)
        world = World(feeds, kafka_settings, time)
        world.source = await feeds.source([SPECIALISTS], shards=4)
        yield world
        await feeds.close()


async def publish_again(settings: KafkaSettings, record: Recorded) -> None:
    sent = to_kafka(record)
    await put(
        settings,
        sent.topic,
        key=sent.key,
        value=sent.value,
        headers=sent.headers,
        partition=sent.partition,
    )


async def test_every_fact_counts_once_and_in_order_while_members_come_and_go(
    world: World,
) -> None:
    dice = random.Random(4)
    members = [await world.join()]
    for turn in range(8):
        await world.record(*dice.choices(KEYS, k=150))
        await world.feeds.publish()
        if len(members) < 3 and dice.random() < 0.7:
            members.append(await world.join())
        else:
            await members.pop(dice.randrange(len(members))).leave()
            members.append(await world.join())
        await world.record(*dice.choices(KEYS, k=50))
        await world.feeds.publish()
        await publish_again(world.settings, dice.choice(await everything(world.source)))
        if turn % 2:
            await world.until_counted(await world.stored())
    await world.until_counted(await world.stored())
    for member in members:
        await member.leave()


async def test_a_record_that_is_no_event_parks_its_key_and_nothing_else(world: World) -> None:
    await world.record("k1", "k2")
    await world.feeds.publish()
    (first,) = [r for r in await everything(world.source) if r.key == "k1"]
    sent = to_kafka(first)
    garbled = [(name, b"?" if name == "ce_gpos" else value) for name, value in sent.headers]
    await put(
        world.settings,
        SPECIALISTS,
        key=b"k1",
        value=sent.value,
        headers=garbled,
        partition=first.shard,
    )
    await world.record("k1", "k2", "k1", "k2")
    await world.feeds.publish()
    member = await world.join()
    wanted = await world.stored()
    wanted["k1"] = wanted["k1"][:1]
    await world.until_counted(wanted)
    news = world.own.watch()
    async with asyncio.timeout(30):
        while not member.consumer.parked:
            await news.wait(0.2)
    assert member.consumer.parked == {"k1"}
    (letter,) = await letters(world.own)
    assert letter.key == "k1"
    assert "not an event: header ce_gpos is garbled" in letter.reason
    await member.leave()
    member = await world.join()
    await world.record("k1", "k2")
    await world.feeds.publish()
    after = await world.stored()
    after["k1"] = after["k1"][:1]
    await world.until_counted(after)
    assert len(await letters(world.own)) == 1
    await member.leave()
