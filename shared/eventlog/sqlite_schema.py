"""The tables that every service has in its SQLite file, and how a connection is set up."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS store (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    gpos INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    topic TEXT,
    key TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    shard INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor BLOB NOT NULL,
    correlation_id TEXT NOT NULL,
    causation_id TEXT,
    traceparent TEXT,
    data BLOB NOT NULL,
    UNIQUE (stream, version)
);
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (
    consumer TEXT NOT NULL, source TEXT NOT NULL, partition INTEGER NOT NULL,
    cursor INTEGER NOT NULL, gpos INTEGER NOT NULL,
    PRIMARY KEY (consumer, source, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timers (
    id TEXT PRIMARY KEY, clock TEXT NOT NULL, shard INTEGER NOT NULL, due_at INTEGER NOT NULL,
    kind TEXT NOT NULL, key TEXT NOT NULL, payload BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS timers_due ON timers (clock, shard, due_at, id);
CREATE TABLE IF NOT EXISTS idempotency (
    principal TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, status INTEGER NOT NULL, id TEXT NOT NULL,
    version INTEGER NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY (principal, operation, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (
    seq INTEGER PRIMARY KEY, consumer TEXT NOT NULL, source TEXT NOT NULL,
    partition INTEGER NOT NULL, gpos INTEGER NOT NULL, key TEXT NOT NULL,
    waits_for TEXT, record BLOB NOT NULL, position INTEGER,
    UNIQUE (consumer, source, partition, gpos)
);
CREATE TABLE IF NOT EXISTS dead_letters (
    id TEXT PRIMARY KEY, consumer TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
    event_id TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
    failed_at INTEGER NOT NULL, redriven_at INTEGER,
    partition INTEGER, position INTEGER, payload_sha256 TEXT,
    dropped_at INTEGER, dropped_by TEXT, drop_reason TEXT,
    revision INTEGER NOT NULL DEFAULT 1, published INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""

_ADDED: Final = {
    "held": {"position": "INTEGER"},
    "dead_letters": {
        "partition": "INTEGER",
        "position": "INTEGER",
        "payload_sha256": "TEXT",
        "dropped_at": "INTEGER",
        "dropped_by": "TEXT",
        "drop_reason": "TEXT",
        "revision": "INTEGER NOT NULL DEFAULT 1",
        "published": "INTEGER NOT NULL DEFAULT 0",
    },
}
"""Columns of the log's tables that stores made by an earlier version lack."""


class WrongShardCount(Exception):
    """The store was created with another number of shards; it is fixed for its life."""


def connect(path: Path | None, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to a file (or a private memory database). Commits survive a power cut."""
    connection = sqlite3.connect(
        ":memory:" if path is None else path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    if path is not None:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # keys and texts of the erased do not stay
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    if read_only:
        connection.execute("PRAGMA query_only = 1")
    return connection


def truncate_wal(path: Path, *, attempts: int = 3, patience_ms: int = 2_000) -> bool:
    """Put all of the WAL into the file and make it empty; False if somebody is always in the way.

    It waits for others so long in each attempt. For a thread: it has a connection of its own.
    """
    connection = connect(path)
    connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
    try:
        return any(_truncated(connection) for _ in range(attempts))
    finally:
        connection.close()


def _truncated(connection: sqlite3.Connection) -> bool:
    try:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:  # somebody has the file to themselves
        return False
    return not busy


def prepare(connection: sqlite3.Connection, tables: Sequence[type[SQLModel]], shards: int) -> None:
    """Create what is missing. Raises `WrongShardCount`."""
    connection.executescript(_TABLES)
    for name, columns in _ADDED.items():
        _add_missing(connection, name, columns)
    dialect = sqlite.dialect()
    _let_go_of_older_views(connection, tables)
    for model in tables:
        table = model.__table__  # type: ignore[attr-defined]
        connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        for index in sorted(table.indexes, key=lambda found: str(found.name)):
            connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)))
    connection.execute("INSERT OR IGNORE INTO store VALUES ('shards', ?)", (str(shards),))
    (stored,) = connection.execute("SELECT value FROM store WHERE name = 'shards'").fetchone()
    if int(stored) != shards:
        raise WrongShardCount(f"this store has {stored} shards, not {shards}")


def _let_go_of_older_views(
    connection: sqlite3.Connection, tables: Sequence[type[SQLModel]]
) -> None:
    """Drop views of another version; note those that have to be made anew from the log."""
    if connection.execute("SELECT 1 FROM events LIMIT 1").fetchone() is None:
        return
    remade = []
    for model in tables:
        table = model.__table__  # type: ignore[attr-defined]
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        if there != {column.name for column in table.columns}:
            connection.execute(f"DROP TABLE IF EXISTS {table.name}")
            remade.append(str(table.name))
    if remade:
        connection.execute(
            "INSERT OR IGNORE INTO store VALUES ('remade', ?)", (" ".join(sorted(remade)),)
        )


def _add_missing(connection: sqlite3.Connection, table: str, columns: Mapping[str, str]) -> None:
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    for name, kind in columns.items():
        if name not in there:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
