"""A service opens the schema that its code was written for, and says what to run otherwise."""

import pytest

from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.postgres_schema import SchemaMissing, create_schema
from shared.observability import Metrics
from tests.support.databases import Databases, acting_as, connection_to
from tests.support.time import CountingIds, VirtualTime


async def opened(url: str, source: str = "intake") -> PostgresEventLog:
    time, ids = VirtualTime(), CountingIds()
    return await PostgresEventLog.open(url, source=source, clock=time, ids=ids, metrics=Metrics())


async def is_opened_with(url: str, shards: int) -> None:
    log = await opened(url)
    assert log.shards == shards
    await log.close()


async def test_a_migrated_schema_is_opened(databases: Databases) -> None:
    await is_opened_with(await databases.migrated(3), 3)


async def test_a_schema_made_by_the_code_itself_is_opened(databases: Databases) -> None:
    url = await databases.empty()
    async with connection_to(url) as connection:
        await create_schema(connection, "intake", (), 2)
        await create_schema(connection, "intake", (), 2)
    await is_opened_with(url, 2)


async def test_a_schema_that_is_not_there_is_missing(databases: Databases) -> None:
    with pytest.raises(SchemaMissing, match="not prepared: run `amends migrate` first"):
        await opened(await databases.empty())


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("0000", "at version 0000, and this program needs .*: run `amends migrate`$"),
        ("9999", "at version 9999, .*: it was migrated by a newer Amends"),
    ],
)
async def test_a_schema_of_another_version_is_refused(
    databases: Databases, version: str, words: str
) -> None:
    url = await databases.migrated()
    async with connection_to(url) as connection:
        await connection.execute("UPDATE intake.alembic_version SET version_num = $1", version)
    with pytest.raises(SchemaMissing, match=words):
        await opened(url)


async def test_a_schema_without_a_version_is_refused(databases: Databases) -> None:
    url = await databases.migrated()
    async with connection_to(url) as connection:
        await connection.execute("DELETE FROM intake.alembic_version")
    with pytest.raises(SchemaMissing, match="not prepared"):
        await opened(url)


async def test_whoever_may_not_use_a_schema_is_told_which_role_is_lacking(
    databases: Databases,
) -> None:
    url = await databases.migrated()
    with pytest.raises(SchemaMissing, match='GRANT amends_routing TO "amends_intake"'):
        await opened(acting_as(url, "amends_intake"), "routing")
    async with connection_to(url) as connection:
        await connection.execute("REVOKE SELECT ON intake.store FROM amends_intake")
    with pytest.raises(SchemaMissing, match="amends migrate --roles"):
        await opened(acting_as(url, "amends_intake"))
