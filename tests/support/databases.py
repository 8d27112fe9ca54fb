"""Databases of a test's own on a real PostgreSQL server, empty or migrated."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from amends.migrations.roles import SCHEMAS, group_roles
from amends.migrations.schemas import Wanted, migrate
from tests.support.servers import postgres_server
from tests.support.stores import empty_schema

_numbers: Final = count(1)


def silent(_line: str) -> None:
    """For whoever need not hear how far it is."""


@asynccontextmanager
async def connection_to(url: str) -> AsyncIterator[Any]:
    """A connection for a few statements."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


class Databases:
    """Makes databases on one server, and leaves neither them nor the roles behind."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []
        self._templates: dict[int, str] = {}
        self._emptied: dict[int, str] = {}
        self._for_reading: str | None = None
        self._roles_before: set[str] | None = None

    async def need_not_last(self) -> None:
        """The server is ours, and ends with the tests: no disk need be waited for."""
        async with connection_to(self._url) as connection:
            await connection.execute("ALTER SYSTEM SET fsync = off")
            await connection.execute("SELECT pg_reload_conf()")

    async def empty(self) -> str:
        """The address of a new database."""
        return self._address(await self._create())

    async def migrated(self, shards: int = 1) -> str:
        """The address of a new database that was migrated, with roles."""
        if shards not in self._templates:
            name = await self._create()
            await self.remember_roles()
            await migrate(self._address(name), Wanted(shards=shards, roles=True), silent)
            self._templates[shards] = name
        return self._address(await self._create(f"TEMPLATE {self._templates[shards]}"))

    async def emptied(self, shards: int = 1) -> str:
        """The address of a migrated database that the test before may have had, without rows."""
        if shards not in self._emptied:
            self._emptied[shards] = await self.migrated(shards)
        url = self._emptied[shards]
        async with connection_to(url) as connection:
            for schema in SCHEMAS:
                await empty_schema(connection, schema)
        return url

    async def for_reading(self) -> str:
        """The address of a migrated database that several tests look at and none changes."""
        if self._for_reading is None:
            self._for_reading = await self.migrated()
        return self._for_reading

    async def remember_roles(self) -> None:
        """Before any are made: roles belong to the server, which may be somebody else's."""
        if self._roles_before is None:
            async with connection_to(self._url) as connection:
                rows = await connection.fetch("SELECT rolname FROM pg_roles")
            self._roles_before = {row[0] for row in rows}

    async def _create(self, how: str = "") -> str:
        name = f"amends_test_{os.getpid()}_{next(_numbers)}"
        async with connection_to(self._url) as connection:
            await connection.execute(f"CREATE DATABASE {name} {how}")
        self._made.append(name)
        return name

    def _address(self, name: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    async def close(self) -> None:
        """Drop them all."""
        async with connection_to(self._url) as connection:
            for name in self._made:
                await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            made = set(group_roles()) - self._roles_before if self._roles_before is not None else ()
            for role in made:
                with suppress(asyncpg.DependentObjectsStillExistError):
                    await connection.execute(f"DROP ROLE IF EXISTS {role}")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Makes databases. They are dropped in the end, if the server lives longer than they."""
    given = os.environ.get("DATABASE_URL")
    with postgres_server() as url:
        made = Databases(url)
        if not given:
            asyncio.run(made.need_not_last())
        yield made
        if given:
            asyncio.run(made.close())


def acting_as(url: str, role: str) -> str:
    """The address for a session that may do what the role may, as a login granted it would."""
    return f"{url}{'&' if '?' in url else '?'}role={role}"
