"""Rows 22 and 29: a mail goes out after the end, a profile arrives after its first use."""

from datetime import timedelta

from shared.events.complaints import ComplaintAccepted, ComplaintAcknowledged, ComplaintAssigned
from shared.events.vocabulary import ClockKind
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    HOUR,
    Case,
    file,
    held_back,
    hire,
    introduce_merchant,
)
from tests.support.system import System

ACKNOWLEDGEMENT = ClockKind.ACKNOWLEDGEMENT


def mailed_to(system: System, address: str) -> int:
    return sum(1 for mail in system.mails if mail.recipient == address)


async def test_22_acknowledged_after_the_withdrawal_nothing_is_echoed() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "notify.mail"):
            case = await file(system)
            await system.settle()
            await case.withdraw()
            await system.settle()
            clock = await case.clock(ACKNOWLEDGEMENT)
            assert (clock["state"], clock["cancel_reason"]) == ("cancelled", "withdrawn")
        assert await case.said("acknowledgement") == ["sent"]
        assert await case.told(ComplaintAcknowledged) == []
        assert (await case.clock(ACKNOWLEDGEMENT))["state"] == "cancelled"
        await nothing_in_limbo(system)


async def test_22_acknowledged_before_the_withdrawal_the_clock_was_met() -> None:
    async with System() as system:
        await hire(system)
        case = await file(system)
        await system.settle()
        await case.withdraw()
        await system.settle()
        assert len(await case.told(ComplaintAcknowledged)) == 1
        assert (await case.clock(ACKNOWLEDGEMENT))["state"] == "met"
        await nothing_in_limbo(system)


async def test_22_sent_before_the_withdrawal_and_read_by_intake_after_it() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "intake"):
            case = await file(system)
            await system.settle()
            assert await case.said("acknowledgement") == ["sent"]
            await case.withdraw()
        assert await case.told(ComplaintAcknowledged) == []
        assert (await case.clock(ACKNOWLEDGEMENT))["state"] == "cancelled"
        await nothing_in_limbo(system)


async def asked_unknown_merchant(system: System) -> Case:
    """A merchant nobody has introduced is asked."""
    await hire(system)
    case = await file(system)
    await system.settle()
    await case.contact()
    await case.ask_merchant()
    await system.settle()
    return case


async def test_29_the_merchants_address_comes_after_the_request_and_gets_it() -> None:
    async with System() as system:
        case = await asked_unknown_merchant(system)
        assert await case.said("merchant_request") == ["queued"]
        await introduce_merchant(system)
        await system.advance(timedelta(minutes=5))
        assert await case.said("merchant_request") == ["sent"]
        assert mailed_to(system, "m1@example.com") == 1
        await nothing_in_limbo(system)


async def test_29_the_merchants_address_comes_before_the_request() -> None:
    async with System() as system:
        await introduce_merchant(system)
        case = await asked_unknown_merchant(system)
        assert await case.said("merchant_request") == ["sent"]
        assert mailed_to(system, "m1@example.com") == 1
        await nothing_in_limbo(system)


async def test_29_without_any_address_it_becomes_a_dead_letter_and_lies_in_the_inbox() -> None:
    async with System() as system:
        case = await asked_unknown_merchant(system)
        await system.advance(2 * HOUR)
        assert sorted(await case.said("merchant_request")) == ["dead", "sent"]
        [letter] = (await case.ops.get("/v1/dead-letters"))["items"]
        assert (letter["kind"], letter["reason"]) == ("mail", "no_address_yet")
        inbox = await case.merchant.get("/v1/inbox")
        assert [item["kind"] for item in inbox["items"]] == ["merchant_request"]
        drop = await case.ops.refused(f"/v1/dead-letters/{letter['id']}/drop", {"reason": "no"})
        assert drop == (409, "wrong_status")
        await introduce_merchant(system)
        await system.settle()
        await case.ops.post(f"/v1/dead-letters/{letter['id']}/redrive")
        await system.settle()
        assert mailed_to(system, "m1@example.com") == 1
        await nothing_in_limbo(system)


async def test_29_the_specialists_profile_is_read_after_the_assignment() -> None:
    async with System() as system:
        async with held_back(system, "notify"):
            await hire(system)
            case = await file(system)
            await system.settle()
            assert len(await case.told(ComplaintAssigned)) == 1
        await system.advance(timedelta(minutes=5))
        assert await case.said("assigned_to_you") == ["sent"]
        assert mailed_to(system, "s1@example.com") == 1
        await nothing_in_limbo(system)


async def class_at_acceptance(case: Case) -> str:
    [accepted] = await case.told(ComplaintAccepted)
    return accepted.merchant_class


async def test_29_intake_takes_an_unknown_merchant_as_standard() -> None:
    async with System() as system:
        await hire(system)
        async with held_back(system, "intake"):
            await introduce_merchant(system, **{"class": "flagship"})
            await system.settle()
            case = await file(system)
        assert await class_at_acceptance(case) == "standard"
        await nothing_in_limbo(system)


async def test_29_intake_takes_a_known_merchant_as_its_profile_says() -> None:
    async with System() as system:
        await hire(system)
        await introduce_merchant(system, **{"class": "flagship"})
        await system.settle()
        case = await file(system)
        await system.settle()
        assert await class_at_acceptance(case) == "flagship"
        await nothing_in_limbo(system)
