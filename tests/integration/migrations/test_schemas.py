"""Migrations lead to what the code defines, on a real PostgreSQL, and to nothing else."""

import shutil
from pathlib import Path

import pytest

from amends.migrations.database import CannotMigrate
from amends.migrations.roles import SCHEMAS
from amends.migrations.schemas import SHARDS, Wanted, migrate, script
from amends.migrations.sql import statements
from amends.migrations.upgrades import versions
from shared.eventlog.postgres_schema import SCHEMA_VERSION, create_schema
from tests.architecture.sources import ROOT
from tests.support.composition import tables_of_services
from tests.support.databases import Databases, connection_to, silent
from tests.support.schemas import Facts, differences, facts_of

PLANTED = {
    "column": "ALTER TABLE intake.complaint_list ADD COLUMN planted TEXT",
    "type": "ALTER TABLE intake.complaint_list ALTER COLUMN turn TYPE VARCHAR(20)",
    "nullability": "ALTER TABLE intake.complaint_list ALTER COLUMN turn DROP NOT NULL",
    "default": "ALTER TABLE intake.complaint_list ALTER COLUMN turn SET DEFAULT 'platform'",
    "index": "CREATE INDEX planted ON intake.complaint_list (turn)",
    "missing index": "DROP INDEX intake.events_of_shard",
    "constraint": "ALTER TABLE intake.events ADD CONSTRAINT planted UNIQUE (id)",
    "storage": "ALTER TABLE intake.shards SET (fillfactor = 100)",
    "view": "CREATE OR REPLACE VIEW intake.outbox AS SELECT id, topic AS aggregatetype, key AS"
    " aggregateid, type, data AS payload, stream, version, shard, gpos, occurred_at, recorded_at"
    " FROM intake.events",
    "function": "ALTER FUNCTION intake.take_shards STRICT",
    "sequence": "ALTER SEQUENCE intake.gpos INCREMENT BY 2",
    "trigger": "CREATE TRIGGER planted BEFORE UPDATE ON intake.events FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
}


async def defined(databases: Databases, schema: str) -> Facts:
    """What today's code makes of a schema."""
    tables = await tables_of_services()
    async with connection_to(await databases.empty()) as connection:
        await create_schema(connection, schema, tables[schema], 1)
        return await facts_of(connection, schema)


async def facts(url: str, schema: str) -> Facts:
    async with connection_to(url) as connection:
        return await facts_of(connection, schema)


async def everything(url: str) -> list[object]:
    """Facts and rows of all schemas."""
    async with connection_to(url) as connection:
        found: list[object] = [await facts_of(connection, schema) for schema in SCHEMAS]
        for schema in SCHEMAS:
            for table in ("store", "shards", "alembic_version"):
                found.append(await connection.fetch(f"TABLE {schema}.{table}"))  # noqa: PERF401
        return found


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_migrated_schema_is_what_the_code_defines(
    databases: Databases, schema: str
) -> None:
    there = await facts(await databases.for_reading(), schema)
    assert differences(there, await defined(databases, schema)) == []
    assert len(there) > 60


async def test_every_service_is_migrated() -> None:
    assert set(await tables_of_services()) == set(SCHEMAS)


@pytest.mark.parametrize("change", PLANTED.values(), ids=PLANTED)
async def test_a_difference_is_noticed(databases: Databases, change: str) -> None:
    async with connection_to(await databases.for_reading()) as connection:
        before = await facts_of(connection, "intake")
        undone = connection.transaction()
        await undone.start()
        await connection.execute(change)
        assert differences(before, await facts_of(connection, "intake")) != []
        await undone.rollback()


async def test_a_planted_column_is_named(databases: Databases) -> None:
    url = await databases.migrated()
    async with connection_to(url) as connection:
        await connection.execute(PLANTED["column"])
    found = differences(await facts(url, "intake"), await defined(databases, "intake"))
    assert found == ["column complaint_list.planted"]


async def test_a_second_time_nothing_changes(databases: Databases) -> None:
    url, told = await databases.empty(), list[str]()
    first = await migrate(url, Wanted(), told.append)
    assert [(one.schema, one.before, one.shards) for one in first] == [
        (schema, None, SHARDS) for schema in SCHEMAS
    ]
    assert told == [
        f"{schema}: {line}"
        for schema in SCHEMAS
        for line in (
            "0001 The log, and the views of each service.",
            "0002 Dead letters say where their record lies, can be dropped, and are published.",
            "0003 Complaints are found by their orders, and lists are walked in their indexes.",
            "0004 Violations of merchants are listed, and the confirmed ones counted.",
            "0005 Complaints are found by what was written.",
            "0006 Steps of playbooks are counted, and those that settled a case.",
            "0007 Complaints with nearly the same text are found.",
            "0008 Texts of persons are sealed with keys that the other services may read.",
            "0009 Persons can be erased, with the files of their complaints.",
            "0010 Notify knows whom it has forgotten: what was queued before is nobody's.",
        )
    ]
    before = await everything(url)
    told.clear()
    second = await migrate(url, Wanted(), told.append)
    assert {(one.before, one.version) for one in second} == {(SCHEMA_VERSION, SCHEMA_VERSION)}
    assert (told, await everything(url)) == ([], before)


