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


async def create_schema(
    connection: "asyncpg.Connection[asyncpg.Record]",
    schema: str,
    tables: Sequence[type[SQLModel]],
    shards: int,
) -> None:
    """Create what is missing of a service's schema; its number of shards is fixed from then on."""
    async with connection.transaction():
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute(f'SET LOCAL search_path TO "{schema}"')
        await connection.execute(LOG_TABLES)
        for ddl in view_tables(tables):
            await connection.execute(ddl)
        await connection.execute(
            "INSERT INTO store VALUES ('shards', $1) ON CONFLICT DO NOTHING", str(shards)
        )
        await connection.execute(
            "INSERT INTO shards SELECT n, 0, 0 FROM generate_series(0, $1::int - 1) n"
            " ON CONFLICT DO NOTHING",
            shards,
        )


async def stored_shards(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> int:
    """The number of shards of a prepared schema. Raises `SchemaMissing`."""
    try:
        found = await connection.fetchval("SELECT value FROM store WHERE name = 'shards'")
    except asyncpg.UndefinedTableError:
        found = None
    if found is None:
        raise SchemaMissing(f"schema {schema} is not prepared: run `amends migrate` first")
    return int(found)
