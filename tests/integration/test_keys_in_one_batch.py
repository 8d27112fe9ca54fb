"""One unit of work may seal, open and destroy: what it does later sees what it did before."""

import pytest

from shared.eventlog.ports import Store
from shared.events.personal import Personal
from shared.unit_of_work import UnitOfWork
from tests.support.stores import sqlite_stores
from tests.support.time import VirtualTime

PARTS = pytest.mark.parametrize("known", [False, True], ids=["first text", "known person"])


def words() -> Personal:
    """What a person wrote, as it arrives."""
    return Personal("u1", "my secret")


async def known_person(store: Store) -> Personal:
    """A text that was sealed and recorded earlier."""
    work, text = UnitOfWork(store), words()
    await work.seal(text)
    await work.commit()
    return text.copy()


async def reads(store: Store, text: Personal) -> str | None:
    """What is read of a text after the commit."""
    stored = text.copy()
    await store.keys.open(stored)
    return stored.value


@PARTS
async def test_what_was_sealed_in_it_can_be_opened_in_it(*, known: bool) -> None:
    async with sqlite_stores(None, VirtualTime()) as open_store:
        store = await open_store()
        earlier = [await known_person(store)] if known else []
        work, text = UnitOfWork(store), words()
        await work.seal(text)
        stored = text.copy()
        await work.open(stored, earlier)
        assert [one.value for one in (stored, *earlier)] == ["my secret"] * (1 + known)
        await work.commit()
        assert await reads(store, text) == "my secret"


@PARTS
async def test_what_was_sealed_in_it_before_the_key_is_destroyed_is_gone(*, known: bool) -> None:
    async with sqlite_stores(None, VirtualTime()) as open_store:
        store = await open_store()
        if known:
            await known_person(store)
        work, before = UnitOfWork(store), words()
        await work.seal(before)
        await work.destroy_key("u1")
        stored = before.copy()
        await work.open(stored)
        assert stored.value is None
        await work.commit()
        assert await reads(store, before) is None


@PARTS
async def test_what_is_sealed_in_it_after_the_key_was_destroyed_stays(*, known: bool) -> None:
    async with sqlite_stores(None, VirtualTime()) as open_store:
        store = await open_store()
        before = await known_person(store) if known else None
        work, after = UnitOfWork(store), words()
        await work.destroy_key("u1")
        await work.seal(after)
        await work.commit()
        assert await reads(store, after) == "my secret"
        assert before is None or await reads(store, before) is None


async def test_a_text_in_clear_needs_no_opening() -> None:
    async with sqlite_stores(None, VirtualTime()) as open_store:
        text = words()
        await UnitOfWork(await open_store()).open(text, None)
        assert text.value == "my secret"
