"""How a service's schema in PostgreSQL is made, and what it must hold before it is used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

LOG_TABLES: Final = (Path(__file__).parent / "postgres.sql").read_text()
"""The log's own tables, as one script."""

SCHEMA_VERSION: Final = "0010"
"""What the tables of all services look like now: the number of the newest migration (ADR 0009)."""

_VERSION_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""As Alembic makes it, for schemas that are made without it."""

_STAMP: Final = (
    "INSERT INTO alembic_version SELECT $1 WHERE NOT EXISTS (SELECT FROM alembic_version)"
)
_MAY_LOOK: Final = (
    "SELECT current_user, has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1"
)


class SchemaMissing(Exception):
    """The store was not prepared for this version of Amends; the message says what to run."""


def view_tables(tables: Sequence[type[SQLModel]]) -> list[str]:
    """The tables of a service's views. Whole numbers have 64 bits, as they have on SQLite."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    found = []
    for model in tables:
        table = model.__table__  # type: ignore[attr-defined]
        found.append(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda one: str(one.name))
        found += [
            str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect))
            for index in indexes
        ]
    return [ddl.replace("INTEGER", "BIGINT") for ddl in found]


def shard_rows(shards: int) -> tuple[str, ...]:
    """Statements that give a fresh schema its shards; their number is fixed from then on."""
    numbers = f"generate_series(0, {shards:d} - 1) n"
    return (
        f"INSERT INTO store VALUES ('shards', '{shards:d}') ON CONFLICT DO NOTHING",  # noqa: S608
        f"INSERT INTO shards SELECT n, 0, 0 FROM {numbers} ON CONFLICT DO NOTHING",  # noqa: S608
    )


async def create_schema(
    connection: "asyncpg.Connection[asyncpg.Record]",
    schema: str,
    tables: Sequence[type[SQLModel]],
    shards: int,
) -> None:
    """Create what is missing of a schema as this code defines it, and call that its version.

    For tests, and what migrations are compared with: `amends migrate` is for data that stays.
    """
    async with connection.transaction():
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute(f'SET LOCAL search_path TO "{schema}"')
        for ddl in (LOG_TABLES, *view_tables(tables), *shard_rows(shards), _VERSION_TABLE):
            await connection.execute(ddl)
        await connection.execute(_STAMP, SCHEMA_VERSION)


async def stored_shards(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> int:
    """The number of shards of a schema that was prepared for this code.

    Raises `SchemaMissing`, also if the schema is of an older or a newer version.
    """
    try:
        version = await connection.fetchval("SELECT version_num FROM alembic_version")
        shards = await connection.fetchval("SELECT value FROM store WHERE name = 'shards'")
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError) as error:
        denied = isinstance(error, asyncpg.InsufficientPrivilegeError)
        raise SchemaMissing(await _why_unseen(connection, schema, denied=denied)) from error
    if version is None or shards is None:
        raise SchemaMissing(f"schema {schema} is not prepared: run `amends migrate` first")
    if version != SCHEMA_VERSION:
        raise SchemaMissing(_other_version(schema, version))
    return int(shards)


async def _why_unseen(
    connection: "asyncpg.Connection[asyncpg.Record]", schema: str, *, denied: bool
) -> str:
    row = await connection.fetchrow(_MAY_LOOK, schema)
    if row is None or (row[1] and not denied):
        return f"schema {schema} is not prepared: run `amends migrate` first"
    return (
        f"{row[0]} may not use schema {schema}: run `amends migrate --roles`, then "
        f'GRANT amends_{schema} TO "{row[0]}" (or amends_relay, if it is a relay)'
    )


def _other_version(schema: str, version: str) -> str:
    found = f"schema {schema} is at version {version}, and this program needs {SCHEMA_VERSION}"
    if version < SCHEMA_VERSION:
        return f"{found}: run `amends migrate`"
    return f"{found}: it was migrated by a newer Amends, so run that one here too"
