"""The stores of services, opened beside the processes that run on them, to read and to ask."""

import sqlite3
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from amends.data_directory import DataDirectory
from shared.clock import WallClock
from shared.eventlog.ports import EventLog, StorageUnavailable
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.postgres_schema import SchemaMissing
from shared.eventlog.sqlite import SqliteEventLog
from shared.ids import TimeOrderedIds
from shared.observability import Metrics


class NoStore(Exception):
    """There is no store to be had; the message says why, in one line and without a password."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores by service. `deserted`: nobody runs on them, for certain, who could answer."""

    of: dict[str, EventLog]
    deserted: bool


@asynccontextmanager
async def opened(place: str | Path, services: Collection[str]) -> AsyncIterator[Stores]:
    """The stores of these services at a PostgreSQL address, or in an embedded store's folder.

    Nothing is ever recorded in them from here but requests. Raises `NoStore`.
    """
    async with AsyncExitStack() as closing:
        found: dict[str, EventLog] = {}
        for service in services:
            if isinstance(place, Path):
                found[service] = await _embedded(place, service)
            else:
                found[service] = await _distributed(place, service)
            closing.push_async_callback(found[service].close)
        deserted = isinstance(place, Path) and not DataDirectory(place).in_use()
        yield Stores(found, deserted)


async def _embedded(folder: Path, service: str) -> EventLog:
    path = folder / f"{service}.sqlite3"
    if not path.is_file():
        raise NoStore(f"{folder} is no folder of `amends up`: it has no {path.name}")
    try:
        return await SqliteEventLog.open(
            path, source=service, clock=WallClock(), ids=TimeOrderedIds(), metrics=Metrics()
        )
    except sqlite3.Error as error:
        raise NoStore(f"{path} cannot be used: {error}") from error


async def _distributed(url: str, service: str) -> EventLog:
    try:
        return await PostgresEventLog.open(
            url, source=service, clock=WallClock(), ids=TimeOrderedIds(), metrics=Metrics()
        )
    except SchemaMissing as error:
        raise NoStore(str(error)) from error
    except (StorageUnavailable, asyncpg.PostgresError) as error:
        raise NoStore(f"PostgreSQL: {' '.join(str(error).split())}") from error
    except ValueError as error:
        # What it says would quote the address, and with it the password.
        raise NoStore(
            "the address of PostgreSQL is not like postgresql://user@host:5432/database "
            "(special characters are written %40)"
        ) from error
