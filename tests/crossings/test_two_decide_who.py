"""Rows 3 and 4: who gets a complaint when two decide, or when the chosen one leaves."""

import asyncio
from datetime import timedelta

from shared.events.assignments import AssignmentDecided, AssignmentReleased
from shared.events.complaints import ComplaintAssigned, ComplaintUnassigned
from shared.events.vocabulary import UnassignReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    MINUTE,
    Case,
    assigned,
    file,
    held_back,
    hire,
    presence,
    pump,
)
from tests.support.system import System

SECOND = timedelta(seconds=1)


async def decisions(case: Case) -> list[tuple[int, str | None]]:
    return [(event.n, event.specialist_id) for event in await case.told(AssignmentDecided)]


async def given_to(case: Case) -> list[str]:
    return [event.specialist_id for event in await case.told(ComplaintAssigned)]


async def test_03_the_supervisor_is_first_and_the_matcher_leaves_it_there() -> None:
    async with System() as system:
        await hire(system, "s1")
        await hire(system, "s2")
        async with held_back(system, "routing.matcher"):
            case = await file(system)
            await system.settle()
            await case.reassign("s2")
        assert await decisions(case) == [(1, "s2")]
        assert await case.held_by() == ("s2", "s2")
        await nothing_in_limbo(system)


async def test_03_the_matcher_is_first_and_the_higher_number_wins() -> None:
    async with System() as system:
        await hire(system, "s1")
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            await hire(system, "s2")
            await case.reassign("s2")
            await system.settle()
        assert await decisions(case) == [(1, "s1"), (2, "s2")]
        assert await given_to(case) == ["s1", "s2"]
        assert [event.n for event in await case.told(ComplaintUnassigned)] == [1]
        assert await case.held_by() == ("s2", "s2")
        await nothing_in_limbo(system)


async def test_03_both_at_the_very_same_time_end_with_the_supervisors_choice() -> None:
    async with System() as system:
        await hire(system, "s1")
        async with held_back(system, "routing.matcher"):
            case = await file(system)
            await hire(system, "s2", capacity=0)
            await system.settle()
            await asyncio.gather(pump(system, "routing.matcher"), case.reassign("s2"))
        assert (await decisions(case))[-1][1] == "s2"
        assert (await given_to(case))[-1] == "s2"
        assert await case.held_by() == ("s2", "s2")
        await nothing_in_limbo(system)


async def test_03_the_supervisors_choice_is_displaced_only_by_absence() -> None:
    async with System() as system:
        await hire(system, "s1")
        await hire(system, "s2")
        async with held_back(system, "routing.matcher"):
            case = await file(system)
            await system.settle()
            await case.reassign("s2")
        await system.advance(30 * MINUTE)
        assert await case.held_by() == ("s2", "s2")
        await presence(system, "s2", online=False)
        await system.advance(2 * MINUTE)
        assert await case.held_by() == ("s1", "s1")
        await nothing_in_limbo(system)


async def test_04_offline_before_the_echo_the_assignment_stands_until_the_grace_is_over() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            await presence(system, "s1", online=False)
            await system.settle()
        assert await case.held_by() == ("s1", "s1")
        await system.advance(59 * SECOND)
        assert await case.held_by() == ("s1", "s1")
        await system.advance(2 * SECOND)
        assert await case.held_by() == (None, None)
        [release] = await case.told(AssignmentReleased)
        assert release.reason is UnassignReason.ABSENT
        await nothing_in_limbo(system)


async def test_04_the_grace_is_over_before_the_echo_and_both_are_recorded_in_order() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            await presence(system, "s1", online=False)
            await system.advance(2 * MINUTE)
            await hire(system, "s2")
            await system.settle()
        assert await given_to(case) == ["s1", "s2"]
        story = await case.story()
        moves = [name for name in story if name in {"ComplaintAssigned", "ComplaintUnassigned"}]
        assert moves == ["ComplaintAssigned", "ComplaintUnassigned", "ComplaintAssigned"]
        assert await case.held_by() == ("s2", "s2")
        await nothing_in_limbo(system)


async def test_04_offline_after_the_echo_ends_alike() -> None:
    async with System() as system:
        case = await assigned(system)
        await presence(system, "s1", online=False)
        await system.advance(61 * SECOND)
        assert await case.held_by() == (None, None)
        assert await case.status() == "accepted"
        await nothing_in_limbo(system)
