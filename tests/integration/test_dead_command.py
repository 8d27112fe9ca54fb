"""`amends dead`, as people and programs call it, on an embedded store that nobody runs on."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from amends.cli import app
from amends.data_directory import DataDirectory
from services.notify.views import TABLES
from tests.contract.test_consumer import Listener, World, counted, drain
from tests.support.stores import sqlite_stores
from tests.support.time import VirtualTime

SERVICES = ("intake", "routing", "sla", "notify", "dashboard")
LETTERS = {"a": "RuntimeError: this one breaks the handler", "b\r": "RuntimeError: "}
"""Two keys whose first event cannot be handled; one of them holds what moves a cursor."""


@asynccontextmanager
async def world_in(folder: Path) -> AsyncIterator[World]:
    """The stores of all services; routing publishes, and sla reads."""
    async with sqlite_stores(folder, VirtualTime()) as open_store:
        views = {"notify": TABLES}
        stores = {name: await open_store(name, tables=views.get(name, ())) for name in SERVICES}
        yield World(stores["routing"], stores["sla"], VirtualTime())


async def act_in(folder: Path, act: Callable[[World], Awaitable[Any]]) -> Any:
    async with world_in(folder) as world:
        return await act(world)


async def poison(world: World) -> None:
    await world.publish(*LETTERS, "c", *LETTERS)
    listener = Listener()
    listener.broken = {1, 2}
    await drain(world.consumer(listener))


async def run_again(world: World) -> dict[str, list[int]]:
    """Everything works again; what is counted of each key then."""
    world.time.move(timedelta(seconds=2))
    await drain(world.consumer(Listener()))
    return {key: await counted(world.own, key) for key in ("a", "b\r", "c")}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that names no store, in an empty folder."""
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "AMENDS_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store in which two keys are parked in sla."""
    made = tmp_path / "store"
    made.mkdir()
    asyncio.run(act_in(made, poison))
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["dead", *arguments])


def listed(folder: Path, *arguments: str) -> list[Any]:
    result = run("list", "--data", str(folder), "--json", *arguments)
    assert result.exit_code == 0, result.output
    found: list[Any] = json.loads(result.stdout)["letters"]
    return found


def id_of(folder: Path, key: str) -> str:
    return str(next(one["id"] for one in listed(folder) if one["key"] == key))


def test_it_lists_what_is_parked_for_programs(folder: Path) -> None:
    found = listed(folder)
    assert {one["key"] for one in found} == set(LETTERS)
    first = next(one for one in found if one["key"] == "a")
    assert first["service"] == "sla"
    assert (first["source"], first["partition"], first["position"]) == ("amends.specialists", 0, 1)
    assert (first["reason"], first["state"]) == (LETTERS["a"], "parked")


def test_it_lists_what_is_parked_for_people_and_nothing_moves_the_cursor(folder: Path) -> None:
    result = run("list", "--data", str(folder))
    assert result.exit_code == 0
    for word in (id_of(folder, "a"), "sla", "key a", LETTERS["a"], "amends.specialists/0 at 1"):
        assert word in result.stdout
    assert "\r" not in result.stdout


def test_other_services_and_states_are_asked_for(folder: Path) -> None:
    assert listed(folder, "--service", "intake") == []
    assert listed(folder, "--state", "dropped") == []
    assert len(listed(folder, "--service", "sla")) == 2
    told = run("list", "--data", str(folder), "--state", "redriven")
    assert told.stdout == "No dead letters are redriven.\n"


@pytest.mark.parametrize("chosen", ["id", "key", "all"])
def test_a_redrive_that_nobody_can_answer_is_said_and_done_at_the_next_start(
    folder: Path, chosen: str
) -> None:
    arguments = {"id": [id_of(folder, "a")], "key": ["--key", "a"], "all": ["--all"]}[chosen]
    result = run("redrive", *arguments, "--data", str(folder))
    assert result.exit_code == 0, result.output
    assert "asked, but nobody runs on this store: it is done by the next process" in result.stdout
    assert len(listed(folder)) == 2
    again = asyncio.run(act_in(folder, run_again))
    assert again["a"] == [1, 4]
    assert again["b\r"] == ([2, 5] if chosen == "all" else [])


def test_a_drop_that_nobody_can_answer_is_done_at_the_next_start(folder: Path) -> None:
    dropping = id_of(folder, "a")
    arguments = ("drop", dropping, "--data", str(folder), "--by", "ops:me", "--json")
    result = run(*arguments, "--reason", " not ours ")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["dropped"]["result"] == "asked"
    assert asyncio.run(act_in(folder, run_again))["a"] == [4]
    (dropped,) = listed(folder, "--state", "dropped")
    assert (dropped["id"], dropped["dropped_by"], dropped["drop_reason"]) == (
        dropping,
        "ops:me",
        "not ours",
    )
    shown = run("list", "--data", str(folder), "--state", "dropped")
    assert "by ops:me: not ours" in shown.stdout
    again = run(*arguments, "--reason", "another")
    assert (again.exit_code, json.loads(again.stdout)["dropped"]["result"]) == (0, "dropped")
    (still,) = listed(folder, "--state", "dropped")
    assert still == dropped


