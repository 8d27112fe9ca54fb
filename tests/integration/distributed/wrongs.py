"""A service on real PostgreSQL and Kafka, as several processes, whose events go wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from amends.migrations.roles import group_role
from shared.clock import ProcessClock, WallClock
from shared.eventlog.ports import Store, no_projection
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.shards import shard_of
from shared.events.envelope import Event, Fact
from shared.events.registry import SPECIALISTS
from shared.feed.consumer import Consumer
from shared.feed.dead_letters import DeadLetter, DeadLetters, letters
from shared.ids import TimeOrderedIds
from shared.kafka.dead_letters import DeadLetterRelay, dead_topic
from shared.kafka.feed import KafkaFeed
from shared.kafka.progress import PROGRESS
from shared.kafka.records import to_kafka
from shared.kafka.relay import Relay
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from shared.service import Driver
from shared.unit_of_work import UnitOfWork
from tests.support.broker import make_topics
from tests.support.commands import Ran, amends
from tests.support.databases import acting_as
from tests.support.stores import commit, everything, happened
from tests.support.time import VirtualTime
from tests.support.topics import everything_on, put

SHARDS = 2
PATIENCE_SECONDS = 90
KEYS = ("k0", "k1", "k2", "k3", "k4")
JUNK, FAULTY, *FINE = KEYS
"""Of one key a record on Kafka cannot be decoded, of another a handler raises."""


class Hasty(ProcessClock):
    """A clock of somebody who does not wait for long."""

    async def sleep(self, seconds: float) -> None:
        """A fiftieth of it."""
        await asyncio.sleep(seconds / 50)


@dataclass
class Member:
    """One process of the service sla, as far as the others can tell."""

    site: "Site"
    store: Store
    monotonic: ProcessClock
    handled: list[int] = field(default_factory=list)
    """What its handler took; again, where a commit came too late."""

    def __post_init__(self) -> None:
        self.feed = KafkaFeed(
            "sla",
            [SPECIALISTS],
            self.store,
            settings=self.site.settings,
            clock=self.site.time,
            monotonic=ProcessClock(),
            metrics=Metrics(),
        )
        self.consumer = Consumer(
            name="sla",
            feed=self.feed,
            log=self.store,
            handle=self._count,
            monotonic=self.monotonic,
            dead_letters=DeadLetters(WallClock()),
            metrics=Metrics(),
        )
        self.driver = Driver(self.consumer, ProcessClock())

    async def _count(self, fact: Fact[Event], work: UnitOfWork) -> None:
        record = fact.recorded
        if record.gpos in self.site.broken:
            raise RuntimeError("what a person wrote")
        seen = await work.document("seen", record.key)
        await work.put("seen", record.key, (seen or b"") + f"{record.gpos},".encode())
        self.handled.append(record.gpos)

    async def leave(self) -> None:
        """Stop and leave the group."""
        await self.driver.stop()
        await self.consumer.close()
        await self.store.close()


class Site:
    """Routing publishes, sla reads, each on a schema of its own with its own role."""

    def __init__(self, url: str, settings: KafkaSettings, time: VirtualTime) -> None:
        self.url = url
        self.settings = settings
        self.time = time
        self.broken: set[int] = set()
        self.members: list[Member] = []
        self._versions = dict.fromkeys(KEYS, 0)

    async def open(self) -> None:
        await make_topics(self.settings, SPECIALISTS, dead_topic("sla"), partitions=SHARDS)
        await make_topics(self.settings, PROGRESS)
        self.source = await self.store("routing")
        self.sla = await self.store("sla")
        self.relay = Relay(
            self.source,
            [SPECIALISTS],
            settings=self.settings,
            clock=self.time,
            monotonic=ProcessClock(),
            metrics=Metrics(),
            patience_seconds=10,
        )

    async def store(self, service: str) -> Store:
        return await PostgresEventLog.open(
            acting_as(self.url, group_role(service)),
            source=service,
            clock=self.time,
            ids=TimeOrderedIds(),
            metrics=Metrics(),
            projection=no_projection,
        )

    async def join(self, *, monotonic: ProcessClock | None = None, work: bool = True) -> Member:
        """A further process; without `work` it belongs to no group and owns nothing."""
        member = Member(self, await self.store("sla"), monotonic or ProcessClock())
        self.members.append(member)
        if work:
            member.driver.start()
        return member

    async def record(self, *keys: str) -> None:
        """Events of these keys, not published yet."""
        for key in keys:
            event = happened(self.time, key)
            version = self._versions[key]
            await self.source.commit(commit(f"specialist-{key}", version, event, key=key))
            self._versions[key] += 1

    async def publish(self, *keys: str) -> None:
        """Events of these keys, and all that was recorded, reach Kafka."""
        await self.record(*keys)
        while await self.relay.step():
            pass

    async def put_junk(self, key: str) -> None:
        """Somebody writes a record onto the topic that is none of our events."""
        (record, *_) = [r for r in await everything(self.source) if r.key == key]
        sent = to_kafka(record)
        garbled = [(name, b"?" if name == "ce_gpos" else value) for name, value in sent.headers]
        await put(
            self.settings,
            SPECIALISTS,
            key=sent.key,
            value=b"what a person wrote",
            headers=garbled,
            partition=record.shard,
        )

    async def gpos_of(self, *keys: str) -> dict[str, list[int]]:
        """All events of these keys, in order."""
        records = await everything(self.source)
        return {key: [r.gpos for r in records if r.key == key] for key in keys}

    async def counted(self, *keys: str) -> dict[str, list[int]]:
        found = {}
        for key in keys:
            data = (await self.sla.document("seen", key)).data or b""
            found[key] = [int(part) for part in data.split(b",") if part]
        return found

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so, looking whenever sla has recorded something."""
        news = self.sla.watch()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await true():
                await news.wait(0.2)

    async def until_counted(self, wanted: dict[str, list[int]]) -> None:
        """Wait until as much has been counted, then see that it is just that."""

        async def enough() -> bool:
            found = await self.counted(*wanted)
            return all(len(found[key]) >= len(wanted[key]) for key in wanted)

        await self.until(enough)
        assert await self.counted(*wanted) == wanted

    async def letter_of(self, key: str) -> DeadLetter:
        """The open letter of a key, once there is one."""

        async def there() -> bool:
            return any(one.key == key for one in await letters(self.sla))

        await self.until(there)
        return next(one for one in await letters(self.sla) if one.key == key)

    async def nothing_is_asked(self) -> bool:
        """Every request is answered: a commit of its own, after the last event was counted."""
        return await self.sla.documents("redrive") == []

    async def owner_of(self, key: str) -> Member:
        """The member that owns a key's partition, once all members have their share."""
        shard = shard_of(key, SHARDS)

        async def shared_out() -> bool:
            owned = [m.consumer.partitions for m in self.members]
            each_once = sorted(p for one in owned for p in one) == list(range(SHARDS))
            return each_once and all(owned)

        await self.until(shared_out)
        return next(m for m in self.members if shard in m.consumer.partitions)

    async def dead(self, *arguments: str) -> Ran:
        """`amends dead` with no more rights than the service has."""
        address = acting_as(self.url, group_role("sla"))
        return await amends(
            "dead", *arguments, "--service", "sla", environment={"DATABASE_URL": address}
        )

    async def told(self) -> dict[str, str]:
        """By letter the last state that its topic tells."""
        relay = DeadLetterRelay(
            self.sla, settings=self.settings, monotonic=ProcessClock(), metrics=Metrics()
        )
        while await relay.step():
            pass
        await relay.close()
        last: dict[str, Any] = {}
        for partition in range(SHARDS):
            for lying in await everything_on(self.settings, dead_topic("sla"), partition):
                body = msgspec.json.decode(lying.value or b"")
                assert b"person" not in (lying.value or b"")
                if body["revision"] > last.get(body["id"], {"revision": 0})["revision"]:
                    last[body["id"]] = body
        return {one: body["state"] for one, body in last.items()}

    async def close(self) -> None:
        for member in self.members:
            await member.leave()
        await self.relay.close()
        await self.sla.close()
        await self.source.close()
