"""Where the services of a test keep their stores: in memory, or on a real PostgreSQL.

`AMENDS_TEST_STORE=postgres` runs the very same tests on PostgreSQL, at `DATABASE_URL` or a server
of this process's own.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final
from zlib import crc32

import asyncpg
from sqlmodel import SQLModel

from amends.bus import EmbeddedBus
from shared.eventlog.ports import Projection, Store
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.postgres_schema import create_schema
from shared.ids import Ids
from shared.observability import Metrics
from tests.support.servers import postgres_server
from tests.support.stores import empty_schema
from tests.support.time import VirtualTime

_server: Final = ExitStack()
_urls: Final[list[str]] = []
_schemas: Final[dict[str, bool]] = {}
"""Schemas that exist, and whether a store has them open."""


def bus_of(clock: VirtualTime, ids: Ids, metrics: Metrics) -> EmbeddedBus:
    """Opens the stores of one test, and feeds between them."""
    if os.environ.get("AMENDS_TEST_STORE") == "postgres":
        return PostgresBus(clock, ids, metrics)
    return EmbeddedBus(None, clock=clock, ids=ids, metrics=metrics)


def close_server() -> None:
    """End the server of this process, if it has one."""
    _server.close()


def _url() -> str:
    if not _urls:
        _urls.append(_server.enter_context(postgres_server()))
    return _urls[0]


class _Borrowed(PostgresEventLog):
    """Gives its schema back when it is closed."""

    schema = ""

    async def close(self) -> None:
        """See `EventLog.close`."""
        await super().close()
        _schemas[self.schema] = False


class PostgresBus(EmbeddedBus):
    """Stores on PostgreSQL, emptied before each use; feeds as in one process."""

    def __init__(self, clock: VirtualTime, ids: Ids, metrics: Metrics, *, shards: int = 1) -> None:
        super().__init__(None, clock=clock, ids=ids, metrics=metrics)
        self._shards = shards

    async def open_log(
        self, service: str, projection: Projection, tables: Sequence[type[SQLModel]]
    ) -> Store:
        """An empty store of a service."""
        schema = await _emptied(service, tables, self._shards)
        store = await _Borrowed.open(
            _url(),
            schema=schema,
            source=service,
            clock=self._clock,
            ids=self._ids,
            metrics=self._metrics,
            projection=projection,
            keys=self._keys_of,
        )
        store.schema = schema
        self._logs[service] = store
        return store


async def _emptied(service: str, tables: Sequence[type[SQLModel]], shards: int) -> str:
    connection = await asyncpg.connect(_url())
    try:
        # Some tests open a service's store without its views: that is another schema.
        views = crc32(repr(sorted(table.__name__ for table in tables)).encode())
        kind = f"{service}_{shards}_{views:08x}_"
        free = [s for s, used in _schemas.items() if not used and s.startswith(kind)]
        if not free:
            schema = f"{kind}{os.getpid()}_{len(_schemas)}"
            await create_schema(connection, schema, tables, shards)
        else:
            schema = free[0]
            await empty_schema(connection, schema)
        _schemas[schema] = True
        return schema
    finally:
        await connection.close()
