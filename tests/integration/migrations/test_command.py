"""`amends migrate`, as people and programs call it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amends.cli import app
from amends.migrations.roles import SCHEMAS
from amends.migrations.schemas import LOCK
from shared.eventlog.postgres_schema import SCHEMA_VERSION
from tests.support.databases import Databases, connection_to

PASSWORD = "secret-word"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no database."""
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def empty(databases: Databases) -> str:
    """The address of an empty database."""
    return asyncio.run(databases.empty())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["migrate", *arguments])


def test_it_says_what_became_of_each_schema(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty)
    first = run("--shards", "3")
    assert first.exit_code == 0, first.output
    for schema in SCHEMAS:
        assert f"{schema} was created at version {SCHEMA_VERSION}, 3 shards" in first.stdout
    again = run("sla")
    assert (again.exit_code, again.stdout) == (0, f"sla is at version {SCHEMA_VERSION}, 3 shards\n")


def test_a_program_reads_json(empty: str) -> None:
    result = run("--database-url", empty, "--json", "intake")
    assert json.loads(result.stdout) == {
        "schemas": [
            {
                "schema": "intake",
                "before": None,
                "version": SCHEMA_VERSION,
                "shards": 12,
                "roles": False,
            }
        ]
    }


def test_what_was_typed_comes_before_a_file_and_a_file_before_the_variable(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "address").write_text(f"{empty}\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "address"))
    assert run("intake").exit_code == 0
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "missing"))
    assert run("intake").exit_code == 2
    assert run("intake", "--database-url", empty).exit_code == 0


@pytest.mark.parametrize(
    ("scheme", "place", "words"),
    [
        ("postgresql", "127.0.0.1:1/amends", "cannot connect"),
        ("postgresql", "more@127.0.0.1:x/amends", "special characters"),
        ("mysql", "127.0.0.1/amends", "scheme"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_in_one_line_without_the_password(
    scheme: str, place: str, words: str
) -> None:
    result = run("--database-url", f"{scheme}://" + f"me:{PASSWORD}@{place}")
    assert result.exit_code == 1
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert PASSWORD not in result.output


def test_a_database_that_is_not_there_is_told_in_one_line(empty: str) -> None:
    result = run("--database-url", f"{empty}_none")
    assert result.exit_code == 1
    assert "does not exist" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_a_database_it_asks_for_one() -> None:
    result = run()
    assert result.exit_code == 2
    assert "DATABASE_URL" in result.stderr


def test_the_sql_of_an_empty_database_needs_none() -> None:
    result = run("--sql", "--roles", "sla")
    assert result.exit_code == 0
    assert "CREATE SCHEMA sla;" in result.stdout
    assert "GRANT SELECT, INSERT ON sla.events TO amends_sla;" in result.stdout
    assert "PASSWORD" not in result.stdout.upper()
    assert run("--sql", "--json").exit_code == 2


def test_another_number_of_shards_is_refused(empty: str) -> None:
    assert run("--database-url", empty, "intake").exit_code == 0
    result = run("--database-url", empty, "intake", "--shards", "3")
    assert result.exit_code == 1
    assert "12 shards, not 3" in result.stderr


def test_the_help_teaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    told = run("--help").stdout
    for words in ("DATABASE_URL", "--roles", "GRANT amends_intake TO", "--sql", '"schemas"'):
        assert words in told


def test_two_at_once_both_succeed_and_each_schema_is_created_once(empty: str) -> None:
    command = [sys.executable, "-m", "amends.cli", "migrate", "--json", "--database-url", empty]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    created = [one["schema"] for each in told for one in each["schemas"] if one["before"] is None]
    assert sorted(created) == sorted(SCHEMAS)
    assert all(len(each["schemas"]) == len(SCHEMAS) for each in told)


async def test_whoever_has_to_wait_is_told_so(databases: Databases) -> None:
    url = await databases.empty()
    command = ["-m", "amends.cli", "migrate", "sla", "--database-url", url]
    async with connection_to(url) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        line = await process.stdout.readline()
        assert line == b"sla: waiting for another `amends migrate`\n"
    out, _ = await process.communicate()
    assert b"sla was created" in out
    assert process.returncode == 0
