"""Feeds for the contract suites: every adapter of the port, behind one way to open them."""

from collections.abc import Sequence
from typing import Protocol

from shared.clock import ProcessClock
from shared.eventlog.ports import Store
from shared.feed.embedded import EmbeddedFeed
from shared.feed.ports import NOTHING_KNOWN, Batch, Feed, Quiet
from shared.kafka.feed import KafkaFeed
from shared.kafka.progress import PROGRESS
from shared.kafka.relay import Relay
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from tests.support.broker import make_topics
from tests.support.stores import OpenStore
from tests.support.time import VirtualTime


class Feeds(Protocol):
    """Sources and feeds over them, on one adapter."""

    async def source(self, topics: Sequence[str], *, shards: int = 1) -> Store:
        """A store that owns these topics."""
        ...

    async def open(self, topics: Sequence[str], consumer: str = "reader") -> Feed:
        """A feed over topics of the source, ready to give what there is."""
        ...

    async def publish(self) -> None:
        """Let everything recorded so far reach where feeds look."""
        ...

    async def close(self) -> None:
        """Close what was opened."""
        ...


class EmbeddedFeeds:
    """Feeds that read the source itself."""

    def __init__(self, open_store: OpenStore, time: VirtualTime) -> None:
        self._open_store = open_store
        self._time = time

    async def source(self, _topics: Sequence[str], *, shards: int = 1) -> Store:
        """See `Feeds.source`."""
        self._source: Store = await self._open_store(shards=shards)
        return self._source

    async def open(self, topics: Sequence[str], _consumer: str = "reader") -> Feed:
        """See `Feeds.open`."""
        return EmbeddedFeed(topics, lambda _: self._source, self._time)

    async def publish(self) -> None:
        """What is recorded is there."""

    async def close(self) -> None:
        """Nothing to close."""


class KafkaFeeds:
    """Feeds behind a relay and a real broker."""

    def __init__(self, open_store: OpenStore, time: VirtualTime, settings: KafkaSettings) -> None:
        self._open_store = open_store
        self._time = time
        self._settings = settings
        self._stores: dict[str, Store] = {}
        self._feeds: list[KafkaFeed] = []
        self.metrics = Metrics()

    async def source(self, topics: Sequence[str], *, shards: int = 1) -> Store:
        """See `Feeds.source`."""
        await make_topics(self._settings, *topics, partitions=shards)
        await make_topics(self._settings, PROGRESS)
        source: Store = await self._open_store(shards=shards)
        self.relay = Relay(
            source,
            topics,
            settings=self._settings,
            clock=self._time,
            monotonic=ProcessClock(),
            metrics=self.metrics,
        )
        await self.publish()
        return source

    async def open(self, topics: Sequence[str], consumer: str = "reader") -> Feed:
        """See `Feeds.open`."""
        feed = await self.member(topics, consumer)
        while not feed.assignment.partitions:
            await feed.poll()
            await feed.wait(0.2)
        return feed

    async def member(
        self, topics: Sequence[str], consumer: str = "reader", own: Store | None = None
    ) -> KafkaFeed:
        """A feed that has yet to join; without `own` it shares a store with the others."""
        if own is None:
            own = self._stores.get(consumer) or await self._open_store(consumer)
            self._stores[consumer] = own
        feed = KafkaFeed(
            consumer,
            topics,
            own,
            settings=self._settings,
            clock=self._time,
            monotonic=ProcessClock(),
            metrics=self.metrics,
        )
        self._feeds.append(feed)
        return feed

    def own(self, consumer: str) -> Store:
        """The store that holds a consumer's positions."""
        return self._stores[consumer]

    async def publish(self) -> None:
        """Pump the relay until there is nothing left."""
        while await self.relay.step():
            pass

    async def close(self) -> None:
        """Leave groups and disconnect."""
        for feed in self._feeds:
            await feed.close()
        await self.relay.close()


async def polled(feed: Feed) -> Batch | Quiet:
    """The first poll that tells something."""
    while (found := await feed.poll()) == NOTHING_KNOWN:
        await feed.wait(0.1)
    return found
