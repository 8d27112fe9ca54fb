"""What the relay promises: everything recorded is published, in order, whatever breaks."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from deploy.local.kafka import LocalKafka
from services.routing.domain.events import SpecialistWentAbsent
from shared.clock import ProcessClock
from shared.eventlog.ports import Commit, Statement, Store
from shared.eventlog.shards import shard_of
from shared.events.envelope import Event, Recorded
from shared.events.profiles import MerchantRegistered
from shared.events.registry import MERCHANTS, SPECIALISTS
from shared.kafka.progress import PROGRESS
from shared.kafka.relay import CONSUMER, Relay
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from tests.contract.examples import full_example
from tests.support.broker import make_topics, unshared
from tests.support.stores import commit, everything, happened, sqlite_stores
from tests.support.time import VirtualTime
from tests.support.topics import each_once, everything_on

SHARDS = 3
TOPICS = (SPECIALISTS, MERCHANTS)


class World:
    """A service's store with topics on a broker, and relays between them."""

    def __init__(self, store: Store, settings: KafkaSettings, time: VirtualTime) -> None:
        self.store = store
        self.settings = settings
        self.time = time
        self.metrics = Metrics()
        self._recorded = 0
        self._relays: list[Relay] = []

    def relay(self, *, patience_seconds: float = 10.0) -> Relay:
        """A relay as after a start."""
        relay = Relay(
            self.store,
            TOPICS,
            settings=self.settings,
            clock=self.time,
            monotonic=ProcessClock(),
            metrics=self.metrics,
            patience_seconds=patience_seconds,
        )
        self._relays.append(relay)
        return relay

    async def record(self, count: int) -> None:
        """Events of several keys, types and topics, private ones among them."""
        dice = random.Random(self._recorded)
        for number in range(self._recorded, self._recorded + count):
            event = dice.choice([happened(self.time), *PRIVATE, MERCHANT])
            await self.store.commit(commit(f"s-{number}", 0, event, key=f"k{dice.randrange(9)}"))
        self._recorded += count

    async def published(self) -> dict[tuple[str, int], list[Recorded]]:
        """What should be on each partition."""
        should: dict[tuple[str, int], list[Recorded]] = {
            (topic, shard): [] for topic in TOPICS for shard in range(SHARDS)
        }
        for record in await everything(self.store):
            if record.topic is not None:
                should[record.topic, record.shard].append(record)
        return should

    async def position(self) -> list[int]:
        """The stored position in each shard."""
        source = self.store.source
        return [
            (await self.store.position(CONSUMER, source, shard)).gpos for shard in range(SHARDS)
        ]

    async def set_back(self, gpos: int) -> None:
        """Let the positions be as if the process had died before it stored them."""
        sql = "UPDATE positions SET cursor = min(cursor, :g), gpos = min(gpos, :g)"
        await self.store.commit(Commit(statements=(Statement(sql, {"g": gpos}),)))

    async def duplicates(self) -> int:
        """How often something was published again. All else must be as recorded."""
        spare = 0
        for (topic, shard), should in (await self.published()).items():
            lying = await everything_on(self.settings, topic, shard)
            assert each_once(lying) == should
            spare += len(lying) - len(should)
        return spare

    async def close(self) -> None:
        """Disconnect all relays."""
        for relay in self._relays:
            await relay.close()


PRIVATE: list[Event] = [full_example(SpecialistWentAbsent)]
MERCHANT: Event = full_example(MerchantRegistered)


@asynccontextmanager
async def world_on(settings: KafkaSettings, time: VirtualTime) -> AsyncIterator[World]:
    """A world whose topics lie on this broker."""
    await make_topics(settings, *TOPICS, partitions=SHARDS)
    await make_topics(settings, PROGRESS)
    async with sqlite_stores(None, time) as open_store:
        world = World(await open_store("routing", shards=SHARDS), settings, time)
        yield world
        await world.close()


@pytest.fixture
async def world(kafka_settings: KafkaSettings, time: VirtualTime) -> AsyncIterator[World]:
    async with world_on(kafka_settings, time) as made:
        yield made


async def drain(relay: Relay) -> None:
    while await relay.step():
        pass


async def test_everything_is_published_once_in_order_and_private_events_are_not(
    world: World,
) -> None:
    await world.record(700)
    await drain(world.relay())
    assert await world.duplicates() == 0
    assert await world.position() == list(await world.store.heads())
    published = sum(map(len, (await world.published()).values()))
    assert 0 < published < 700
    told = world.metrics.registry.get_sample_value(
        "amends_events_relayed_total", {"service": "routing"}
    )
    assert told == published


async def test_a_relay_started_anew_goes_on_where_the_last_one_was(world: World) -> None:
    await world.record(30)
    await drain(world.relay())
    await world.record(30)
    await drain(world.relay())
    assert await world.duplicates() == 0


