"""Views are made anew from the log, byte for byte; a store with older views does it by itself."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amends.cli import app
from services.intake.views import TABLES, VIEWS, project
from shared.eventlog.ports import Projection, Statement, one_by_one
from shared.eventlog.rebuild import rebuild, views_are_older
from tests.crossings.cases import Case, file
from tests.integration.intake.test_listing import office
from tests.support.stores import sqlite_stores
from tests.support.system import System
from tests.support.time import VirtualTime

EVERYTHING = "SELECT * FROM {}"
INSERT = "INSERT INTO {} ({}) VALUES ({})"
NAMES = [str(table.__tablename__) for table in VIEWS]


async def busy_office(system: System) -> list[Case]:
    """An office that has something in every list."""
    cases = await office(system)
    found = {"kind": "counterfeit", "severity": 2}
    await cases[0].specialist.post(f"{cases[0].path}/violations", found)
    await cases[0].specialist.post(f"{cases[0].path}/steps", {"step": "verify_order"})
    await file(system, description="The parcel has come at last, and it is empty.")
    case = await file(system, consumer_id="u9", description="The parcel has come, and it is wet.")
    path = f"{case.path}/evidence?kind=other"
    await system.as_("consumer", "u9").send("POST", path, b"A photo of it.")
    await case.act(system.as_("consumer", "u9"), "withdrawal", {})
    await case.ops.post("/v1/subjects/u9/erasure", {"legal_basis": "PIPL Art. 47"})
    await file(system, consumer_id="u9", description="Another parcel has come, and it is wet too.")
    return cases


EACH_BY_ITSELF = one_by_one(lambda fact: project([fact]))


@pytest.mark.parametrize("projection", [project, EACH_BY_ITSELF], ids=["together", "one by one"])
async def test_views_made_anew_are_what_they_were(projection: Projection) -> None:
    async with System() as system:
        cases = await busy_office(system)
        await cases[0].act(
            cases[0].specialist, "reclassification", {"reason": "x", "category": "other"}
        )
        await system.settle()
        log = system.service("intake").log
        queries = [Statement(EVERYTHING.format(name) + " ORDER BY 1, 2") for name in NAMES]
        before = [await log.fetch(query) for query in queries]
        assert all(before)
        told: list[int] = []
        read = await rebuild(log, projection, TABLES, told.append)
        assert [await log.fetch(query) for query in queries] == before
        assert (read, told[-1]) == (len(await system.records("intake")),) * 2


def contents(path: Path) -> list[list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    try:
        return [
            sorted(connection.execute(EVERYTHING.format(name)).fetchall(), key=str)
            for name in NAMES
        ]
    finally:
        connection.close()


async def filled(tmp_path: Path) -> Path:
    """A store of intake on disk with what an office recorded."""
    async with System() as system:
        await busy_office(system)
        records = await system.records("intake")
        async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
            await open_store("intake", projection=project, tables=TABLES)
        connection = sqlite3.connect(tmp_path / "intake.sqlite3")
        source = system.service("intake").log
        for table in ("documents", "events"):  # keys of persons are documents
            rows = await source.fetch(Statement(EVERYTHING.format(table)))
            marks = ", ".join(f":{name}" for name in rows[0])
            names = ", ".join(rows[0])
            connection.executemany(INSERT.format(table, names, marks), rows)
        connection.commit()
        connection.close()
        assert len(rows) == len(records)
    return tmp_path / "intake.sqlite3"


async def test_a_store_with_older_views_makes_them_anew(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE complaint_list; DROP TABLE complaint_order;"
        "CREATE TABLE complaint_list (complaint_id TEXT PRIMARY KEY, status TEXT);"
    )
    connection.close()
    for _ in range(2):  # the second time it begins anew, as after a crash in between
        async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
            store = await open_store("intake", projection=project, tables=TABLES)
            assert await views_are_older(store)
    async with sqlite_stores(tmp_path, VirtualTime()) as open_store:
        store = await open_store("intake", projection=project, tables=TABLES)
        await rebuild(store, project, TABLES)
        assert not await views_are_older(store)
    assert all(contents(path))


@pytest.mark.parametrize("wrong", [["routing", "--data", "x"], ["intake", "--data", "nowhere"]])
def test_the_command_says_what_it_cannot_do(wrong: list[str]) -> None:
    result = CliRunner().invoke(app, ["rebuild", *wrong])
    assert result.exit_code == 2


def test_the_command_fills_the_views(tmp_path: Path) -> None:
    path = asyncio.run(filled(tmp_path))
    assert contents(path) == [[] for _ in NAMES]
    result = CliRunner().invoke(app, ["rebuild", "intake", "--data", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "events read" in result.output
    assert all(contents(path))
