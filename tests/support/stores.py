"""Stores for the contract suites: every adapter of the ports, behind one way to make them."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg
from sqlmodel import SQLModel

from shared.eventlog.ports import Append, Commit, Projection, Store, no_projection
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.postgres_schema import create_schema
from shared.eventlog.sqlite import SqliteEventLog
from shared.events.envelope import Actor, Event, Recorded
from shared.events.profiles import SpecialistPresenceChanged
from shared.events.vocabulary import Role
from shared.observability import Metrics
from tests.support.time import CountingIds, VirtualTime

TESTER = Actor(role=Role.SYSTEM, id="tester")

OpenStore = Callable[..., Awaitable[Store]]


def happened(time: VirtualTime, subject: str = "s1", *, online: bool = True) -> Event:
    """A small event."""
    return SpecialistPresenceChanged(
        occurred_at=time.now(), specialist_id=subject, online=online, since=time.now()
    )


def append(stream: str, expected_version: int, *events: Event, key: str = "s1") -> Append:
    """Events for one stream."""
    return Append(
        stream=stream,
        expected_version=expected_version,
        key=key,
        events=events,
        actor=TESTER,
        correlation_id="c",
    )


def commit(stream: str, expected_version: int, *events: Event, key: str = "s1") -> Commit:
    """A commit of one append."""
    return Commit(appends=(append(stream, expected_version, *events, key=key),))


async def everything(store: Store) -> list[Recorded]:
    """All records of all shards, per shard in order."""
    return [
        record
        for shard in range(store.shards)
        for record in await store.tail(shard, 0, limit=1_000_000)
    ]


@asynccontextmanager
async def sqlite_stores(path: Path | None, time: VirtualTime) -> AsyncIterator[OpenStore]:
    """Opens SQLite stores (in files, or in memory without `path`) and closes them at the end."""
    opened: list[Store] = []

    async def open_store(
        name: str = "intake",
        *,
        shards: int = 1,
        projection: Projection = no_projection,
        tables: Sequence[type[SQLModel]] = (),
    ) -> Store:
        store = await SqliteEventLog.open(
            None if path is None else path / f"{name}.sqlite3",
            source=name,
            clock=time,
            ids=CountingIds(),
            metrics=Metrics(),
            shards=shards,
            projection=projection,
            tables=tables,
        )
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        await store.close()


_schemas: Final = count(1)


@asynccontextmanager
async def postgres_stores(url: str, time: VirtualTime) -> AsyncIterator[OpenStore]:
    """Opens PostgreSQL stores, each name in a fresh schema, and drops them at the end."""
    opened: list[Store] = []
    schemas: dict[str, str] = {}

    async def open_store(
        name: str = "intake", *, shards: int = 1, projection: Projection = no_projection
    ) -> Store:
        if name not in schemas:
            schemas[name] = f"{name}_{os.getpid()}_{next(_schemas)}"
            connection = await asyncpg.connect(url)
            await create_schema(connection, schemas[name], (), shards)
            await connection.close()
        store = await PostgresEventLog.open(
            url,
            schema=schemas[name],
            source=name,
            clock=time,
            ids=CountingIds(),
            metrics=Metrics(),
            projection=projection,
        )
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        await store.close()
    connection = await asyncpg.connect(url)
    for schema in schemas.values():
        await connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
    await connection.close()


async def empty_schema(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> None:
    """Leave of a service's schema only its tables, and how many shards it has."""
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = $1"
        " AND tablename NOT IN ('store', 'shards', 'alembic_version')",
        schema,
    )
    names = ", ".join(f"{schema}.{row[0]}" for row in tables)
    await connection.execute(
        f"TRUNCATE {names} RESTART IDENTITY;"  # noqa: S608 - names of our own tables
        f"UPDATE {schema}.shards SET recorded_at = 0, head = 0;"
        f"ALTER SEQUENCE {schema}.gpos RESTART; ALTER SEQUENCE {schema}.news RESTART"
    )
