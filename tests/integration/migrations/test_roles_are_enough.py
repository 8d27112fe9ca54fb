"""What a store promises it keeps for a role with no more rights than a service's."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from asyncpg import InsufficientPrivilegeError

from amends.migrations.roles import OPENING, RELAY, SCHEMAS, SEALING, group_role
from shared.eventlog.ports import (
    Advance,
    Commit,
    Position,
    Projection,
    Statement,
    Store,
    no_projection,
)
from shared.eventlog.postgres import PostgresEventLog
from shared.feed.dead_letters import DeadLetters
from shared.feed.held import HeldRecord
from shared.kafka.dead_letters import DeadLetterRelay, dead_topic
from shared.kafka.records import NotAnEvent, Place, stand_in
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from shared.unit_of_work import UnitOfWork
from tests.contract import (
    test_consumer,
    test_dead_letters,
    test_event_log,
    test_subject_keys,
    test_timers,
)
from tests.contract.test_consumer import World
from tests.support.broker import make_topics
from tests.support.databases import Databases, acting_as
from tests.support.stores import OpenStore, commit, happened
from tests.support.time import CountingIds, VirtualTime
from tests.support.topics import everything_on

Promise = Callable[..., Awaitable[None]]

LEFT_OUT = {
    # Its view is the table `store`, which services only read.
    test_event_log.test_views_change_in_the_transaction_of_their_event,
    # Half a minute for rights that the others have shown.
    test_event_log.test_a_reader_beside_twelve_writers_misses_nothing,
    # They tamper with rows as no service does.
    test_consumer.test_a_record_that_cannot_be_decoded_is_poison_too,
    test_consumer.test_what_waits_for_its_cause_survives_a_restart,
    test_dead_letters.test_a_record_that_cannot_be_decoded_lets_its_key_go_on_once_it_is_dropped,
}


def promises(*suites: ModuleType) -> list[Promise]:
    found = [
        (name, promise)
        for suite in suites
        for name, promise in vars(suite).items()
        if name.startswith("test_") and promise not in LEFT_OUT
    ]
    return [promise for _, promise in found]


PROMISES = promises(
    test_event_log, test_timers, test_consumer, test_dead_letters, test_subject_keys
)


async def opened(url: str, source: str, time: VirtualTime, projection: Projection) -> Store:
    return await PostgresEventLog.open(
        url,
        source=source,
        clock=time,
        ids=CountingIds(),
        metrics=Metrics(),
        projection=projection,
    )


@pytest.fixture
async def open_store(databases: Databases, time: VirtualTime) -> AsyncIterator[OpenStore]:
    """Opens the stores of services in a migrated database, each with the rights of its role."""
    made: list[Store] = []
    urls: list[str] = []

    async def open_one(
        name: str = "intake", *, shards: int = 1, projection: Projection = no_projection
    ) -> Store:
        if not urls:
            urls.append(await databases.emptied(shards))
        store = await opened(acting_as(urls[0], group_role(name)), name, time, projection)
        made.append(store)
        return store

    yield open_one
    for store in made:
        await store.close()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__[5:])
async def test_a_service_s_role_is_enough(
    promise: Promise, open_store: OpenStore, time: VirtualTime
) -> None:
    given: dict[str, Any] = {"open_store": open_store, "time": time}
    wanted = inspect.signature(promise).parameters
    if "world" in wanted:
        given["world"] = World(await open_store("routing"), await open_store("intake"), time)
    await promise(**{name: given[name] for name in wanted})


async def test_texts_are_opened_by_whoever_shows_them_and_by_nobody_else(
    open_store: OpenStore,
) -> None:
    texts = {}
    for service in SEALING:
        work = UnitOfWork(await open_store(service))
        texts[service] = await test_subject_keys.register(work, f"by {service}")
        await work.commit()
    for reader in OPENING:
        shown = await (await open_store(reader)).keys.texts(*texts.values())
        assert shown == [f"by {service}" for service in SEALING]
    with pytest.raises(InsufficientPrivilegeError):
        await (await open_store("sla")).keys.texts(*texts.values())


def test_there_are_promises_to_keep() -> None:
    assert len(PROMISES) > 35


async def test_the_relay_s_role_is_enough_to_tell_of_dead_letters(
    databases: Databases, time: VirtualTime, kafka_settings: KafkaSettings
) -> None:
    url = await databases.migrated(3)
    for service in SCHEMAS:
        await make_topics(kafka_settings, dead_topic(service))
        own = await opened(acting_as(url, group_role(service)), service, time, no_projection)
        await own.commit(Commit(statements=(dead_letter(time),)))
        store = await opened(acting_as(url, RELAY), service, time, no_projection)
        relay = DeadLetterRelay(store, settings=kafka_settings, monotonic=time, metrics=Metrics())
        assert await store.lease(relay.name, "me", 5)
        assert await relay.step()
        assert not await relay.step()
        assert len(await everything_on(kafka_settings, dead_topic(service))) == 1
        await relay.close()
        await store.close()
        await own.close()


def dead_letter(time: VirtualTime) -> Statement:
    """The row of a letter."""
    no_event = stand_in(NotAnEvent("no", Place("amends.complaints", 1, 2), None, None))
    held = HeldRecord(record=no_event, source="amends.complaints", partition=1, position=2)
    return DeadLetters(time).parked("reader", held, "KeyError: x", 4)


async def test_the_relay_s_role_is_enough_for_the_relay(
    databases: Databases, time: VirtualTime
) -> None:
    """All that a relay asks of a store, in every schema it publishes from."""
    url = await databases.migrated(3)
    for service in ("intake", "routing", "sla", "notify"):
        own = await opened(acting_as(url, group_role(service)), service, time, no_projection)
        (recorded,) = await own.commit(commit("s", 0, happened(time)))
        await own.close()
        store = await opened(acting_as(url, RELAY), service, time, no_projection)
        signal = store.watch()
        assert await store.lease(f"{service}-relay", "me", 5)
        assert await store.horizon() == time.now()
        assert max(await store.heads()) == recorded.gpos
        assert await store.tail(recorded.shard, 0) == [recorded]
        for gpos in (recorded.gpos, recorded.gpos + 1):
            here = await store.position("relay", service, recorded.shard)
            there = Position(
                consumer="relay", source=service, partition=recorded.shard, cursor=gpos, gpos=gpos
            )
            await store.commit(Commit(advance=Advance(here, there)))
            assert await store.position("relay", service, recorded.shard) == there
        await signal.wait(timedelta(minutes=1).total_seconds())
        await store.release(f"{service}-relay", "me")
        assert await store.lease(f"{service}-relay", "another", 5)
        await store.close()
