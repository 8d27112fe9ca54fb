"""Rows 5, 6 and 7: acts of specialists that meet their release or their assignment."""

from shared.events.clocks import ClockStopped
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintEvent,
    ComplaintUnassigned,
    ContactMade,
)
from shared.events.vocabulary import ClockKind
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    CALL,
    MINUTE,
    Case,
    assigned,
    file,
    held_back,
    hire,
    in_progress,
    presence,
    pump,
)
from tests.support.system import System


async def handovers(case: Case) -> list[tuple[str, str]]:
    """Who was given the complaint and who lost it, in the order of its stream."""
    moves = []
    for event in await case.told(ComplaintEvent):
        if isinstance(event, ComplaintAssigned):
            moves.append(("to", event.specialist_id))
        elif isinstance(event, ComplaintUnassigned):
            moves.append(("from", event.specialist_id))
    return moves


async def test_05_an_act_before_the_release_is_recorded_stands() -> None:
    async with System() as system:
        case = await assigned(system)
        await hire(system, "s2")
        async with held_back(system, "intake"):
            await case.decline()
            await case.contact()
        assert await handovers(case) == [("to", "s1"), ("from", "s1"), ("to", "s2")]
        assert len(await case.told(ContactMade)) == 1
        assert await case.status() == "in_progress"
        assert (await case.clock(ClockKind.FIRST_CONTACT))["state"] == "met"
        await nothing_in_limbo(system)


async def test_05_an_act_after_the_release_is_recorded_is_refused() -> None:
    async with System() as system:
        case = await assigned(system)
        await case.decline()
        await system.settle()
        assert await case.refused(case.specialist, "contacts", CALL) == (403, "not_assigned")
        await hire(system, "s2")
        await system.settle()
        assert await case.refused(case.specialist, "contacts", CALL) == (403, "not_assigned")
        assert await case.status() == "assigned"
        assert await case.told(ContactMade) == []
        await nothing_in_limbo(system)


async def test_06_the_release_decided_before_the_turn_was_given_away_stands() -> None:
    async with System() as system:
        case = await in_progress(system)
        async with held_back(system, "intake"):
            await presence(system, "s1", online=False)
            await system.advance(2 * MINUTE)
            await case.ask_merchant()
            await hire(system, "s2")
            await system.settle()
        assert await handovers(case) == [("to", "s1"), ("from", "s1"), ("to", "s2")]
        assert await case.status() == "awaiting_merchant"
        assert (await case.now())["open_request"]["n"] == 1
        await case.answer()
        await system.settle()
        assert (await case.status(), await case.held_by()) == ("in_progress", ("s2", "s2"))
        await nothing_in_limbo(system)


async def test_06_the_grace_ends_before_routing_reads_that_the_turn_is_the_merchants() -> None:
    async with System() as system:
        case = await in_progress(system)
        await presence(system, "s1", online=False)
        await system.settle()
        await case.ask_merchant()
        system.time.move(61 * (MINUTE / 60))
        await pump(system, "routing.grace")
        await system.settle()
        assert await handovers(case) == [("to", "s1"), ("from", "s1")]
        assert await case.status() == "awaiting_merchant"
        await nothing_in_limbo(system)
        await hire(system, "s2")
        await system.settle()
        assert (await case.status(), await case.held_by()) == ("awaiting_merchant", ("s2", "s2"))
        await nothing_in_limbo(system)


async def test_06_the_merchant_answers_while_nobody_has_it() -> None:
    async with System() as system:
        case = await in_progress(system)
        await presence(system, "s1", online=False)
        await system.settle()
        await case.ask_merchant()
        system.time.move(2 * MINUTE)
        await pump(system, "routing.grace")
        await system.settle()
        await case.answer()
        await system.settle()
        assert (await case.status(), (await case.now())["turn"]) == ("accepted", "platform")
        await hire(system, "s2")
        await system.settle()
        assert (await case.status(), await case.held_by()) == ("in_progress", ("s2", "s2"))
        await nothing_in_limbo(system)


async def test_06_the_turn_given_away_first_keeps_the_specialist_until_it_comes_back() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.ask_merchant()
        await system.settle()
        await presence(system, "s1", online=False)
        await system.advance(5 * MINUTE)
        assert await handovers(case) == [("to", "s1")]
        await hire(system, "s2")
        await case.answer()
        await system.settle()
        assert await handovers(case) == [("to", "s1"), ("from", "s1"), ("to", "s2")]
        assert (await case.status(), await case.held_by()) == ("in_progress", ("s2", "s2"))
        await nothing_in_limbo(system)


async def test_07_a_call_before_the_echo_is_pending_and_entered_later_with_its_time() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            system.time.move(MINUTE)
            called_at = system.time.now()
            answer = await case.answer_to(case.specialist, "contacts", CALL, await case.version())
            assert (answer.status_code, answer.json()["code"]) == (409, "assignment_pending")
            assert answer.headers["Retry-After"] == "1"
        await system.advance(5 * MINUTE)
        await case.contact(at=called_at)
        await system.settle()
        [contact] = await case.told(ContactMade)
        assert (contact.occurred_at, contact.backdated_seconds) == (called_at, 300)
        [stop] = [e for e in await case.told(ClockStopped) if e.kind is ClockKind.FIRST_CONTACT]
        assert (stop.stopped_at, stop.in_time) == (called_at, True)
        await nothing_in_limbo(system)


async def test_07_a_call_after_the_echo_is_taken_at_once() -> None:
    async with System() as system:
        case = await assigned(system)
        await case.contact()
        await system.settle()
        assert await case.status() == "in_progress"
        assert (await case.clock(ClockKind.FIRST_CONTACT))["state"] == "met"
        await nothing_in_limbo(system)
