"""Crossing 26: a complaint ends while a violation that was found in it is open."""

from datetime import timedelta
from typing import Any

import pytest

from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import DAY, MINUTE, Case, in_progress
from tests.support.system import System

FOUND = {"kind": "false_evidence", "severity": 2}


async def open_violation(case: Case) -> str:
    found = await case.specialist.post(f"{case.path}/violations", FOUND)
    return f"/v1/violations/{found['id']}"


async def decide(case: Case, path: str) -> Any:
    version = (await case.supervisor.get(path))["version"]
    body = {"outcome": "confirmed", "reasons": "The photograph is from elsewhere."}
    return await case.supervisor.post(f"{path}/decision", body, match=version)


@pytest.mark.parametrize("appeals_first", [True, False])
async def test_26_withdrawn_before_or_after_the_appeal_the_violation_goes_on(
    *, appeals_first: bool
) -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await open_violation(case)
        appeal = {"text": "It is our own photograph."}
        if appeals_first:
            await case.merchant.post(f"{path}/appeal", appeal)
            await case.withdraw()
        else:
            await case.withdraw()
            await system.settle()
            await case.merchant.post(f"{path}/appeal", appeal)
        await system.settle()
        assert await case.status() == "withdrawn"
        assert (await case.merchant.get(path))["state"] == "appealed"
        assert (await decide(case, path))["penalty"]["recommended"] == "fine"
        await system.settle()
        assert await case.said("violation_decided") == ["sent"]
        assert await case.status() == "withdrawn"
        await nothing_in_limbo(system)


async def test_26_unappealed_it_is_decided_after_its_own_time() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await open_violation(case)
        await system.advance(DAY)
        await case.withdraw()
        await system.advance(14 * DAY + MINUTE)
        assert (await decide(case, path))["state"] == "confirmed"
        await nothing_in_limbo(system)


async def test_26_what_is_found_after_the_end_is_recorded_too() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.withdraw()
        await system.advance(timedelta(minutes=5))
        path = await open_violation(case)
        await system.settle()
        assert (await case.merchant.get(path))["state"] == "recorded"
        assert await case.said("violation_recorded") == ["sent"]
        await nothing_in_limbo(system)
