"""Rows 8 and 15: what took place in time and is entered after its deadline; by occurred_at."""

from datetime import timedelta

from shared.clock import rfc3339
from shared.events.clocks import ClockBreached, ClockCorrected, ClockEvent, ClockStopped
from shared.events.complaints import ContactMade, RemedyDone, RemedyFailed
from shared.events.vocabulary import ClockKind
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    CALL,
    HOUR,
    MINUTE,
    SETTLED,
    Case,
    assigned,
    held_back,
    in_progress,
)
from tests.support.system import System

CONTACT, REMEDY = ClockKind.FIRST_CONTACT, ClockKind.REMEDY


async def withdrawn(case: Case, kind: ClockKind) -> list[bool]:
    found = [event for event in await case.told(ClockCorrected) if event.kind is kind]
    return [event.breach_withdrawn for event in found]


async def breached(case: Case, kind: ClockKind) -> list[ClockBreached]:
    return [event for event in await case.told(ClockBreached) if event.kind is kind]


async def in_time(case: Case, kind: ClockKind) -> list[bool]:
    return [event.in_time for event in await case.told(ClockStopped) if event.kind is kind]


async def test_08_contact_recorded_after_the_breach_fired_withdraws_it() -> None:
    async with System() as system:
        case = await assigned(system)
        await system.advance(24 * HOUR + 5 * MINUTE)
        assert (await case.clock(CONTACT))["state"] == "breached"
        assert await case.said("clock_breached") == ["sent"]
        assert await case.said("clock_breached_team") == ["sent"]
        await case.contact(at=system.time.now() - 10 * MINUTE)
        await system.settle()
        assert len(await breached(case, CONTACT)) == 1
        assert (await in_time(case, CONTACT), await withdrawn(case, CONTACT)) == ([True], [True])
        assert (await case.clock(CONTACT))["state"] == "met"
        assert CONTACT not in await case.breaches()
        assert await case.said("breach_withdrawn") == ["sent", "sent"]
        await nothing_in_limbo(system)


async def test_08_contact_recorded_before_sla_says_anything_leads_to_the_same_ledger() -> None:
    ledgers = []
    for behind in ((), ("sla",)):
        async with System() as system:
            case = await assigned(system)
            async with held_back(system, *behind):
                await system.advance(24 * HOUR + 5 * MINUTE)
                await case.contact(at=system.time.now() - 10 * MINUTE)
            await system.advance(SETTLED)
            assert CONTACT not in await case.breaches()
            said = [event for event in await case.told(ClockEvent) if event.kind is CONTACT]
            ledgers.append([(type(event), event.occurred_at) for event in said])
            await nothing_in_limbo(system)
    assert ledgers[0] == ledgers[1]


async def test_08_contact_entered_as_the_deadline_goes_by_never_was_a_breach() -> None:
    async with System() as system:
        case = await assigned(system)
        await system.advance(24 * HOUR + timedelta(milliseconds=900))
        await case.contact(at=system.time.now() - timedelta(seconds=1))
        await system.advance(SETTLED)
        assert (await in_time(case, CONTACT), await breached(case, CONTACT)) == ([True], [])
        await nothing_in_limbo(system)


async def test_08_a_contact_made_after_the_deadline_leaves_the_breach() -> None:
    async with System() as system:
        case = await assigned(system)
        await system.advance(24 * HOUR + 5 * MINUTE)
        await case.contact(at=system.time.now() - 4 * MINUTE)
        await system.settle()
        assert (await in_time(case, CONTACT), await withdrawn(case, CONTACT)) == ([False], [])
        assert CONTACT in await case.breaches()
        await nothing_in_limbo(system)


async def test_08_more_than_a_quarter_of_an_hour_back_needs_a_supervisor() -> None:
    async with System() as system:
        case = await assigned(system)
        await system.advance(24 * HOUR + 30 * MINUTE)
        called_at = system.time.now() - 40 * MINUTE
        body = {**CALL, "occurred_at": rfc3339(called_at)}
        refused = await case.refused(case.specialist, "contacts", body)
        assert refused == (422, "backdated_too_far")
        assert await case.told(ContactMade) == []
        assert CONTACT in await case.breaches()
        await case.contact(case.supervisor, at=called_at)
        await system.settle()
        assert await withdrawn(case, CONTACT) == [True]
        await nothing_in_limbo(system)


async def owed(system: System) -> tuple[Case, int]:
    """A complaint whose refund is owed by the merchant."""
    case = await in_progress(system)
    n = await case.propose()
    await case.accept(n)
    await system.settle()
    return case, n


async def test_15_a_remedy_done_in_time_and_entered_after_the_breach_withdraws_it() -> None:
    async with System() as system:
        case, n = await owed(system)
        await system.advance(72 * HOUR + 5 * MINUTE)
        assert await case.status() == "in_progress"
        [failed] = await case.told(RemedyFailed)
        assert failed.reason == "overdue"
        await case.pay(n, at=system.time.now() - 10 * MINUTE)
        await system.settle()
        assert await withdrawn(case, REMEDY) == [True]
        assert (await case.clock(REMEDY))["state"] == "met"
        assert await case.status() == "in_progress"
        await case.resolve()
        await nothing_in_limbo(system)


async def test_15_a_remedy_entered_before_sla_says_anything_never_failed() -> None:
    async with System() as system:
        case, n = await owed(system)
        async with held_back(system, "sla"):
            await system.advance(72 * HOUR + 5 * MINUTE)
            await case.pay(n, at=system.time.now() - 10 * MINUTE)
        await system.advance(SETTLED)
        assert await case.told(RemedyFailed) == []
        assert (await in_time(case, REMEDY), await withdrawn(case, REMEDY)) == ([True], [True])
        assert REMEDY not in await case.breaches()
        assert await case.status() == "in_progress"
        assert "sent" not in await case.said("clock_breached")
        await nothing_in_limbo(system)


async def test_15_done_late_but_before_intake_hears_of_the_breach_nothing_has_failed() -> None:
    async with System() as system:
        case, n = await owed(system)
        async with held_back(system, "intake"):
            await system.advance(72 * HOUR + 5 * MINUTE)
            assert len(await breached(case, REMEDY)) == 1
            await case.pay(n)
        assert await case.told(RemedyFailed) == []
        assert len(await case.told(RemedyDone)) == 1
        assert (await in_time(case, REMEDY), await withdrawn(case, REMEDY)) == ([False], [])
        assert REMEDY in await case.breaches()
        await nothing_in_limbo(system)


async def test_15_done_in_time_and_entered_while_the_breach_is_on_its_way_to_intake() -> None:
    async with System() as system:
        case, n = await owed(system)
        async with held_back(system, "intake"):
            await system.advance(72 * HOUR + timedelta(seconds=5))
            await case.pay(n, at=system.time.now() - MINUTE)
        assert await case.told(RemedyFailed) == []
        assert await withdrawn(case, REMEDY) == [True]
        assert REMEDY not in await case.breaches()
        await nothing_in_limbo(system)
