"""sla hears nothing for an hour: who met their clocks meanwhile has met them, to the instant."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from shared.events.clocks import ClockBreached, ClockCorrected, ClockStopped
from shared.events.registry import CLOCKS
from shared.events.vocabulary import ClockKind
from tests.crossings.cases import FILING, HOUR, MINUTE, SETTLED, hire, pump
from tests.support.system import System

IN_TIME, LATE, NEVER = 1000, 10, 10
TICK = timedelta(milliseconds=1)
ASSIGNMENT = ClockKind.ASSIGNMENT
_DESKS = 50
_AT_ONCE = 100


async def filed(system: System, number: int, **changes: Any) -> set[str]:
    """That many complaints, filed through HTTP."""
    caller = system.as_("specialist", "hotline")
    found: set[str] = set()
    for start in range(0, number, _AT_ONCE):
        answers = await asyncio.gather(
            *(
                caller.post("/v1/complaints", {**FILING, "consumer_id": f"u{start + i}", **changes})
                for i in range(min(_AT_ONCE, number - start))
            )
        )
        found |= {answer["id"] for answer in answers}
    return found


async def hire_desks(system: System, language: str) -> None:
    """Enough people for everybody who speaks this language."""
    for desk in range(_DESKS):
        await hire(system, f"{language}-{desk}", languages=[language], capacity=1000)


async def everybody_but_sla(system: System) -> None:
    """Settle while the feed into sla stands still and its timers go on."""
    system.paused.add("sla")
    await system.settle()
    await pump(system, "sla-timers")
    system.paused.remove("sla")


async def breaches(system: System) -> list[ClockBreached]:
    events = await system.events(CLOCKS)
    return [e for e in events if isinstance(e, ClockBreached) and e.kind is ASSIGNMENT]


async def test_an_hour_without_feed_leaves_only_the_breaches_that_are_true() -> None:
    async with System() as system:
        system.paused |= {"notify", "dashboard"}  # they only listen: no part in what is asked here
        prompt = await filed(system, IN_TIME)
        late = await filed(system, LATE, language="fr")
        never = await filed(system, NEVER, language="de")
        await system.settle()
        due_at = system.time.now() + 30 * MINUTE

        system.time.move_to(due_at - TICK)
        await hire_desks(system, "en")
        await everybody_but_sla(system)
        system.time.move_to(due_at + TICK)
        await hire(system, "late", languages=["fr"])
        await everybody_but_sla(system)
        for _ in range(4):
            system.time.move(15 * MINUTE)
            await everybody_but_sla(system)
        assert await breaches(system) == [], "nothing is said of what sla could not know"

        await system.settle()
        await system.advance(SETTLED)
        found = await breaches(system)
        assert Counter(event.complaint_id for event in found) == Counter([*late, *never])
        assert {(event.occurred_at, event.due_at) for event in found} == {(due_at, due_at)}
        await met(system, prompt)
        await listed(system, late | never)
        await system.advance(HOUR)
        assert len(await breaches(system)) == LATE + NEVER


async def met(system: System, prompt: set[str]) -> None:
    """All of these have met their assignment clock, and nothing was ever said against it."""
    events = [e for e in await system.events(CLOCKS) if getattr(e, "kind", None) is ASSIGNMENT]
    stops = [e for e in events if isinstance(e, ClockStopped)]
    assert {e.complaint_id for e in stops if e.in_time} == prompt
    assert [e for e in events if isinstance(e, ClockCorrected)] == []


async def listed(system: System, expected: set[str]) -> None:
    """The API tells of exactly these breaches, also counting those that were withdrawn."""
    ops = system.as_("ops", "o1")
    page = await ops.get("/v1/breaches", kind="assignment", withdrawn="include", limit=200)
    assert {item["complaint_id"] for item in page["items"]} == expected
    assert len(page["items"]) == len(expected)
