"""What was deleted leaves the disk, as far as that is up to the store."""

import asyncio
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Field, SQLModel

from shared.eventlog import sqlite
from shared.eventlog.ports import Commit, Statement
from shared.eventlog.sqlite_schema import connect, truncate_wal
from shared.unit_of_work import transact
from tests.support.stores import OpenStore, commit, everything, happened, sqlite_stores
from tests.support.time import VirtualTime

WORD = "kaleidoscope"


class Scribble(SQLModel, table=True):
    """A text in a view."""

    __tablename__ = "scribble"

    id: str = Field(primary_key=True)
    text: str


def holding(folder: Path, what: bytes = WORD.encode()) -> list[str]:
    return [path.name for path in folder.iterdir() if what in path.read_bytes()]


async def scribbled(open_store: OpenStore) -> Any:
    """A store in whose file a text is written and deleted again."""
    store = await open_store(tables=[Scribble])
    text = {"text": f"{WORD} " * 500}
    write = Statement("INSERT INTO scribble (id, text) VALUES ('a', :text)", text)
    await store.commit(Commit(statements=(write,)))
    await store.commit(Commit(statements=(Statement("DELETE FROM scribble"),)))
    return store


async def test_whatever_the_store_nothing_is_lost_by_it(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(commit("s1", 0, happened(time)))
    await store.scrub()
    await store.scrub()
    await store.commit(commit("s1", 1, happened(time)))
    assert len(await everything(store)) == 2


async def test_what_was_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        store = await scribbled(open_store)
        assert holding(tmp_path) != []
        await store.scrub()
        assert holding(tmp_path) == []


async def test_a_key_that_is_destroyed_leaves_every_file_by_itself(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        store = await open_store()
        await transact(store, lambda work: work.rest_on_key("u1"))
        key = (await store.keys.own("u1")).key
        assert key is not None
        assert key.key is not None
        lies = b64encode(key.key)
        assert holding(tmp_path, lies) != []
        await transact(store, lambda work: work.destroy_key("u1"))
        [task] = [one for one in asyncio.all_tasks() if one.get_name() == "intake-scrub"]
        await task
        assert holding(tmp_path, lies) == []


async def test_who_reads_all_the_time_holds_it_up(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        await scribbled(open_store)
        path = tmp_path / "intake.sqlite3"
        reader = connect(path, read_only=True)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM store").fetchall()
        assert not truncate_wal(path, attempts=2, patience_ms=1)
        reader.execute("COMMIT")
        assert truncate_wal(path, attempts=1, patience_ms=1)
        reader.close()
        assert holding(tmp_path) == []


async def test_who_writes_all_the_time_holds_it_up(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        await scribbled(open_store)
        path = tmp_path / "intake.sqlite3"
        writer = connect(path)
        writer.execute("BEGIN IMMEDIATE")
        assert not truncate_wal(path, attempts=2, patience_ms=1)
        writer.execute("ROLLBACK")
        assert truncate_wal(path)
        writer.close()


async def test_if_it_was_held_up_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        store = await open_store()
        monkeypatch.setattr(sqlite, "truncate_wal", lambda _: False)
        await store.scrub()
    assert "scrub_failed" in capsys.readouterr().out
