"""A hand-over meets what routing does meanwhile: a supervisor, an absence, the end; both orders."""

from shared.events.assignments import AssignmentDecided, AssignmentReleased
from shared.events.vocabulary import UnassignReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import MINUTE, Case, held_back, hire, in_progress, presence
from tests.support.system import System

SUMMARY = "Called twice; she wants the money back."


async def hand_over(case: Case, to: str | None = None) -> None:
    body = {"summary": SUMMARY} | ({} if to is None else {"to": to})
    await case.act(case.specialist, "handover", body)


async def releases(case: Case) -> list[tuple[int, UnassignReason]]:
    return [(event.n, event.reason) for event in await case.told(AssignmentReleased)]


async def test_it_goes_to_whom_it_is_meant_for_who_reads_the_summary() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        await hire(system, "s3")
        before = await case.status()
        await hand_over(case, "s3")
        await system.settle()
        assert await case.held_by() == ("s3", "s3")
        assert await releases(case) == [(1, UnassignReason.REASSIGNED)]
        next_one = system.as_("specialist", "s3")
        told = (await next_one.get(case.path))["handover"]
        assert (told["by"], told["to"], told["summary"]) == ("s1", "s3", SUMMARY)
        assert await case.status() == before
        for party in (case.consumer, case.merchant):
            assert "handover" not in await party.get(case.path)
            timeline = (await party.get(f"{case.path}/events", limit=200))["items"]
            assert "amends.complaint.handed_over.v1" not in [one["type"] for one in timeline]
        await nothing_in_limbo(system)


async def test_whom_no_filter_lets_have_it_does_not_get_it_and_the_decision_says_why() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        await hire(system, "s3", skills={"quality": 5})
        await hand_over(case, "s3")
        await system.settle()
        assert await case.held_by() == ("s2", "s2")
        assert await releases(case) == [(1, UnassignReason.DECLINED)]
        [_, decided] = await case.told(AssignmentDecided)
        removed = {one.specialist_id: one.removed_by for one in decided.candidates}
        assert removed == {"s1": "declined", "s2": None, "s3": "skill"}
        await nothing_in_limbo(system)


async def test_to_nobody_or_to_a_stranger_it_waits_and_does_not_come_back() -> None:
    for to in (None, "nobody-knows"):
        async with System() as system:
            case = await in_progress(system)
            await hand_over(case, to)
            await system.settle()
            assert await case.held_by() == (None, None)
            assert await case.refused(case.specialist, "handover", {"summary": "?"}) == (
                403,
                "not_assigned",
            )
            await nothing_in_limbo(system)


async def test_it_is_handed_over_once() -> None:
    async with System() as system:
        case = await in_progress(system)
        async with held_back(system, "routing"):
            await hand_over(case)
            said = await case.refused(case.specialist, "handover", {"summary": "Again."})
            assert said == (409, "already_handed_over")
        await nothing_in_limbo(system)


async def test_31_a_supervisor_who_is_faster_wins() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        await hire(system, "s3")
        async with held_back(system, "routing"):
            await hand_over(case, "s3")
            await case.reassign("s2")
        assert await case.held_by() == ("s2", "s2")
        assert await releases(case) == [(1, UnassignReason.REASSIGNED)]
        await nothing_in_limbo(system)


async def test_31_a_supervisor_who_is_later_wins_too() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        await hire(system, "s3")
        await hand_over(case, "s3")
        await system.settle()
        await case.reassign("s2")
        await system.settle()
        assert await case.held_by() == ("s2", "s2")
        await nothing_in_limbo(system)


async def test_31_who_goes_offline_after_handing_over_is_released_once() -> None:
    for handed_first in (True, False):
        async with System() as system:
            case = await in_progress(system)
            await hire(system, "s2", capacity=0)
            async with held_back(system, "routing"):
                if handed_first:
                    await hand_over(case)
                await presence(system, "s1", online=False)
                if not handed_first:
                    await hand_over(case)
                await system.advance(2 * MINUTE)
            [release] = await releases(case)
            assert release[0] == 1
            await nothing_in_limbo(system)


async def test_31_what_has_ended_meanwhile_is_not_handed_over() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        async with held_back(system, "routing"):
            await hand_over(case, "s2")
            await case.withdraw()
        assert await case.status() == "withdrawn"
        assert (await case.held_by())[0] is None
        await nothing_in_limbo(system)


async def test_who_declined_it_before_is_not_given_it_back_by_a_hand_over() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        await case.decline()
        await system.settle()
        assert await case.held_by() == ("s2", "s2")
        body = {"summary": SUMMARY, "to": "s1"}
        await case.act(system.as_("specialist", "s2"), "handover", body)
        await system.settle()
        assert await case.held_by() == (None, None)
        await nothing_in_limbo(system)
