"""Consumers behind the real broker: each fact counts once, in order, whoever comes and goes."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from shared.events.envelope import Recorded
from shared.events.registry import SPECIALISTS
from shared.feed.dead_letters import letters
from shared.kafka.records import to_kafka
from shared.kafka.settings import KafkaSettings
from tests.support.group import Group
from tests.support.stores import sqlite_stores
from tests.support.time import VirtualTime
from tests.support.topics import put

KEYS = [f"k{number}" for number in range(9)]


@pytest.fixture
async def group(kafka_settings: KafkaSettings, time: VirtualTime) -> AsyncIterator[Group]:
    async with sqlite_stores(None, time) as open_store:
        group = Group(open_store, kafka_settings, time, KEYS)
        await group.open(shards=4)
        yield group
        await group.close()


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
    group: Group,
) -> None:
    dice = random.Random(4)
    members = [await group.join()]
    for turn in range(8):
        await group.record(*dice.choices(KEYS, k=150))
        await group.feeds.publish()
        if len(members) < 3 and dice.random() < 0.7:
            members.append(await group.join())
        else:
            await members.pop(dice.randrange(len(members))).leave()
            members.append(await group.join())
        await group.record(*dice.choices(KEYS, k=50))
        await group.feeds.publish()
        await publish_again(group.settings, dice.choice(await group.all_records()))
        if turn % 2:
            await group.until_counted(await group.stored())
    await group.until_counted(await group.stored())
    for member in members:
        await member.leave()


async def test_a_record_that_is_no_event_parks_its_key_and_nothing_else(group: Group) -> None:
    await group.record("k1", "k2")
    await group.feeds.publish()
    (first,) = [r for r in await group.all_records() if r.key == "k1"]
    sent = to_kafka(first)
    garbled = [(name, b"?" if name == "ce_gpos" else value) for name, value in sent.headers]
    await put(
        group.settings,
        SPECIALISTS,
        key=b"k1",
        value=sent.value,
        headers=garbled,
        partition=first.shard,
    )
    await group.record("k1", "k2", "k1", "k2")
    await group.feeds.publish()
    member = await group.join()
    wanted = await group.stored()
    wanted["k1"] = wanted["k1"][:1]
    await group.until_counted(wanted)
    news = group.own.watch()
    async with asyncio.timeout(30):
        while not member.consumer.parked:
            await news.wait(0.2)
    assert member.consumer.parked == {"k1"}
    (letter,) = await letters(group.own)
    assert letter.key == "k1"
    assert "not an event: header ce_gpos is garbled" in letter.reason
    await member.leave()
    member = await group.join()
    await group.record("k1", "k2")
    await group.feeds.publish()
    after = await group.stored()
    after["k1"] = after["k1"][:1]
    await group.until_counted(after)
    assert len(await letters(group.own)) == 1
    await member.leave()
