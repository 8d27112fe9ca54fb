"""Rows 9 and 10: a party answers while the wait for them lapses; intake says which was first."""

from typing import Any

from shared.events.clocks import ClockBreached, ClockStopped
from shared.events.complaints import (
    ComplaintClosed,
    ComplaintReopened,
    MerchantAnswered,
    RequestLapsed,
    SolutionAccepted,
)
from shared.events.vocabulary import ClockKind, CloseReason, ReopenReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import ANSWER, DAY, HOUR, MINUTE, SETTLED, Case, held_back, in_progress
from tests.support.system import System

NO = {"reason": "too little"}
REPLY, RESPONSE = ClockKind.CONSUMER_REPLY, ClockKind.MERCHANT_RESPONSE


async def proposed(system: System) -> tuple[Case, int]:
    case = await in_progress(system)
    n = await case.propose()
    await system.settle()
    return case, n


async def in_time(case: Case, kind: ClockKind) -> list[bool]:
    return [event.in_time for event in await case.told(ClockStopped) if event.kind is kind]


async def test_09_the_answer_is_first_and_the_lapse_yields_nothing() -> None:
    async with System() as system:
        case, n = await proposed(system)
        async with held_back(system, "intake"):
            await system.advance(7 * DAY + MINUTE)
            breaches = [e for e in await case.told(ClockBreached) if e.kind is REPLY]
            assert len(breaches) == 1
            await case.accept(n)
        assert await case.told(RequestLapsed) == []
        assert await case.status() == "remedying"
        assert await in_time(case, REPLY) == [False]
        await nothing_in_limbo(system)


async def test_09_the_answer_is_first_and_in_time_and_sla_reads_it_late() -> None:
    async with System() as system:
        case, n = await proposed(system)
        async with held_back(system, "sla"):
            await system.advance(7 * DAY - MINUTE)
            await case.accept(n)
            await system.advance(HOUR)
        await system.advance(SETTLED)
        assert await in_time(case, REPLY) == [True]
        assert await case.told(RequestLapsed) == []
        assert REPLY not in await case.breaches()
        await nothing_in_limbo(system)


async def lapsed(system: System) -> tuple[Case, int, int]:
    """A proposal that lapsed; its number, and the version its consumer still has on screen."""
    case, n = await proposed(system)
    seen = await case.version()
    await system.advance(7 * DAY + MINUTE)
    [closed] = await case.told(ComplaintClosed)
    assert closed.reason is CloseReason.UNANSWERED
    return case, n, seen


async def test_09_the_lapse_is_first_and_an_answer_reopens_with_the_same_specialist() -> None:
    async with System() as system:
        case, _, _ = await lapsed(system)
        body = {"text": "I was away; the offer is fine."}
        await case.consumer.post(f"{case.path}/consumer-responses", body)
        await system.settle()
        [reopened] = await case.told(ComplaintReopened)
        assert reopened.reason is ReopenReason.ANSWERED_LATE
        assert (reopened.cycle, reopened.previous_specialist_id) == (2, "s1")
        assert await case.held_by() == ("s1", "s1")
        await nothing_in_limbo(system)


async def test_09_the_lapse_is_first_and_what_the_consumer_had_on_screen_is_stale() -> None:
    async with System() as system:
        case, n, seen = await lapsed(system)
        for what, body in ((f"solutions/{n}/acceptance", {}), (f"solutions/{n}/rejection", NO)):
            refused = await case.refused(case.consumer, what, body, match=seen)
            assert refused == (412, "version_mismatch")
        assert await case.told(SolutionAccepted) == []
        await case.reopen()
        await system.settle()
        assert (await case.now())["cycle"] == 2
        await nothing_in_limbo(system)


async def asked(system: System) -> Case:
    case = await in_progress(system)
    await case.ask_merchant()
    await system.settle()
    return case


async def aspects(case: Case) -> Any:
    found = await case.ops.get("/v1/merchants/m1/cooperation")
    counted = ("in_time_milli", "late_milli", "silent_milli")
    return {name: found["aspects"][name] > 0 for name in counted}


