"""Row 30: one complaint is parked in sla. Its timers wait, others fire; redrive tells the truth."""

from datetime import datetime
from typing import Any

from shared.eventlog.ports import Commit, Statement
from shared.events.clocks import ClockBreached, ClockStopped, ClockWarned
from shared.events.vocabulary import ClockKind
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    HOUR,
    MINUTE,
    SETTLED,
    Case,
    file,
    hire,
    introduce_merchant,
    presence,
)
from tests.support.system import System

CONTACT, ASSIGNMENT = ClockKind.FIRST_CONTACT, ClockKind.ASSIGNMENT
BROKEN = b"not a case"


async def case_data(system: System, case: Case) -> bytes:
    document = await system.service("sla").log.document("case", case.id)
    assert document.data is not None
    return document.data


async def put_case_data(system: System, case: Case, data: bytes) -> None:
    """What sla keeps about a complaint is changed behind its back."""
    update = Statement(
        "UPDATE documents SET data = :data WHERE kind = 'case' AND key = :key",
        {"data": data, "key": case.id},
    )
    await system.service("sla").log.commit(Commit(statements=(update,)))


async def two_in_hand(system: System) -> tuple[Case, Case]:
    """Two complaints that wait for their first contact; the first gets poisoned."""
    await hire(system)
    await introduce_merchant(system)
    poisoned, healthy = await file(system), await file(system)
    await system.settle()
    return poisoned, healthy


async def parked(system: System, case: Case) -> tuple[bytes, Any]:
    """A fact of the complaint cannot be counted; what sla kept before, and the dead letter."""
    good = await case_data(system, case)
    await put_case_data(system, case, BROKEN)
    await case.specialist.post(f"{case.path}/messages", {"text": "We are on it."})
    await system.settle()
    [letter] = (await case.ops.get("/v1/dead-letters"))["items"]
    assert (letter["service"], letter["key"]) == ("sla", case.id)
    assert letter["type"] == "amends.complaint.message_posted.v1"
    return good, letter


async def redrive(case: Case, letter: Any) -> Any:
    return await case.ops.post(f"/v1/dead-letters/{letter['id']}/redrive")


async def instants(case: Case, kind: type[ClockWarned | ClockBreached]) -> list[datetime]:
    return [event.occurred_at for event in await case.told(kind) if event.kind is CONTACT]


async def test_30_timers_of_the_parked_complaint_wait_while_others_fire() -> None:
    async with System() as system:
        poisoned, healthy = await two_in_hand(system)
        await parked(system, poisoned)
        await system.advance(25 * HOUR)
        assert len(await instants(healthy, ClockWarned)) == 3
        assert len(await instants(healthy, ClockBreached)) == 1
        assert await instants(poisoned, ClockWarned) == []
        assert await instants(poisoned, ClockBreached) == []


async def test_30_after_redrive_what_fell_due_is_said_with_its_true_time() -> None:
    async with System() as system:
        poisoned, healthy = await two_in_hand(system)
        good, letter = await parked(system, poisoned)
        await system.advance(25 * HOUR)
        await put_case_data(system, poisoned, good)
        assert await redrive(poisoned, letter) == {"id": letter["id"], "handled": 1, "parked": 0}
        await system.settle()
        for kind in (ClockWarned, ClockBreached):
            assert await instants(poisoned, kind) == await instants(healthy, kind)
        await nothing_in_limbo(system)


async def test_30_facts_parked_behind_the_poison_are_counted_in_order() -> None:
    async with System() as system:
        poisoned, healthy = await two_in_hand(system)
        good, letter = await parked(system, poisoned)
        await system.advance(23 * HOUR)
        for case in (poisoned, healthy):
            await case.contact()
            await case.ask_merchant()
        await system.advance(2 * HOUR)
        await put_case_data(system, poisoned, good)
        assert (await redrive(poisoned, letter))["handled"] == 3
        await system.advance(SETTLED)
        assert await instants(poisoned, ClockBreached) == []
        [stop] = [e for e in await poisoned.told(ClockStopped) if e.kind is CONTACT]
        assert stop.in_time
        theirs, ours = await healthy.told(ClockWarned), await poisoned.told(ClockWarned)
        assert [(e.kind, e.occurred_at) for e in ours] == [(e.kind, e.occurred_at) for e in theirs]
        request = await poisoned.clock(ClockKind.MERCHANT_RESPONSE)
        assert request["due_at"] == (await healthy.clock(ClockKind.MERCHANT_RESPONSE))["due_at"]
        assert await poisoned.said("merchant_request") == ["sent"]
        await nothing_in_limbo(system)


async def test_30_redriven_before_the_repair_it_stays_parked() -> None:
    async with System() as system:
        poisoned, _ = await two_in_hand(system)
        good, letter = await parked(system, poisoned)
        assert await redrive(poisoned, letter) == {"id": letter["id"], "handled": 0, "parked": 1}
        await system.advance(HOUR)
        await put_case_data(system, poisoned, good)
        assert (await redrive(poisoned, letter))["parked"] == 0
        gone = await poisoned.ops.refused(f"/v1/dead-letters/{letter['id']}/redrive")
        assert gone == (404, "not_found")
        drop = f"/v1/dead-letters/{letter['id']}/drop"
        assert await poisoned.ops.refused(drop, {"reason": "late"}) == (409, "wrong_status")
        await nothing_in_limbo(system)


async def test_30_the_clock_was_met_before_the_poison_and_stays_so() -> None:
    async with System() as system:
        poisoned, _ = await two_in_hand(system)
        await poisoned.contact()
        await system.settle()
        good, letter = await parked(system, poisoned)
        await system.advance(25 * HOUR)
        await put_case_data(system, poisoned, good)
        await redrive(poisoned, letter)
        await system.settle()
        assert await instants(poisoned, ClockBreached) == []
        assert (await poisoned.clock(CONTACT))["state"] == "met"
        await nothing_in_limbo(system)


async def test_30_the_poison_comes_just_before_the_deadline_of_a_waiting_complaint() -> None:
    async with System() as system:
        await hire(system)
        await presence(system, "s1", online=False)
        poisoned = await file(system)
        await system.advance(29 * MINUTE)
        good = await case_data(system, poisoned)
        await put_case_data(system, poisoned, BROKEN)
        await poisoned.consumer.post(f"{poisoned.path}/messages", {"text": "Anybody there?"})
        await system.advance(31 * MINUTE)
        [letter] = (await poisoned.ops.get("/v1/dead-letters"))["items"]
        assert ASSIGNMENT not in await poisoned.breaches()
        await put_case_data(system, poisoned, good)
        await redrive(poisoned, letter)
        await system.settle()
        [breach] = await poisoned.told(ClockBreached)
        assert (breach.kind, breach.occurred_at) == (ASSIGNMENT, breach.due_at)
        await nothing_in_limbo(system)
