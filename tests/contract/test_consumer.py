"""What a `Consumer` promises over any store and feed: each fact counts once, in order."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.codec import decode
from shared.eventlog.ports import Commit, Statement, Store
from shared.events.envelope import Event, Fact
from shared.events.profiles import SpecialistPresenceChanged
from shared.events.registry import SPECIALISTS
from shared.feed.consumer import Consumer
from shared.feed.dead_letters import DeadLetters, letters
from shared.feed.embedded import EmbeddedFeed
from shared.feed.handling import NotYet
from shared.observability import Metrics
from shared.unit_of_work import UnitOfWork
from tests.support.stores import OpenStore, commit, happened
from tests.support.time import VirtualTime


class Listener:
    """A handler that keeps, per key, what it has counted, in a document."""

    def __init__(self) -> None:
        self.broken: set[int] = set()
        self.early: dict[int, str] = {}
        self.calls = 0
        self.before_return: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, fact: Fact[Event], work: UnitOfWork) -> None:
        self.calls += 1
        record = fact.recorded
        if record.gpos in self.broken:
            raise RuntimeError("this one breaks the handler")
        if record.gpos in self.early:
            raise NotYet(self.early[record.gpos])
        seen = await work.document("seen", record.key)
        await work.put("seen", record.key, (seen or b"") + f"{record.gpos},".encode())
        if self.before_return is not None:
            await self.before_return()


async def counted(store: Store, key: str) -> list[int]:
    data = (await store.document("seen", key)).data or b""
    return [int(part) for part in data.split(b",") if part]


class World:
    """A source, a consuming store, and consumers over them."""

    def __init__(self, source: Store, own: Store, time: VirtualTime) -> None:
        self.source = source
        self.own = own
        self.time = time
        self.versions: dict[str, int] = {}

    def consumer(self, handle: Listener) -> Consumer:
        return Consumer(
            name="listener",
            feed=EmbeddedFeed([SPECIALISTS], lambda _: self.source, self.time),
            log=self.own,
            handle=handle,
            monotonic=self.time,
            dead_letters=DeadLetters(self.time),
            metrics=Metrics(),
        )

    async def publish(self, *keys: str) -> None:
        for key in keys:
            version = self.versions.get(key, 0)
            event = happened(self.time, key)
            await self.source.commit(commit(f"specialist-{key}", version, event, key=key))
            self.versions[key] = version + 1


@pytest.fixture
async def world(open_store: OpenStore, time: VirtualTime) -> World:
    return World(await open_store("routing"), await open_store("intake"), time)


async def drain(consumer: Consumer) -> None:
    while await consumer.step():
        pass


async def test_every_fact_counts_once_and_in_order(world: World) -> None:
    await world.publish(*["a", "b", "a", "a", "b"] * 100)
    await drain(world.consumer(Listener()))
    assert await counted(world.own, "a") == [g for g in range(1, 501) if g % 5 in (1, 3, 4)]
    assert len(await counted(world.own, "b")) == 200


async def test_a_consumer_started_anew_goes_on_where_the_last_one_committed(world: World) -> None:
    await world.publish("a", "a")
    await drain(world.consumer(Listener()))
    await world.publish("a")
    after = Listener()
    await drain(world.consumer(after))
    assert await counted(world.own, "a") == [1, 2, 3]
    assert after.calls == 1


async def test_two_owners_of_one_position_count_nothing_twice(world: World) -> None:
    await world.publish(*["a"] * 1000)
    first, second = world.consumer(Listener()), world.consumer(Listener())
    await asyncio.gather(drain(first), drain(second))
    await drain(first)
    await drain(second)
    assert await counted(world.own, "a") == list(range(1, 1001))


async def test_a_conflict_with_a_command_makes_the_batch_be_handled_anew(world: World) -> None:
    await world.publish("a", "a")
    listener = Listener()
    consumer = world.consumer(listener)

    async def write_in_between() -> None:
        listener.before_return = None
        value = Statement(
            "INSERT INTO documents (kind, key, version, data) VALUES ('seen', 'a', 1, :d)",
            {"d": b""},
        )
        await world.own.commit(Commit(statements=(value,)))

    listener.before_return = write_in_between
    await drain(consumer)
    assert await counted(world.own, "a") == [1, 2]
    assert listener.calls == 4  # both facts, twice


async def test_a_poison_fact_parks_its_whole_key_and_others_flow(world: World) -> None:
    await world.publish("a", "b", "a", "b")
    listener = Listener()
    listener.broken = {1}
    consumer = world.consumer(listener)
    await drain(consumer)
    await world.publish("a", "b")
    await drain(consumer)
    assert await counted(world.own, "a") == []
    assert await counted(world.own, "b") == [2, 4, 6]
    assert consumer.parked == {"a"}
    (letter,) = await letters(world.own)
    assert (letter.key, letter.consumer) == ("a", "listener")
    assert "this one breaks" in letter.reason


async def test_a_redrive_replays_a_parked_key_in_order_and_frees_it(world: World) -> None:
    await world.publish("a", "b", "a")
    listener = Listener()
    listener.broken = {1}
    consumer = world.consumer(listener)
    await drain(consumer)
    assert await consumer.redrive("a") == 0
    assert consumer.parked == {"a"}
    listener.broken = set()
    again = world.consumer(listener)
    await world.publish("a")
    await drain(again)
    assert await again.redrive("a") == 3
    await world.publish("a")
    await drain(again)
    assert await counted(world.own, "a") == [1, 3, 4, 5]
    assert again.parked == frozenset()
    assert await letters(world.own) == []


async def test_a_record_that_cannot_be_decoded_is_poison_too(world: World) -> None:
    await world.publish("a", "b")
    bad = Statement("UPDATE events SET data = :data WHERE gpos = 1", {"data": b"{not json"})
    await world.source.commit(Commit(statements=(bad,)))
    consumer = world.consumer(Listener())
    await drain(consumer)
    assert consumer.parked == {"a"}
    assert await counted(world.own, "b") == [2]
    (letter,) = await letters(world.own)
    assert "not json" not in letter.reason


async def test_a_fault_that_passes_is_retried_in_place(world: World) -> None:
    await world.publish("a", "a", "a")
    listener = Listener()
    listener.broken = {2}
    tries = 0

    class Mended(Listener):
        async def __call__(self, fact: Fact[Event], work: UnitOfWork) -> None:
            nonlocal tries
            if fact.recorded.gpos == 2:
                tries += 1
                if tries < 3:
                    raise RuntimeError("not now")
            await super().__call__(fact, work)

    consumer = world.consumer(Mended())
    await drain(consumer)
    assert await counted(world.own, "a") == [1, 2, 3]
    assert consumer.parked == frozenset()


async def test_a_fact_before_its_cause_waits_for_it_with_those_behind_it(world: World) -> None:
    await world.publish("a", "a", "b", "c")
    records = await world.source.tail(0, 0)
    listener = Listener()
    listener.early = {1: f"event:{records[3].id}"}
    consumer = world.consumer(listener)

    class Meanwhile(Listener):
        """Says "not yet" only until the cause was handled."""

        async def __call__(self, fact: Fact[Event], work: UnitOfWork) -> None:
            if fact.recorded.gpos == 4:
                self.early = {}
            await super().__call__(fact, work)

    waiting = Meanwhile()
    waiting.early = listener.early
    consumer = world.consumer(waiting)
    await drain(consumer)
    assert await counted(world.own, "a") == [1, 2]
    assert await counted(world.own, "b") == [3]
    assert consumer.parked == frozenset()
    rows = await world.own.fetch(Statement("SELECT count(*) AS n FROM held"))
    assert rows == [{"n": 0}]


async def test_what_waits_for_its_cause_survives_a_restart(world: World) -> None:
    await world.publish("a", "a")
    listener = Listener()
    listener.early = {1: "event:later"}
    await drain(world.consumer(listener))
    assert await counted(world.own, "a") == []
    rows = await world.own.fetch(Statement("SELECT waits_for FROM held ORDER BY seq"))
    assert [row["waits_for"] for row in rows] == ["event:later", "event:later"]
    await world.publish("b")
    cause = (await world.source.tail(0, 0))[2]
    move = Statement("UPDATE held SET waits_for = :w", {"w": f"event:{cause.id}"})
    await world.own.commit(Commit(statements=(move,)))
    await drain(world.consumer(Listener()))
    assert await counted(world.own, "a") == [1, 2]


async def test_it_knows_up_to_when_it_has_read(world: World, time: VirtualTime) -> None:
    await world.publish("a")
    written = time.now()
    consumer = world.consumer(Listener())
    assert not consumer.caught_up
    assert await consumer.step()
    assert consumer.read_up_to() == written
    time.move_to(time.now().replace(hour=23))
    assert not await consumer.step()
    assert consumer.read_up_to() == time.now()
    assert consumer.caught_up


async def test_events_come_out_as_they_went_in(world: World) -> None:
    await world.publish("a")
    (record,) = await world.source.tail(0, 0)
    event = decode(record)
    assert isinstance(event, SpecialistPresenceChanged)
    assert event.specialist_id == "a"
