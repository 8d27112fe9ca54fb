"""Connections to PostgreSQL: one for writing, a few for reading, made anew when they are lost.

Whatever says that the server (and not the statement) is at fault becomes `StorageUnavailable`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from decimal import Decimal
from typing import Any, Final

import asyncpg
from prometheus_client import Gauge

from shared.eventlog.ports import StorageUnavailable

_READERS: Final = 4
_CONNECT_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 30.0
"""A server that does not answer for so long is taken for gone."""

_SERVERS_FAULT: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""The server is away, full, shutting down, starting or a stand-by; or its end broke the client."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Turns faults of the server into `StorageUnavailable`; faults of statements pass."""
    try:
        yield
    except _SERVERS_FAULT as error:
        raise StorageUnavailable(f"{type(error).__name__}: {error}") from error


class Connections:
    """A writing connection and a pool of readers, all in one schema."""

    def __init__(self, url: str, schema: str, pool: Any, unavailable: Gauge) -> None:
        self._url = url
        self._schema = schema
        self._pool = pool
        self._unavailable = unavailable
        self._writer: Any = None
        self._writing = asyncio.Lock()

    @classmethod
    async def open(cls, url: str, schema: str, unavailable: Gauge) -> "Connections":
        """Connect. `unavailable` is 1 after a failed query. Raises `StorageUnavailable`."""
        with told_apart():
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=_READERS,
                timeout=_CONNECT_SECONDS,
                command_timeout=_STATEMENT_SECONDS,
                server_settings=_settings(schema),
                init=_prepare,
                reset=_leave,
            )
        return cls(url, schema, pool, unavailable)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        """A connection for one query."""
        try:
            with told_apart():
                async with self._pool.acquire(timeout=_STATEMENT_SECONDS) as connection:
                    try:
                        yield connection
                    except _SERVERS_FAULT:
                        connection.terminate()  # whatever state it is in, nobody gets it again
                        raise
        except StorageUnavailable:
            self._unavailable.set(1)
            raise
        self._unavailable.set(0)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Any]:
        """The connection for transactions; after a fault of the server it is given up."""
        async with self._writing:
            try:
                with told_apart():
                    if self._writer is None or self._writer.is_closed():
                        self._writer = await asyncpg.connect(
                            self._url,
                            timeout=_CONNECT_SECONDS,
                            command_timeout=_STATEMENT_SECONDS,
                            server_settings=_settings(self._schema),
                        )
                    yield self._writer
            except StorageUnavailable:
                await self._give_up()
                raise

    async def _give_up(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.terminate()

    async def close(self) -> None:
        """Let go of all of them."""
        if self._writer is not None:
            with suppress(*_SERVERS_FAULT):
                await self._writer.close(timeout=_CONNECT_SECONDS)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._pool.close()
        except _SERVERS_FAULT:
            self._pool.terminate()


def _settings(schema: str) -> dict[str, str]:
    # JIT compiles what is run once in a while for longer than it runs.
    return {"search_path": schema, "application_name": f"amends-{schema}", "jit": "off"}


async def _prepare(connection: Any) -> None:
    """Sums come as whole numbers or floats, as from SQLite."""
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text"
    )


async def _leave(_: object) -> None:
    """Queries leave nothing behind; resetting would double the time of each."""


def _number(text: str) -> int | float:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)
