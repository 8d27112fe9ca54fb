"""The whole platform on real PostgreSQL and Kafka, still in one process and on virtual time."""

import asyncio
from collections.abc import Sequence
from typing import Final

from amends.bus import OWNERS, topics_of
from shared.eventlog.ports import EventLog
from shared.feed.ports import Feed
from shared.kafka.feed import KafkaFeed
from shared.kafka.progress import PROGRESS
from shared.kafka.relay import Relay
from shared.service import Edges
from shared.worker import Worker
from tests.support.broker import make_topics, unshared
from tests.support.bus import PostgresBus
from tests.support.system import System

SHARDS: Final = 3
_PASSES: Final = 20_000
_PAUSE_SECONDS: Final = 0.005


class DistributedSystem(System):
    """As `System`, with a relay per service: `"intake-relay"` in `paused` stops one."""

    def __init__(self, bootstrap_servers: str) -> None:
        super().__init__()
        self.kafka = unshared(bootstrap_servers)
        self.relays: list[Relay] = []

    async def _edges(self) -> Edges:
        await make_topics(self.kafka, *OWNERS, partitions=SHARDS)
        await make_topics(self.kafka, PROGRESS)
        bus = PostgresBus(self.time, self.ids, self.metrics, shards=SHARDS)
        return self._edges_on(bus.open_log, self._open_feed)

    def _open_feed(self, consumer: str, topics: Sequence[str], own: EventLog) -> Feed:
        return KafkaFeed(
            consumer,
            topics,
            own,
            settings=self.kafka,
            clock=self.time,
            monotonic=self.time,
            metrics=self.metrics,
        )

    async def __aenter__(self) -> "DistributedSystem":
        """Build everything, and a relay for each service that publishes."""
        await super().__aenter__()
        for service in self.services:
            owned = topics_of(service.name)
            if owned:
                self.relays.append(
                    Relay(
                        service.log,
                        owned,
                        settings=self.kafka,
                        clock=self.time,
                        monotonic=self.time,
                        metrics=self.metrics,
                    )
                )
        return self

    async def __aexit__(self, *error: object) -> None:
        """Leave groups, disconnect, close the stores."""
        await asyncio.gather(*(relay.close() for relay in self.relays))
        consumers = [consumer for service in self.services for consumer in service.consumers]
        await asyncio.gather(*(consumer.close() for consumer in consumers))
        await super().__aexit__(None, None, None)

    async def settle(self) -> None:
        """Pump relays and workers until nobody has anything left to do, and everybody knows."""
        for _ in range(_PASSES):
            busy = False
            for relay in self.relays:
                busy = await self._drained(relay, relay.name) or busy
            for service in self.services:
                for worker in service.all_workers:
                    if service.name not in self.paused:
                        busy = await self._drained(worker, worker.name) or busy
            if not busy and self._all_known():
                return
            if not busy:
                await asyncio.sleep(_PAUSE_SECONDS)
        raise AssertionError("the system never settles")

    async def _drained(self, worker: Worker, name: str) -> bool:
        busy = False
        while name not in self.paused and await worker.step():
            busy = True
        return busy

    def _all_known(self) -> bool:
        """Whether every consumer knows of everything up to now, as far as relays let it."""
        stopped = {name.removesuffix("-relay") for name in self.paused}
        for service in self.services:
            for consumer in service.consumers:
                if service.name in self.paused or consumer.name in self.paused:
                    continue
                if not stopped.isdisjoint(OWNERS[topic] for topic in consumer.sources):
                    if len(consumer.partitions) < SHARDS:
                        return False
                    continue
                if any(consumer.read_up_to(shard) < self.time.now() for shard in range(SHARDS)):
                    return False
        return True
