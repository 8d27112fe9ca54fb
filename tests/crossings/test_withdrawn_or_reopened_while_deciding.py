"""Rows 1 and 2: a decision of routing meets a complaint that has gone on (docs/crossings.md)."""

from shared.events.assignments import AssignmentDecided, AssignmentReleased
from shared.events.complaints import (
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintUnassigned,
    ComplaintWithdrawn,
)
from shared.events.vocabulary import ClockKind, UnassignReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import Case, file, held_back, hire
from tests.support.system import System


async def released(case: Case) -> list[tuple[int, UnassignReason]]:
    return [(event.cycle, event.reason) for event in await case.told(AssignmentReleased)]


async def test_01_withdrawn_while_the_decision_is_in_flight_nobody_is_assigned() -> None:
    async with System() as system:
        await hire(system, capacity=1)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            [decision] = await case.told(AssignmentDecided)
            assert decision.specialist_id == "s1"
            await case.withdraw()
        assert await case.told(ComplaintAssigned) == []
        assert (await case.story())[-1] == "ComplaintWithdrawn"
        assert await released(case) == [(1, UnassignReason.TERMINAL)]
        assert await case.said("assigned_to_you") == []
        assert (await case.clock(ClockKind.ASSIGNMENT))["state"] == "cancelled"
        await nothing_in_limbo(system)


async def test_01_the_capacity_of_the_overtaken_decision_is_free_again() -> None:
    async with System() as system:
        await hire(system, capacity=1)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            other = await file(system, consumer_id="u2")
            await system.settle()
            [waits] = await other.told(AssignmentDecided)
            assert waits.outcome == "waiting"
            await case.withdraw()
        assert await other.held_by() == ("s1", "s1")
        await nothing_in_limbo(system)


async def test_01_assigned_first_then_withdrawn_is_released_once() -> None:
    async with System() as system:
        await hire(system)
        case = await file(system)
        await system.settle()
        await case.withdraw()
        await nothing_in_limbo(system)
        assert len(await case.told(ComplaintAssigned)) == 1
        assert await case.told(ComplaintUnassigned) == []
        assert await released(case) == [(1, UnassignReason.TERMINAL)]
        assert await case.said("withdrawn") == ["sent", "sent"]


async def test_01_withdrawn_before_routing_looks_at_it_nothing_is_decided() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "routing", "routing.matcher"):
            case = await file(system)
            await system.settle()
            await case.withdraw()
        assert await case.told(AssignmentDecided) == []
        assert len(await case.told(ComplaintWithdrawn)) == 1
        await nothing_in_limbo(system)


async def test_02_a_decision_of_the_cycle_before_assigns_nobody() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            await case.withdraw()
            await case.reopen(case.supervisor)
            await system.settle()
        decided = [(event.cycle, event.n) for event in await case.told(AssignmentDecided)]
        assert decided == [(1, 1), (2, 1)]
        assert [(event.cycle, event.n) for event in await case.told(ComplaintAssigned)] == [(2, 1)]
        assert {event.cycle for event in await case.told(ComplaintAssessed)} == {2}
        assert await case.told(ComplaintUnassigned) == []
        assert await case.held_by() == ("s1", "s1")
        assert await released(case) == [(1, UnassignReason.TERMINAL)]
        assert (await case.clock(ClockKind.ASSIGNMENT, 2))["state"] == "met"
        await nothing_in_limbo(system)


async def test_02_a_decision_recorded_in_its_own_cycle_stands_for_that_cycle() -> None:
    async with System() as system:
        await hire(system)
        case = await file(system)
        await system.settle()
        await case.withdraw()
        async with held_back(system, "routing", "routing.matcher"):
            await case.reopen(case.supervisor)
        assert [event.cycle for event in await case.told(ComplaintAssigned)] == [1, 2]
        assert await case.held_by() == ("s1", "s1")
        await nothing_in_limbo(system)
