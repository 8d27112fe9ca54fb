"""Every dead letter is told on its topic, as it came to be, and nothing of what people wrote."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from deploy.local.kafka import LocalKafka
from shared.clock import ProcessClock, rfc3339
from shared.eventlog.ports import Commit, Statement, Store
from shared.events.envelope import Recorded
from shared.events.registry import SPECIALISTS
from shared.feed.dead_letters import DeadLetter, DeadLetters, LetterState, letters
from shared.feed.held import HeldRecord
from shared.feed.requests import Drop
from shared.kafka.dead_letters import CHANGED, DeadLetterRelay, dead_topic
from shared.kafka.records import NotAnEvent, Place, stand_in
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from tests.support.broker import make_topics, unshared
from tests.support.stores import OpenStore, commit, happened, sqlite_stores
from tests.support.time import VirtualTime
from tests.support.topics import Lying, everything_on

TOPIC = dead_topic("sla")
PARTITIONS = 3
WORDS = "Zhang San, 138 0013 8000"
"""What a person wrote."""


@dataclass
class World:
    """A service's store with dead letters, and relays of it."""

    store: Store
    settings: KafkaSettings
    time: VirtualTime
    relays: list[DeadLetterRelay]

    def relay(self) -> DeadLetterRelay:
        relay = DeadLetterRelay(
            self.store, settings=self.settings, monotonic=ProcessClock(), metrics=Metrics()
        )
        self.relays.append(relay)
        return relay

    async def write(self, *statements: Statement) -> None:
        await self.store.commit(Commit(statements=statements))

    async def fail(self, *records: Recorded, reason: str = "RuntimeError: no") -> None:
        """These records cannot be handled."""
        dead = DeadLetters(self.time)
        for record in records:
            held = HeldRecord(record=record, source=SPECIALISTS, partition=2, position=17)
            await self.write(dead.parked("sla", held, reason, 4))

    async def on_topic(self) -> list[Lying]:
        """All that lies there."""
        return [r for p in range(PARTITIONS) for r in await everything_on(self.settings, TOPIC, p)]


async def events_of(time: VirtualTime, count: int) -> list[Recorded]:
    """Recorded events, each of a key of its own."""
    async with sqlite_stores(None, time) as open_store:
        source = await open_store("routing")
        for number in range(count):
            await source.commit(commit(f"s-{number}", 0, happened(time), key=f"k{number}"))
        return await source.tail(0, 0)


def body(lying: Lying) -> Any:
    return msgspec.json.decode(lying.value or b"")


def header(lying: Lying, name: str) -> str:
    return dict(lying.headers)[f"ce_{name}"].decode()


def told(lying: list[Lying]) -> list[tuple[str, str]]:
    """Which letters are told of, and as what."""
    return sorted((body(one)["id"], body(one)["state"]) for one in lying)


async def in_state(store: Store, *states: LetterState) -> list[tuple[str, str]]:
    """What should be told."""
    found = [one for state in states for one in await letters(store, state)]
    return sorted((one.id, one.state.value) for one in found)


async def drain(relay: DeadLetterRelay) -> None:
    while await relay.step():
        pass


async def close(world: World) -> None:
    for relay in world.relays:
        await relay.close()


@pytest.fixture
async def world(
    open_store: OpenStore, kafka_settings: KafkaSettings, time: VirtualTime
) -> AsyncIterator[World]:
    await make_topics(kafka_settings, TOPIC, partitions=PARTITIONS)
    made = World(await open_store("sla"), kafka_settings, time, [])
    yield made
    await close(made)


async def test_every_letter_is_told_once_and_its_changes_too(world: World) -> None:
    first, second, third, fourth = await events_of(world.time, 4)
    await world.fail(first, second, third, fourth)
    relay = world.relay()
    await drain(relay)
    parked = await in_state(world.store, LetterState.PARKED)
    assert told(await world.on_topic()) == parked
    dead = DeadLetters(world.time)
    letter = next(one for one in await letters(world.store) if one.event_id == second.id)
    await world.write(dead.redriven("sla", first))
    await world.write(dead.dropped(Drop(letter=letter.id, by="ops:o1", reason=WORDS)))
    await world.fail(third)
    await drain(world.relay())
    changed = await in_state(world.store, LetterState.REDRIVEN, LetterState.DROPPED)
    again = [one for one in parked if one[0] == letter_of(await letters(world.store), third).id]
    lying = await world.on_topic()
    assert told(lying) == sorted([*parked, *changed, *again])
    assert len({header(one, "id") for one in lying}) == len(lying)
    assert not await relay.step()


def letter_of(found: list[DeadLetter], record: Recorded) -> DeadLetter:
    return next(one for one in found if one.event_id == record.id)


