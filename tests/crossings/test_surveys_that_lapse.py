"""Row 19: a survey is answered while it lapses; notify's one stream takes exactly one of both."""

import asyncio
from typing import Any

import pytest

from shared.events.clocks import ClockBreached
from shared.events.complaints import ComplaintClosed
from shared.events.followups import FollowUpAnswered, FollowUpLapsed
from shared.events.vocabulary import ClockKind, CloseReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import DAY, HOUR, Case, held_back, pump, resolved, survey_link
from tests.support.system import System

SATISFIED: dict[str, Any] = {"result": "satisfied", "speed": 5}


async def surveyed(system: System) -> Case:
    case = await resolved(system)
    await system.advance(HOUR)
    return case


async def closings(case: Case) -> list[CloseReason]:
    return [event.reason for event in await case.told(ComplaintClosed)]


async def test_19_the_lapse_is_first_and_an_answer_is_refused() -> None:
    async with System() as system:
        case = await surveyed(system)
        await system.advance(8 * DAY)
        refused = await system.http.refused(survey_link(system), SATISFIED)
        assert refused == (409, "survey_closed")
        assert len(await case.told(FollowUpLapsed)) == 1
        assert await case.told(FollowUpAnswered) == []
        assert await closings(case) == [CloseReason.SILENT]
        await nothing_in_limbo(system)


async def test_19_the_answer_is_first_and_the_lapse_yields_nothing() -> None:
    async with System() as system:
        case = await surveyed(system)
        async with held_back(system, "notify"):
            await system.advance(8 * DAY)
            breached = [event.kind for event in await case.told(ClockBreached)]
            assert ClockKind.SURVEY_WINDOW in breached
            await system.http.post(survey_link(system), SATISFIED)
        assert await case.told(FollowUpLapsed) == []
        assert len(await case.told(FollowUpAnswered)) == 1
        assert await closings(case) == [CloseReason.SATISFIED]
        await nothing_in_limbo(system)


@pytest.mark.parametrize("answer_starts", [True, False])
async def test_19_both_at_the_very_same_time_leave_one_of_them(*, answer_starts: bool) -> None:
    async with System() as system:
        case = await surveyed(system)
        async with held_back(system, "notify"):
            await system.advance(8 * DAY)
            link = survey_link(system)
            acts = [system.http.request("POST", link, SATISFIED), pump(system, "notify")]
            await asyncio.gather(*(acts if answer_starts else acts[::-1]))
        answered = await case.told(FollowUpAnswered)
        lapsed = await case.told(FollowUpLapsed)
        assert len(answered) + len(lapsed) == 1
        expected = CloseReason.SATISFIED if answered else CloseReason.SILENT
        assert await closings(case) == [expected]
        await nothing_in_limbo(system)


async def test_19_answered_in_time_and_read_by_intake_after_the_window() -> None:
    async with System() as system:
        case = await surveyed(system)
        async with held_back(system, "intake"):
            await system.advance(6 * DAY)
            await system.http.post(survey_link(system), SATISFIED)
            await system.advance(2 * DAY)
        assert await case.told(FollowUpLapsed) == []
        assert await closings(case) == [CloseReason.SATISFIED]
        assert "survey_window" not in await case.breaches()
        await nothing_in_limbo(system)
