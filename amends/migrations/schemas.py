"""Brings the schemas of a database to the newest version: each in one transaction, or not at all.

Two that run at once wait for each other, schema by schema; the second finds nothing left to do.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from amends.migrations.database import CannotMigrate, connected
from amends.migrations.roles import SCHEMAS, creation, grants, group_role
from amends.migrations.upgrades import Tell, upgrade, upgrade_script, versions
from shared.eventlog.postgres_schema import SCHEMA_VERSION, shard_rows

SHARDS: Final = 12
"""Of a store whose site says nothing else; topics are declared with as many partitions."""

LOCK: Final = 0x616D656E6473
"""Ours among the advisory locks of a database: `amends` in ASCII."""

_PATIENCE: Final = "10s"
"""So long is waited for a table that somebody uses: all who come later wait behind us."""

_SHARDS: Final = text(
    "SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid"
    " WHERE n.nspname = ANY(:schemas) AND c.relname IN ('store', 'alembic_version')"
    " AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')"
    " GROUP BY n.nspname HAVING count(*) = 2 ORDER BY n.nspname"
)
_GRANTED: Final = text(
    "SELECT EXISTS (SELECT FROM pg_roles r, pg_namespace n WHERE r.rolname = :role"
    " AND n.nspname = :schema AND has_schema_privilege(r.oid, n.oid, 'USAGE'))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be migrated. `shards` None: as many as there are, or `SHARDS`.

    `roles`: create the roles, too. Where a schema has been granted to them, they are kept right
    anyway.
    """

    schemas: Collection[str] = SCHEMAS
    shards: int | None = None
    roles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What became of a schema. `before` None: it was created."""

    schema: str
    before: str | None
    version: str
    shards: int
    roles: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A schema before anything is done. `version` None: it is empty, or not there."""

    there: bool
    version: str | None
    shards: int
    granted: bool


async def migrate(url: str, wanted: Wanted, tell: Tell) -> list[Migrated]:
    """Bring the wanted schemas up, one after the other. Raises `CannotMigrate`."""
    async with connected(url) as connection:
        return [
            await _alone(connection, schema, wanted, tell)
            for schema in SCHEMAS
            if schema in wanted.schemas
        ]


async def script(url: str | None, wanted: Wanted) -> str:
    """The SQL that `migrate` would run now (None: in an empty database). Raises `CannotMigrate`."""
    chosen = [schema for schema in SCHEMAS if schema in wanted.schemas]
    if url is None:
        fresh = _Found(there=False, version=None, shards=wanted.shards or SHARDS, granted=False)
        return "\n".join(_script(schema, fresh, wanted) for schema in chosen)
    async with connected(url) as connection:
        async with connection.begin():
            found = {s: await connection.run_sync(_found, s, wanted) for s in chosen}
        return "\n".join(_script(schema, found[schema], wanted) for schema in chosen)


async def _alone(connection: AsyncConnection, schema: str, wanted: Wanted, tell: Tell) -> Migrated:
    async with connection.begin():
        return await connection.run_sync(_migrate, schema, wanted, tell)


def _migrate(connection: Connection, schema: str, wanted: Wanted, tell: Tell) -> Migrated:
    if not connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")):
        tell(f"{schema}: waiting for another `amends migrate`")
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    found = _found(connection, schema, wanted)
    _run(connection, _preparation(schema, found))
    upgrade(connection, schema, tell)
    roles = wanted.roles or found.granted
    _run(connection, _completion(schema, found, roles=roles, create=wanted.roles))
    return Migrated(
        schema=schema,
        before=found.version,
        version=SCHEMA_VERSION,
        shards=found.shards,
        roles=roles,
    )


def _script(schema: str, found: _Found, wanted: Wanted) -> str:
    roles = wanted.roles or found.granted
    current = found.version == SCHEMA_VERSION
    if current and not roles:
        return f"-- {schema} is at {SCHEMA_VERSION}: nothing to do\n"
    upgrading = "" if current else upgrade_script(schema, found.version)
    parts = [
        f"-- {schema}: {found.version or 'nothing'} to {SCHEMA_VERSION}",
        "BEGIN;",
        f"SELECT pg_advisory_xact_lock({LOCK});",
        *(f"{one};" for one in _preparation(schema, found)),
        *([upgrading] if upgrading else []),
        *(f"{one};" for one in _completion(schema, found, roles=roles, create=wanted.roles)),
        "COMMIT;",
    ]
    return "\n".join(parts) + "\n"


def _preparation(schema: str, found: _Found) -> list[str]:
    # Somebody may have made it for us, who may make none.
    create = [] if found.there else [f"CREATE SCHEMA {schema}"]
    return [
        *create,
        f"SET LOCAL search_path TO {schema}",
        f"SET LOCAL lock_timeout TO '{_PATIENCE}'",
    ]


def _completion(schema: str, found: _Found, *, roles: bool, create: bool) -> list[str]:
    return [
        *([] if found.version else shard_rows(found.shards)),
        *(creation() if create else []),
        *(grants(schema) if roles else []),
    ]


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _found(connection: Connection, schema: str, wanted: Wanted) -> _Found:
    there = connection.scalar(text("SELECT to_regnamespace(:name) IS NOT NULL"), {"name": schema})
    granted = connection.scalar(_GRANTED, {"role": group_role(schema), "schema": schema})
    return _Found(
        there=bool(there),
        version=_version(connection, schema),
        shards=_shards(connection, schema, wanted.shards),
        granted=bool(granted),
    )


def _version(connection: Connection, schema: str) -> str | None:
    tables = connection.scalars(
        text("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema)"),
        {"schema": schema},
    ).all()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise CannotMigrate(
            f"there is a schema {schema} that `amends migrate` did not make: give Amends a "
            "database of its own"
        )
    version = connection.scalar(text(f"SELECT version_num FROM {schema}.alembic_version"))  # noqa: S608
    if version not in versions():
        raise CannotMigrate(
            f"schema {schema} is at version {version}, and this Amends knows versions up to "
            f"{SCHEMA_VERSION}: it was migrated by a newer one, so run that one here too"
        )
    return str(version)


def _shards(connection: Connection, schema: str, asked: int | None) -> int:
    """The number of shards that a schema has or gets: one for all, since topics have one, too."""
    there = {}
    for found in connection.scalars(_SHARDS, {"schemas": list(SCHEMAS)}).all():
        query = f"SELECT value FROM {found}.store WHERE name = 'shards'"  # noqa: S608
        there[found] = int(connection.scalar(text(query)))
    if asked is not None:
        for name, number in there.items():
            if number != asked:
                raise CannotMigrate(
                    f"schema {name} has {number} shards, not {asked}: their number is fixed when "
                    "the first schema is created, and the same for all"
                )
    return there.get(schema) or next(iter(there.values()), asked or SHARDS)