def test_what_was_handled_or_is_unknown_is_told_and_nothing_is_asked(folder: Path) -> None:
    ours = id_of(folder, "a")
    run("redrive", ours, "--data", str(folder))
    asyncio.run(act_in(folder, run_again))
    over = run("redrive", ours, "--data", str(folder))
    assert (over.exit_code, "not parked any more: it was redriven" in over.stderr) == (1, True)
    over = run("drop", ours, "--reason", "r", "--data", str(folder))
    assert (over.exit_code, "handled after all" in over.stderr) == (1, True)
    for command in (
        ("redrive", "nothing"),
        ("redrive", id_of(folder, "b\r"), "nothing"),
        ("redrive", "--key", "nothing"),
        ("redrive", ours, "--service", "intake"),
        ("drop", "nothing", "--reason", "r"),
    ):
        result = run(*command, "--data", str(folder))
        assert result.exit_code == 1
        assert "Not done:" in result.stderr
    assert asyncio.run(act_in(folder, run_again))["b\r"] == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("x", "--all"), ("x", "--key", "a"), ("--key", "a", "--all")],
)
def test_one_way_of_naming_letters_is_asked_for(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run("redrive", *arguments, "--data", str(folder))
    assert result.exit_code == 2
    assert "Which letters?" in result.stderr


@pytest.mark.parametrize("reason", ["", "  ", "r" * 501])
def test_a_drop_says_why(folder: Path, reason: str) -> None:
    result = run("drop", id_of(folder, "a"), "--reason", reason, "--data", str(folder))
    assert result.exit_code == 2
    assert "1 to 500 characters" in result.stderr


def test_with_nothing_parked_there_is_nothing_to_do(tmp_path: Path) -> None:
    asyncio.run(act_in(tmp_path, run_again))
    assert run("list", "--data", str(tmp_path)).stdout == "No dead letters are parked.\n"
    all_of_them = run("redrive", "--all", "--data", str(tmp_path))
    assert (all_of_them.exit_code, all_of_them.stdout) == (0, "No dead letters are parked.\n")


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    for arguments in (("--data", str(tmp_path / "none")), ("--data", str(tmp_path)), ()):
        result = run("list", *arguments)
        assert result.exit_code == 2
        assert "No store to look into" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "intake.sqlite3").write_text("What? " * 1000)
    result = run("list", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert "intake.sqlite3 cannot be used" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_default_folder_is_that_of_amends_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.rename("amends-data")
    assert "key a" in run("list").stdout
    Path("amends-data").rename("elsewhere")
    monkeypatch.setenv("AMENDS_DATA", "elsewhere")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert "key a" in run("list").stdout


SECRET_WORD = "secret-word"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("127.0.0.1:1/amends", "PostgreSQL:"),
        ("more@127.0.0.1:x/amends", "special characters"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_the_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: str, words: str
) -> None:
    address = "postgresql://" + f"me:{SECRET_WORD}@{place}"
    result = run("list", "--database-url", address)
    assert result.exit_code == 2
    assert words in result.stderr
    assert SECRET_WORD not in result.output
    both = run("list", "--database-url", address, "--data", str(folder))
    assert (both.exit_code, "One store at a time" in both.stderr) == (2, True)
    monkeypatch.setenv("AMENDS_DATA", str(folder))
    assert run("list", "--database-url", address).exit_code == 2
    missing = run("list", "--database-url-file", "missing")
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (2, True)


def test_the_folder_of_a_running_platform_is_known_to_be_in_use(tmp_path: Path) -> None:
    ours, theirs = DataDirectory(tmp_path), DataDirectory(tmp_path)
    assert not theirs.in_use()
    ours.lock()
    assert theirs.in_use()
    ours.unlock()
    assert not theirs.in_use()


def test_help_teaches() -> None:
    for words in (["--help"], ["list", "--help"], ["redrive", "--help"], ["drop", "--help"]):
        result = run(*words)
        assert result.exit_code == 0
        assert "amends dead" in result.stdout
    assert "DATABASE_URL" in run("--help").stdout


def test_reading_letters_leaves_events_and_positions_alone(folder: Path) -> None:
    def facts() -> list[Any]:
        connection = sqlite3.connect(folder / "sla.sqlite3")
        tables = ("events", "positions", "held", "dead_letters")
        found = [connection.execute(f"SELECT * FROM {one}").fetchall() for one in tables]  # noqa: S608
        connection.close()
        return found

    before = facts()
    listed(folder)
    run("redrive", "--all", "--data", str(folder))
    assert facts() == before
