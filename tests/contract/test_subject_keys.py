"""What units of work promise about keys of persons, on every store."""

import asyncio

import pytest

from shared.crypto.keyring import KeyRing
from shared.crypto.ports import StoredKey
from shared.decider import Decider
from shared.eventlog.ports import Store, VersionConflict
from shared.eventlog.subject_keys import DocumentKeys
from shared.events.envelope import Event
from shared.events.personal import UNREADABLE, Personal
from shared.events.profiles import SpecialistRegistered
from shared.unit_of_work import UnitOfWork, transact
from tests.support.stores import OpenStore
from tests.support.time import START

REGISTER: Decider[str, int] = Decider(
    decide=lambda name, _: [
        SpecialistRegistered(
            occurred_at=START,
            specialist_id="s1",
            name=Personal("s1", name),
            email=None,
            team_id=None,
            tier=1,
            skills={},
            languages=(),
            capacity=1,
        )
    ],
    evolve=lambda count, _: count + 1,
    initial=0,
)


async def register(work: UnitOfWork, name: str, stream: str = "specialist-s1") -> Personal:
    """Record a name of s1."""
    [event] = await work.decide(REGISTER, stream, "s1", name)
    assert isinstance(event, SpecialistRegistered)
    return event.name


async def key_of(store: Store) -> StoredKey:
    """The key of s1, as committed."""
    return (await DocumentKeys(store).stored(["s1"]))["s1"]


async def read(store: Store, text: Personal) -> str | None:
    """A text, for somebody who knows no key yet."""
    ring = KeyRing("other", lambda _: DocumentKeys(store))
    return (await ring.texts(text))[0]


async def test_a_text_is_recorded_sealed_with_a_key_made_in_the_same_commit(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    work = UnitOfWork(store)
    written = await register(work, "Ada")
    assert written.text == "Ada"
    assert (await key_of(store)).version == 0
    [record] = await work.commit()
    assert b"Ada" not in record.data
    assert record.data.count(b'"k":"intake:') == 1
    assert (await key_of(store)).version == 1
    assert await read(store, written) == "Ada"


async def test_a_person_has_one_key_and_it_is_not_written_again(open_store: OpenStore) -> None:
    store = await open_store()
    first = await transact(store, lambda work: register(work, "Ada"))
    second = await transact(store, lambda work: register(work, "Grace"))
    assert first.sealed is not None
    assert second.sealed is not None
    assert first.sealed[0] == second.sealed[0]
    assert (await key_of(store)).version == 1


async def test_of_two_who_make_a_key_at_once_the_later_seals_with_that_of_the_earlier(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    both = await asyncio.gather(
        transact(store, lambda work: register(work, "Ada", "a")),
        transact(store, lambda work: register(work, "Grace", "b")),
    )
    assert [await read(store, text) for text in both] == ["Ada", "Grace"]
    assert (await key_of(store)).version == 1


async def test_without_its_key_a_text_is_a_placeholder_and_a_new_text_gets_a_new_key(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    old = await transact(store, lambda work: register(work, "Ada"))
    await transact(store, lambda work: work.destroy_key("s1"))
    assert await read(store, old) == UNREADABLE
    new = await transact(store, lambda work: register(work, "Grace"))
    assert [await read(store, text) for text in (old, new)] == [UNREADABLE, "Grace"]


async def test_a_text_sealed_with_a_key_that_is_destroyed_meanwhile_is_not_recorded(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    await transact(store, lambda work: register(work, "Ada"))
    slow = UnitOfWork(store)
    await register(slow, "Grace")
    await transact(store, lambda work: work.destroy_key("s1"))
    with pytest.raises(VersionConflict):
        await slow.commit()
    text = await transact(store, lambda work: register(work, "Grace"))
    assert await read(store, text) == "Grace"


async def test_whoever_rests_on_a_key_conflicts_with_its_end_too(open_store: OpenStore) -> None:
    store = await open_store()
    await transact(store, lambda work: register(work, "Ada"))
    slow = UnitOfWork(store)
    await slow.rest_on_key("s1")
    await slow.put("case", "c1", b"{}")
    await transact(store, lambda work: work.destroy_key("s1"))
    with pytest.raises(VersionConflict):
        await slow.commit()


async def test_an_end_that_was_announced_is_called_off_by_whoever_uses_the_key(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    await transact(store, lambda work: register(work, "Ada"))
    await transact(store, lambda work: work.suspend_key("s1"))
    ending = UnitOfWork(store)
    assert await ending.destroy_key("s1")
    text = await transact(store, lambda work: register(work, "Grace"))
    with pytest.raises(VersionConflict):
        await ending.commit()
    assert await read(store, text) == "Grace"
    assert not await UnitOfWork(store).destroy_key("s1")


async def test_nobody_calls_it_off_and_it_is_done(open_store: OpenStore) -> None:
    store = await open_store()
    await transact(store, lambda work: work.suspend_key("s1"))
    assert await transact(store, lambda work: work.destroy_key("s1"))
    found = await key_of(store)
    assert (found.key is None or found.key.key, found.version) == (None, 2)


async def test_nothing_is_destroyed_where_there_is_no_key(open_store: OpenStore) -> None:
    store = await open_store()
    assert not await transact(store, lambda work: work.destroy_key("s1"))
    assert (await key_of(store)).version == 0
    events: list[Event] = []
    await UnitOfWork(store).seal(events)
