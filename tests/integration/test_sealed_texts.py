"""What people wrote lies in clear nowhere but where intake searches it.

Not in a log or on a topic, nor in what services remember, nor in the dashboard's copy.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from shared.eventlog.ports import EventLog, Statement
from tests.crossings.cases import CALL, Case, file, hire, introduce_merchant
from tests.support.system import System

WORD: Final = "zebra"
"""Stands in every text that somebody writes here."""

SEARCHED: Final = {("intake", "search_text")}
"""Where texts lie to be searched, until their person is erased."""

_TABLES: Final = (
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
    if os.environ.get("AMENDS_TEST_STORE") == "postgres"
    else "SELECT name FROM sqlite_master WHERE type = 'table'"
)


async def written(system: System) -> Case:
    """A complaint with a text of every kind of its people."""
    await introduce_merchant(system, contact={"email": f"{WORD}@shop.example"})
    await hire(system, name=f"Ada {WORD}", email=f"s1.{WORD}@example.com")
    case = await file(
        system,
        description=f"The bag is a {WORD}, and the seller laughs at me.",
        contact={"email": f"{WORD}@example.com"},
        report={"kind": "counterfeit", "text": f"They sell it to others too: {WORD}."},
    )
    await system.settle()
    await case.act(case.specialist, "contacts", {**CALL, "note": f"note {WORD}"})
    await case.act(case.specialist, "notes", {"text": f"note {WORD}"})
    await case.act(case.consumer, "messages", {"text": f"Pay, or the world reads of {WORD}"})
    await case.act(case.merchant, "messages", {"text": f"Add me, WeChat {WORD}12345"})
    await case.act(case.specialist, "merchant-requests", {"questions": f"question {WORD}"})
    await case.act(case.merchant, "merchant-responses", {"stance": "refuses", "text": WORD})
    asked = {"collaborator_id": "s2", "question": f"question {WORD}"}
    await case.act(case.specialist, "collaborations", asked)
    n = await case.propose(reasons=f"reasons {WORD}")
    await case.act(case.consumer, f"solutions/{n}/rejection", {"reason": f"rejected {WORD}"})
    await case.act(case.consumer, "withdrawal", {"reason": f"withdrawn {WORD}"})
    await case.act(case.supervisor, "reopening", {"reason": "objection", "text": f"again {WORD}"})
    await system.settle()
    return case


def says(row: Mapping[str, Any]) -> bool:
    """Whether the word stands in a row."""
    return any(
        WORD in (bytes(value).decode(errors="replace") if _binary(value) else str(value)).lower()
        for value in row.values()
    )


def _binary(value: object) -> bool:
    return isinstance(value, bytes | bytearray | memoryview)


async def in_clear(service: str, log: EventLog) -> set[tuple[str, str]]:
    """The tables of a service in which the word can be read."""
    names = [row["name"] for row in await log.fetch(Statement(_TABLES))]
    assert len(names) > 5
    rows = {name: await log.fetch(Statement(f"SELECT * FROM {name}")) for name in names}  # noqa: S608
    assert rows["events"] or service == "dashboard"
    return {(service, name) for name, found in rows.items() if any(map(says, found))}


async def test_what_people_wrote_lies_in_clear_only_where_it_is_searched() -> None:
    async with System() as system:
        case = await written(system)
        told = await case.ops.get(f"{case.path}/events", limit=200)
        assert sum(WORD in str(one["data"]) for one in told["items"]) >= 11
        assert any(WORD in mail.text for mail in system.mails)
        found = [await in_clear(service.name, service.log) for service in system.services]
        assert set().union(*found) == SEARCHED