async def test_a_relay_closed_in_the_middle_of_a_round_works_again_when_asked(world: World) -> None:
    """As one that lost its lease: another published meanwhile, then it is this one's turn again."""
    relay = world.relay(patience_seconds=0.0)
    await world.record(100)
    await relay.step()
    await relay.close()
    await drain(world.relay())
    await world.record(100)
    again = relay
    while sum(await world.position()) != sum(await world.store.heads()):
        await again.step()
        await again.wait()
    assert await world.duplicates() == 0


@pytest.mark.parametrize("stored", [0, 40, 90])
async def test_a_crash_between_publishing_and_storing_the_position_repeats_nothing(
    world: World, stored: int
) -> None:
    await world.record(100)
    await drain(world.relay())
    await world.set_back(stored)
    await world.record(20)
    await drain(world.relay())
    assert await world.duplicates() == 0
    assert await world.position() == list(await world.store.heads())


async def test_two_relays_at_once_repeat_things_but_lose_nothing_and_keep_the_order(
    world: World,
) -> None:
    await world.record(300)
    first, second = world.relay(), world.relay()
    await asyncio.gather(drain(first), drain(second))
    await world.record(300)
    await asyncio.gather(drain(first), drain(second))
    await drain(first)
    await world.duplicates()
    assert await world.position() == list(await world.store.heads())


async def test_an_event_too_large_for_kafka_stops_the_relay_and_is_never_skipped(
    world: World,
) -> None:
    huge = happened(world.time, "s" * 2_000_000)
    await world.store.commit(commit("a", 0, happened(world.time)))
    await world.store.commit(commit("b", 0, huge))
    await world.store.commit(commit("c", 0, happened(world.time)))
    relay = world.relay()
    assert not await relay.step()
    assert not await relay.step()
    lying = await everything_on(world.settings, SPECIALISTS, shard_of("s1", SHARDS))
    assert [record.event.stream for record in lying] == ["a"]
    assert await world.position() == [0] * SHARDS


def lag(world: World) -> float | None:
    return world.metrics.registry.get_sample_value(
        "amends_relay_lag_seconds", {"service": "routing"}
    )


async def test_the_lag_is_the_age_of_the_oldest_event_that_is_not_published(
    world: World, time: VirtualTime
) -> None:
    await world.record(5)
    time.move(timedelta(seconds=90))
    await world.record(5)
    relay = world.relay()
    assert await relay.step()
    assert lag(world) == 90
    assert not await relay.step()
    assert lag(world) == 0


async def test_a_waiting_relay_is_woken_by_a_commit(world: World) -> None:
    relay = world.relay()
    await drain(relay)
    waiting = asyncio.ensure_future(relay.wait())
    await world.record(1)
    async with asyncio.timeout(5):
        await waiting
    assert await relay.step()


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A broker of this module's own, to be killed and stopped."""
    broker = LocalKafka(tmp_path_factory.mktemp("frail"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
async def shaky(frail: LocalKafka, time: VirtualTime) -> AsyncIterator[World]:
    """The same on a broker that may fail."""
    async with world_on(unshared(frail.bootstrap_servers), time) as made:
        yield made


async def until_published(relay: Relay) -> None:
    async with asyncio.timeout(60):
        while True:
            await drain(relay)
            if not relay.failing:
                return
            await relay.wait()


async def test_a_broker_that_dies_is_waited_for_and_nothing_is_lost(
    shaky: World, frail: LocalKafka
) -> None:
    relay = shaky.relay(patience_seconds=0.5)
    await shaky.record(100)
    await drain(relay)
    frail.kill()
    await shaky.record(100)
    assert not await relay.step()
    assert relay.failing
    frail.start()
    await until_published(relay)
    assert await shaky.duplicates() == 0


async def test_a_broker_that_hangs_is_waited_for_and_nothing_is_repeated(
    shaky: World, frail: LocalKafka
) -> None:
    relay = shaky.relay(patience_seconds=0.5)
    await shaky.record(100)
    await drain(relay)
    await shaky.record(100)
    frail.pause()
    assert not await relay.step()
    shaky.time.move(timedelta(minutes=3))
    assert not await relay.step()
    assert lag(shaky) == 180
    frail.resume()
    await until_published(relay)
    await shaky.record(10)
    await until_published(relay)
    assert await shaky.duplicates() == 0
    assert await shaky.position() == list(await shaky.store.heads())


async def test_a_relay_ends_in_time_while_its_broker_hangs_and_the_next_one_goes_on(
    shaky: World, frail: LocalKafka
) -> None:
    relay = shaky.relay(patience_seconds=0.5)
    await shaky.record(10)
    await drain(relay)
    await shaky.record(10)
    frail.pause()
    try:
        async with asyncio.timeout(15):
            assert not await relay.step()
            await relay.close()
    finally:
        frail.resume()
    await until_published(shaky.relay())
    await shaky.duplicates()  # what was under way at the end may arrive as well
    assert await shaky.position() == list(await shaky.store.heads())
