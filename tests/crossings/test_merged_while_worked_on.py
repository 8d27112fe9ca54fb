"""Crossing 25: a duplicate is merged while both complaints are worked on."""

from shared.events.complaints import ComplaintUnassigned
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged
from shared.events.vocabulary import ClockKind
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    DAY,
    HOUR,
    MINUTE,
    SETTLED,
    Case,
    file,
    held_back,
    hire,
    introduce_merchant,
)
from tests.support.system import System


async def twins(system: System) -> tuple[Case, Case]:
    """The same matter filed twice, an hour apart; both are worked on."""
    await hire(system)
    await introduce_merchant(system)
    first = await file(system)
    await system.advance(HOUR)
    second = await file(system, description="The bag is a fake!! Answer me.")
    await system.settle()
    for case in (first, second):
        await case.contact()
    return first, second


async def test_25_the_duplicate_ends_and_the_survivor_runs_from_the_earlier_acceptance() -> None:
    async with System() as system:
        first, second = await twins(system)
        await first.ask_merchant()
        await system.settle()
        started = (await second.clock(ClockKind.RESOLUTION))["due_at"]
        await first.act(first.supervisor, "merges", {"into_id": second.id, "reason": "Twice."})
        await system.advance(MINUTE)
        now = await first.now()
        assert (now["status"], now["turn"]) == ("duplicate", "nobody")
        assert now["duplicate_of"] == second.id
        assert (await second.now())["duplicates"] == [first.id]
        assert (await first.clock(ClockKind.MERCHANT_RESPONSE))["state"] == "cancelled"
        assert (await first.held_by())[0] is None
        assert await second.status() == "in_progress"
        assert (await second.clock(ClockKind.RESOLUTION))["due_at"] < started
        assert await first.said("merged") == ["sent", "sent"]
        [absorbed] = await second.told(ComplaintAbsorbed)
        assert absorbed.from_id == first.id
        await nothing_in_limbo(system)


async def test_25_undone_the_duplicate_is_where_it_was_and_its_time_has_counted() -> None:
    async with System() as system:
        first, second = await twins(system)
        await first.ask_merchant()
        await system.settle()
        due = (await first.clock(ClockKind.MERCHANT_RESPONSE))["due_at"]
        resolution = await first.clock(ClockKind.RESOLUTION)
        await first.act(first.supervisor, "merges", {"into_id": second.id})
        await system.advance(5 * HOUR)
        await first.act(first.supervisor, "merges/1/undo", {"reason": "Another bag."})
        await system.advance(MINUTE)
        now = await first.now()
        assert (now["status"], now["turn"]) == ("awaiting_merchant", "merchant")
        assert now["specialist_id"] == "s1"  # found anew
        again = await first.clock(ClockKind.MERCHANT_RESPONSE)
        assert (again["state"], again["due_at"]) == ("running", due)
        assert (await first.clock(ClockKind.RESOLUTION))["started_at"] == resolution["started_at"]
        assert (await second.now())["duplicates"] == []
        assert await first.said("unmerged") == ["sent"]
        await first.answer()
        await system.settle()
        assert await first.status() == "in_progress"
        await nothing_in_limbo(system)


async def test_01_a_decision_and_a_lapse_that_come_after_the_merge_change_nothing() -> None:
    async with System() as system:
        await hire(system)
        second = await file(system)
        async with held_back(system, "intake"):
            first = await file(system)
            await system.settle()
            await first.act(first.supervisor, "merges", {"into_id": second.id})
        await system.settle()
        assert await first.status() == "duplicate"
        assert await first.held_by() == (None, None)
        assert await first.told(ComplaintUnassigned) == []
        await system.advance(3 * DAY + SETTLED)
        assert len(await first.told(ComplaintMerged)) == 1
        await nothing_in_limbo(system)


async def test_only_what_is_the_same_matter_is_merged_and_both_or_neither() -> None:
    async with System() as system:
        first, second = await twins(system)
        other = await file(system, order_ids=["o9"])
        into_other = {"into_id": other.id}
        assert await first.refused(first.supervisor, "merges", into_other) == (
            409,
            "not_a_duplicate",
        )
        into_none = {"into_id": "nobody"}
        assert await first.refused(first.supervisor, "merges", into_none) == (404, "not_found")
        await second.withdraw()
        into_second = {"into_id": second.id}
        assert await first.refused(first.supervisor, "merges", into_second) == (
            409,
            "wrong_status",
        )
        assert await first.told(ComplaintMerged) == []
        assert await first.refused(first.specialist, "merges", into_second) == (403, "forbidden")


async def test_staff_are_shown_what_may_be_the_same_matter() -> None:
    async with System() as system:
        first, second = await twins(system)
        await file(system, description="The zip is broken, and nobody answers the telephone.")
        await file(system, order_ids=["o9"])
        found = (await first.supervisor.get(f"{second.path}/duplicates"))["items"]
        assert [(one["id"] == first.id, one["near_text"]) for one in found] == [
            (True, True),
            (False, False),
        ]
        answer = await first.consumer.request("GET", f"{first.path}/duplicates")
        assert answer.status_code == 403
