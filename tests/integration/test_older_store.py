"""A store that an earlier version made is opened by this one, and nothing in it is lost."""

import sqlite3
from pathlib import Path

from shared.feed.dead_letters import LetterState, letters
from tests.support.stores import sqlite_stores
from tests.support.time import VirtualTime

BEFORE = """
CREATE TABLE held (
    seq INTEGER PRIMARY KEY, consumer TEXT NOT NULL, source TEXT NOT NULL,
    partition INTEGER NOT NULL, gpos INTEGER NOT NULL, key TEXT NOT NULL,
    waits_for TEXT, record BLOB NOT NULL,
    UNIQUE (consumer, source, partition, gpos)
);
CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, consumer TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
    event_id TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
    failed_at INTEGER NOT NULL, redriven_at INTEGER
) WITHOUT ROWID;
INSERT INTO dead_letters VALUES
    ('l1', 'sla', 'amends.complaints', 'c1', 'e1', 'a.type', 'KeyError: x', 4, 1000, NULL),
    ('l2', 'sla', 'amends.complaints', 'c2', 'e2', 'a.type', 'KeyError: y', 4, 1000, 2000);
"""
"""How the log's tables were before dead letters could be dropped."""


def columns(path: Path, table: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return [row[1:] for row in connection.execute(f"PRAGMA table_info({table})")]
    finally:
        connection.close()


async def test_what_it_lacks_is_added_once_and_its_letters_are_read(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "older.sqlite3")
    older.executescript(BEFORE)
    older.close()
    for _ in range(2):
        async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
            store = await open_store("older")
            (parked,) = await letters(store)
            (redriven,) = await letters(store, LetterState.REDRIVEN)
        assert (parked.id, parked.position, parked.revision) == ("l1", None, 1)
        assert (redriven.id, redriven.dropped_at) == ("l2", None)


async def test_it_is_like_a_store_of_today_then(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "older.sqlite3")
    older.executescript(BEFORE)
    older.close()
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        await open_store("older")
        await open_store("today")
    for table in ("held", "dead_letters"):
        found = columns(tmp_path / "older.sqlite3", table)
        assert found == columns(tmp_path / "today.sqlite3", table)