async def test_only_what_is_wanted_is_migrated(databases: Databases) -> None:
    url = await databases.empty()
    assert [one.schema for one in await migrate(url, Wanted(schemas={"sla"}), silent)] == ["sla"]
    async with connection_to(url) as connection:
        assert await connection.fetchval("SELECT to_regnamespace('intake')") is None


async def test_a_newer_schema_than_known_is_refused_and_left_alone(databases: Databases) -> None:
    url = await databases.migrated()
    async with connection_to(url) as connection:
        await connection.execute("UPDATE sla.alembic_version SET version_num = '9999'")
    before = await everything(url)
    with pytest.raises(CannotMigrate, match=r"sla is at version 9999.*migrated by a newer one"):
        await migrate(url, Wanted(schemas={"sla"}), silent)
    assert await everything(url) == before


async def test_a_schema_of_somebody_else_is_refused(databases: Databases) -> None:
    url = await databases.empty()
    async with connection_to(url) as connection:
        await connection.execute("CREATE SCHEMA routing CREATE TABLE roads (name TEXT)")
    with pytest.raises(CannotMigrate, match="`amends migrate` did not make"):
        await migrate(url, Wanted(schemas={"routing"}), silent)


async def test_an_empty_schema_that_somebody_made_for_us_is_taken(databases: Databases) -> None:
    url = await databases.empty()
    async with connection_to(url) as connection:
        await connection.execute("CREATE SCHEMA intake")
    (done,) = await migrate(url, Wanted(schemas={"intake"}), silent)
    assert done.before is None


async def test_the_number_of_shards_is_fixed_with_the_first_schema(databases: Databases) -> None:
    url = await databases.empty()
    await migrate(url, Wanted(schemas={"intake"}, shards=3), silent)
    for schema in ("intake", "sla"):
        with pytest.raises(CannotMigrate, match="schema intake has 3 shards, not 12"):
            await migrate(url, Wanted(schemas={schema}, shards=12), silent)
    (sla,) = await migrate(url, Wanted(schemas={"sla"}), silent)
    (again,) = await migrate(url, Wanted(schemas={"sla"}, shards=3), silent)
    assert (sla.shards, again.shards) == (3, 3)
    async with connection_to(url) as connection:
        assert [row[0] for row in await connection.fetch("SELECT shard FROM sla.shards")] == [
            0,
            1,
            2,
        ]


async def test_the_printed_script_does_the_same(databases: Databases) -> None:
    url, run = await databases.migrated(3), await databases.empty()
    async with connection_to(run) as connection:
        await connection.execute(await script(None, Wanted(shards=3)))
    assert await everything(run) == await everything(url)
    assert await script(run, Wanted()) == "\n".join(
        f"-- {schema} is at {SCHEMA_VERSION}: nothing to do\n" for schema in SCHEMAS
    )


NEXT = f"{int(SCHEMA_VERSION) + 1:04}"


def write_another_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further migration, as docs/development.md says, in a copy of the folder."""
    shutil.copytree(ROOT / "amends" / "migrations", folder)
    (folder / "versions" / f"v{NEXT}_weight.py").write_text(
        '"""Complaints have a weight."""\n'
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f'revision, down_revision = "{NEXT}", "{SCHEMA_VERSION}"\n'
        "def upgrade(service: str) -> None:\n"
        "    if service == 'intake':\n"
        "        op.add_column('complaint_list', sa.Column('weight', sa.BigInteger()))\n"
    )
    monkeypatch.setattr("amends.migrations.upgrades._FOLDER", folder)
    for module in ("schemas", "upgrades"):
        monkeypatch.setattr(f"amends.migrations.{module}.SCHEMA_VERSION", NEXT)


async def test_a_further_version_is_reached_from_the_one_before(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, told = await databases.migrated(), list[str]()
    before = await facts(url, "intake"), await facts(url, "sla")
    write_another_version(tmp_path / "migrations", monkeypatch)
    printed = await script(url, Wanted(schemas={"intake"}))
    done = await migrate(url, Wanted(schemas={"intake", "sla"}), told.append)
    assert [(one.schema, one.before, one.version) for one in done] == [
        ("intake", SCHEMA_VERSION, NEXT),
        ("sla", SCHEMA_VERSION, NEXT),
    ]
    assert told == [f"{s}: {NEXT} Complaints have a weight." for s in ("intake", "sla")]
    assert differences(before[0], await facts(url, "intake")) == ["column complaint_list.weight"]
    assert differences(before[1], await facts(url, "sla")) == []
    assert "ALTER TABLE complaint_list ADD COLUMN weight BIGINT;" in printed
    assert "CREATE TABLE" not in printed


def test_versions_are_counted_and_the_newest_is_what_the_code_needs() -> None:
    assert versions() == [f"{n:04d}" for n in range(1, len(versions()) + 1)]
    assert versions()[-1] == SCHEMA_VERSION


def test_a_script_is_cut_where_statements_end() -> None:
    text = "-- why;\nCREATE TABLE a (\n    b TEXT\n);\n\nDO $$ BEGIN\n    PERFORM 1;\nEND $$;\n"
    assert statements(text) == [
        "CREATE TABLE a (\n    b TEXT\n)",
        "DO $$ BEGIN\n    PERFORM 1;\nEND $$",
    ]
    with pytest.raises(ValueError, match="without an end: DROP"):
        statements("DROP TABLE a")