LATE = {"in_time_milli": False, "late_milli": True, "silent_milli": False}
SILENT = {"in_time_milli": False, "late_milli": False, "silent_milli": True}
PROMPT = {"in_time_milli": True, "late_milli": False, "silent_milli": False}


async def test_10_the_lapse_is_first_and_the_answer_counts_as_late() -> None:
    async with System() as system:
        case = await asked(system)
        await system.advance(48 * HOUR + MINUTE)
        assert (await case.now())["presumption_for_consumer"] is True
        assert await aspects(case) == SILENT
        await case.answer()
        await system.settle()
        [answered] = await case.told(MerchantAnswered)
        assert answered.late
        assert (await case.clock(RESPONSE))["state"] == "breached"
        assert await aspects(case) == LATE
        now = await case.now()
        assert (now["status"], now["presumption_for_consumer"]) == ("in_progress", False)
        await nothing_in_limbo(system)


async def test_10_the_presumption_stays_where_a_solution_rests_on_it() -> None:
    async with System() as system:
        case = await asked(system)
        await system.advance(48 * HOUR + MINUTE)
        await case.propose()
        await case.answer()
        await system.settle()
        now = await case.now()
        assert (now["status"], now["presumption_for_consumer"]) == ("solution_proposed", True)
        await nothing_in_limbo(system)


async def test_10_the_answer_is_first_and_the_lapse_yields_nothing() -> None:
    async with System() as system:
        case = await asked(system)
        async with held_back(system, "intake"):
            await system.advance(48 * HOUR + MINUTE)
            assert (await case.clock(RESPONSE))["state"] == "breached"
            await case.answer()
        assert await case.told(RequestLapsed) == []
        assert (await case.status(), (await case.clock(RESPONSE))["state"]) == (
            "in_progress",
            "breached",
        )
        assert await in_time(case, RESPONSE) == [False]
        assert await aspects(case) == LATE
        await nothing_in_limbo(system)


async def test_10_an_answer_in_time_that_sla_reads_late_counts_as_in_time() -> None:
    async with System() as system:
        case = await asked(system)
        async with held_back(system, "sla"):
            await system.advance(48 * HOUR - MINUTE)
            await case.answer()
            await system.advance(HOUR)
        await system.advance(SETTLED)
        assert await in_time(case, RESPONSE) == [True]
        assert await aspects(case) == PROMPT
        assert await case.told(RequestLapsed) == []
        await nothing_in_limbo(system)


async def test_10_a_second_answer_is_refused_in_either_order() -> None:
    async with System() as system:
        case = await asked(system)
        await system.advance(48 * HOUR + MINUTE)
        await case.answer()
        again = await case.refused(case.merchant, "merchant-responses", {**ANSWER, "n": 1})
        assert again == (409, "already_answered")
        await system.settle()
        await nothing_in_limbo(system)


async def questioned(system: System) -> Case:
    case = await in_progress(system)
    body = {"items": ["a photo of the label"], "reason": "it settles it"}
    await case.act(case.specialist, "consumer-requests", body)
    await system.settle()
    return case


async def test_09_a_question_is_answered_before_its_lapse_arrives() -> None:
    async with System() as system:
        case = await questioned(system)
        async with held_back(system, "intake"):
            await system.advance(7 * DAY + MINUTE)
            assert REPLY in await case.breaches()
            await case.act(case.consumer, "consumer-responses", {"text": "Here it is."})
        assert await case.told(RequestLapsed) == []
        assert await case.status() == "in_progress"
        assert await in_time(case, REPLY) == [False]
        await nothing_in_limbo(system)


async def test_09_a_question_lapses_and_the_answer_reopens() -> None:
    async with System() as system:
        case = await questioned(system)
        await system.advance(7 * DAY + MINUTE)
        assert await case.status() == "closed"
        await case.act(case.consumer, "consumer-responses", {"text": "Here it is."})
        await system.settle()
        reopened = await case.told(ComplaintReopened)
        assert [event.reason for event in reopened] == [ReopenReason.ANSWERED_LATE]
        assert await case.held_by() == ("s1", "s1")
        await nothing_in_limbo(system)