async def test_a_record_says_what_failed_and_where_it_lies(world: World) -> None:
    (record,) = await events_of(world.time, 1)
    failed_at = rfc3339(world.time.now())
    await world.fail(record)
    await drain(world.relay())
    (lying,) = await world.on_topic()
    (letter,) = await letters(world.store)
    found = body(lying)
    assert {datetime.fromisoformat(found.pop(name)) for name in ("failed_at", "changed_at")} == {
        datetime.fromisoformat(failed_at)
    }
    assert found == {
        "id": letter.id,
        "revision": 1,
        "state": "parked",
        "service": "sla",
        "consumer": "sla",
        "topic": SPECIALISTS,
        "partition": 2,
        "position": 17,
        "key": "k0",
        "event_id": record.id,
        "type": record.type,
        "payload_sha256": letter.payload_sha256,
        "reason": "RuntimeError",
        "attempts": 4,
    }
    message = KafkaMessage(
        headers=dict(lying.headers), key=lying.key, value=lying.value or b"nothing"
    )
    event = from_binary(message, JSONFormat(), CloudEvent)
    assert (event.get_id(), event.get_type(), event.get_source(), event.get_subject()) == (
        f"{letter.id}/1",
        CHANGED,
        "sla",
        letter.id,
    )
    assert lying.key == letter.id.encode()
    assert event.get_time() == letter.failed_at


async def test_what_people_wrote_and_what_a_stranger_sent_is_not_told(world: World) -> None:
    (ours,) = await events_of(world.time, 1)
    written = WORDS.encode()
    junk = stand_in(NotAnEvent("there is no body", Place(SPECIALISTS, 2, 17), written, written))
    foreign = ours._replace(id=f"f-{WORDS}", type=WORDS, key=WORDS)
    await world.fail(ours._replace(data=written), junk, foreign, reason=f"ValueError: {WORDS}")
    await world.fail(ours._replace(id="other"), reason=WORDS)
    await drain(world.relay())
    lying = await world.on_topic()
    assert len(lying) == 4
    for one in lying:
        everything = [one.key or b"", one.value or b"", *(v for _, v in one.headers)]
        assert not any(b"Zhang" in part for part in everything)
    kinds = {body(one)["type"]: (body(one)["key"], body(one)["reason"]) for one in lying}
    assert kinds["not an event: there is no body"] == (None, "ValueError")
    assert kinds["unknown"] == (None, "ValueError")


async def test_a_crash_before_it_is_noted_tells_it_again_under_the_same_id(world: World) -> None:
    await world.fail(*await events_of(world.time, 3))
    await drain(world.relay())
    await world.write(Statement("UPDATE dead_letters SET published = 0"))
    await drain(world.relay())
    ids = [header(one, "id") for one in await world.on_topic()]
    assert len(ids) == 6
    assert len(set(ids)) == 3


async def test_two_at_once_repeat_things_but_lose_nothing(world: World) -> None:
    await world.fail(*await events_of(world.time, 30))
    await asyncio.gather(drain(world.relay()), drain(world.relay()))
    lying = {header(one, "id"): one for one in await world.on_topic()}
    assert told(list(lying.values())) == await in_state(world.store, LetterState.PARKED)


async def test_more_than_a_portion_is_told_in_several(world: World) -> None:
    await world.fail(*await events_of(world.time, 450))
    relay = world.relay()
    steps = 0
    while await relay.step():
        steps += 1
    assert steps == 3
    assert len(await world.on_topic()) == 450


async def test_what_changed_twice_before_it_was_published_is_told_as_it_then_is(
    world: World,
) -> None:
    (record,) = await events_of(world.time, 1)
    await world.fail(record)
    await world.write(DeadLetters(world.time).redriven("sla", record))
    await drain(world.relay())
    (lying,) = await world.on_topic()
    assert (body(lying)["state"], body(lying)["revision"]) == ("redriven", 2)


@pytest.fixture
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A broker of this test's own, to be killed."""
    broker = LocalKafka(tmp_path_factory.mktemp("frail"))
    broker.start()
    yield broker
    broker.stop()


async def test_a_broker_that_is_away_is_waited_for_and_nothing_is_lost(
    frail: LocalKafka, time: VirtualTime
) -> None:
    settings = unshared(frail.bootstrap_servers)
    await make_topics(settings, TOPIC, partitions=PARTITIONS)
    async with sqlite_stores(None, time) as open_store:
        world = World(await open_store("sla"), settings, time, [])
        first, second = await events_of(time, 2)
        await world.fail(first)
        relay = world.relay()
        await drain(relay)
        frail.kill()
        time.move(timedelta(minutes=1))
        await world.fail(second)
        assert not await relay.step()
        frail.start()
        async with asyncio.timeout(60):
            while not await relay.step():
                await relay.wait()
        lying = {header(one, "id"): one for one in await world.on_topic()}
        assert told(list(lying.values())) == await in_state(world.store, LetterState.PARKED)
        await close(world)
