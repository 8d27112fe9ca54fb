"""Dead letters on real servers: several processes of a service, and people who ask beside them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.feed.dead_letters import DeadLetter, letters
from shared.feed.requests import Drop
from shared.kafka.settings import KafkaSettings
from tests.integration.distributed.wrongs import (
    FAULTY,
    FINE,
    JUNK,
    KEYS,
    SHARDS,
    Hasty,
    Member,
    Site,
)
from tests.support.databases import Databases
from tests.support.time import VirtualTime


@pytest.fixture
async def site(databases: Databases, kafka_settings: KafkaSettings) -> AsyncIterator[Site]:
    made = Site(await databases.migrated(SHARDS), kafka_settings, VirtualTime())
    await made.open()
    yield made
    await made.close()


async def test_two_kinds_of_poison_park_their_keys_until_people_decide(site: Site) -> None:
    await site.publish(*KEYS)
    await site.put_junk(JUNK)
    await site.publish(*KEYS, *KEYS)
    events = await site.gpos_of(*KEYS)
    site.broken = {events[FAULTY][1]}
    for _ in range(2):
        await site.join()
    await site.until_counted({key: events[key] for key in FINE})
    before = {JUNK: events[JUNK][:1], FAULTY: events[FAULTY][:1]}
    junk, faulty = await site.letter_of(JUNK), await site.letter_of(FAULTY)
    await site.until_counted(before)

    listed = (await site.dead("list", "--json")).json["letters"]
    assert {one["id"]: one["key"] for one in listed} == {junk.id: JUNK, faulty.id: FAULTY}
    shown = (await site.dead("list")).out
    assert "not an event: header ce_gpos is garbled" in shown
    assert "RuntimeError: what a person wrote" in shown
    assert await site.told() == {junk.id: "parked", faulty.id: "parked"}

    still = await site.dead("redrive", "--all")
    assert (still.code, still.out.count("still parked")) == (1, 2), still.err
    assert await site.counted(JUNK, FAULTY) == before
    site.broken = set()
    mended = await site.dead("redrive", "--key", FAULTY, "--json")
    assert mended.code == 0, mended.err
    assert [one["handled"] for one in mended.json["redriven"]] == [2]
    assert await site.counted(FAULTY) == {FAULTY: events[FAULTY]}

    dropped = await site.dead("drop", junk.id, "--reason", "not one of ours", "--json")
    assert dropped.code == 0, dropped.err
    assert (dropped.json["dropped"]["result"], dropped.json["dropped"]["handled"]) == ("dropped", 2)
    assert await site.counted(JUNK) == {JUNK: events[JUNK]}

    await site.publish(*KEYS)
    await site.until_counted(await site.gpos_of(*KEYS))
    assert await letters(site.sla) == []
    assert await site.told() == {junk.id: "dropped", faulty.id: "redriven"}


async def parked_in_two_processes(site: Site) -> tuple[Member, Member, DeadLetter]:
    """The owner of a parked key, another process, and the letter; everything works again."""
    await site.record(*KEYS, *KEYS)
    events = await site.gpos_of(*KEYS)
    site.broken = {events[FAULTY][0]}
    for _ in range(2):
        await site.join()
    owner = await site.owner_of(FAULTY)
    await site.publish()
    (other,) = [member for member in site.members if member is not owner]
    letter = await site.letter_of(FAULTY)
    await site.until_counted({key: events[key] for key in (JUNK, *FINE)})
    site.broken = set()
    return owner, other, letter


async def test_a_redrive_asked_of_the_wrong_process_is_done_by_the_owner(site: Site) -> None:
    owner, other, _ = await parked_in_two_processes(site)
    assert await other.consumer.redrive(FAULTY) == 2
    assert await site.counted(FAULTY) == await site.gpos_of(FAULTY)
    (wanted,) = (await site.gpos_of(FAULTY)).values()
    assert set(owner.handled) >= set(wanted)
    assert not set(other.handled) & set(wanted)
    assert other.consumer.parked == frozenset()


async def test_a_drop_asked_of_the_wrong_process_is_done_by_the_owner(site: Site) -> None:
    owner, other, letter = await parked_in_two_processes(site)
    drop = Drop(letter=letter.id, by="ops:o1", reason="no use")
    assert await other.consumer.drop(FAULTY, drop) == 1
    (wanted,) = (await site.gpos_of(FAULTY)).values()
    assert await site.counted(FAULTY) == {FAULTY: wanted[1:]}
    assert set(owner.handled) & set(wanted) == set(wanted[1:])
    assert not set(other.handled) & set(wanted)


async def test_what_is_asked_while_nobody_owns_the_partition_is_done_by_the_next(
    site: Site,
) -> None:
    owner, other, letter = await parked_in_two_processes(site)
    for member in (owner, other):
        await member.leave()
        site.members.remove(member)
    idle = await site.join(monotonic=Hasty(), work=False)
    assert await idle.consumer.redrive(FAULTY) is None
    asked = await site.dead("redrive", letter.id, "--wait", "1")
    assert asked.code == 0, asked.err
    assert "asked, but no answer in 1 s" in asked.out
    assert await site.counted(FAULTY) == {FAULTY: []}
    await site.join()
    await site.until_counted(await site.gpos_of(FAULTY))
    assert await letters(site.sla) == []
    await site.until(site.nothing_is_asked)


async def test_the_owner_hands_over_while_it_is_asked_and_nothing_counts_twice(site: Site) -> None:
    owner, other, _ = await parked_in_two_processes(site)
    asking = asyncio.create_task(other.consumer.redrive(FAULTY))
    await owner.leave()
    site.members.remove(owner)
    assert await asking in (0, 2)
    await site.until_counted(await site.gpos_of(FAULTY))
