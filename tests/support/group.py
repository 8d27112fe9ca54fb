"""Members of one consumer group over one store, and what each of them has to have counted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.clock import ProcessClock
from shared.eventlog.ports import Store
from shared.events.envelope import Event, Fact, Recorded
from shared.events.registry import SPECIALISTS
from shared.feed.consumer import Consumer
from shared.feed.dead_letters import DeadLetters
from shared.kafka.feed import KafkaFeed
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from shared.service import Driver
from shared.unit_of_work import UnitOfWork
from tests.support.feeds import KafkaFeeds
from tests.support.stores import OpenStore, commit, everything, happened
from tests.support.time import VirtualTime


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
    store: Store

    async def leave(self) -> None:
        """Stop and leave the group."""
        await self.driver.stop()
        await self.feed.close()


class Group:
    """A source behind Kafka and members of one consumer, each over a connection of its own."""

    def __init__(
        self,
        open_store: OpenStore,
        settings: KafkaSettings,
        time: VirtualTime,
        keys: Sequence[str],
        handle: Callable[[Fact[Event], UnitOfWork], Awaitable[None]] = count,
    ) -> None:
        self.feeds = KafkaFeeds(open_store, time, settings)
        self.settings = settings
        self.source: Store
        self.own: Store
        self._open_store = open_store
        self._time = time
        self._handle = handle
        self._versions = dict.fromkeys(keys, 0)

    async def open(self, *, shards: int) -> None:
        """Make the source, its topic, and the store of the consumer."""
        self.source = await self.feeds.source([SPECIALISTS], shards=shards)
        self.own = await self._open_store("reader")

    async def close(self) -> None:
        """Leave the broker; members have left."""
        await self.feeds.close()

    async def join(self, *, own: Store | None = None) -> Member:
        """A member at work, on a connection of its own if one is given."""
        store = own or self.own
        feed = await self.feeds.member([SPECIALISTS], "reader", store)
        consumer = Consumer(
            name="reader",
            feed=feed,
            log=store,
            handle=self._handle,
            monotonic=ProcessClock(),
            dead_letters=DeadLetters(self._time),
            metrics=Metrics(),
        )
        driver = Driver(consumer, ProcessClock())
        driver.start()
        return Member(consumer, feed, driver, store)

    async def record(self, *keys: str) -> list[int]:
        """Record an event of each of these keys, in this order; their gpos."""
        recorded = []
        for key in keys:
            version = self._versions[key]
            event = happened(self._time, key)
            one = commit(f"specialist-{key}", version, event, key=key)
            recorded += [record.gpos for record in await self.source.commit(one)]
            self._versions[key] = version + 1
        return recorded

    async def stored(self) -> dict[str, list[int]]:
        """What should be counted of each key."""
        found: dict[str, list[int]] = {key: [] for key in self._versions}
        for record in await everything(self.source):
            found[record.key].append(record.gpos)
        return found

    async def counted(self) -> dict[str, list[int]]:
        """What has been counted of each key, in order."""
        found = {}
        for key in self._versions:
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

    async def all_records(self) -> list[Recorded]:
        """Everything recorded by the source."""
        return await everything(self.source)
