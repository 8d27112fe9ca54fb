"""Rows 16 to 18, 20 and 21: a survey and its answers meet a reopening."""

from email import message_from_bytes
from typing import Any

from shared.events.complaints import (
    ComplaintClosed,
    ComplaintFollowUpSent,
    ComplaintReopened,
    MessagePosted,
)
from shared.events.followups import FollowUpAnswered, FollowUpSent
from shared.events.vocabulary import ClockKind, CloseReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import (
    DAY,
    HOUR,
    MINUTE,
    Case,
    held_back,
    pump,
    resolved,
    survey_link,
)
from tests.support.system import Mailbox, System

OBJECTION = {"result": "objection", "text": "still no money", "speed": 1}
SATISFIED = {"result": "satisfied", "speed": 5, "attitude": 5, "outcome": 4}


async def surveyed(system: System) -> Case:
    """A resolved complaint whose survey has been sent."""
    case = await resolved(system)
    await system.advance(HOUR)
    return case


async def answer_survey(system: System, answer: dict[str, Any]) -> None:
    await system.http.post(survey_link(system), answer)


async def cycle(case: Case) -> int:
    return int((await case.now())["cycle"])


async def test_16_reopened_while_the_survey_is_unsent_cancels_it() -> None:
    async with System() as system:
        case = await resolved(system)
        await case.reopen()
        await system.settle()
        await system.advance(2 * HOUR)
        survey = await case.follow_up()
        assert (survey["state"], survey["reason"]) == ("cancelled", "reopened")
        assert await case.said("survey") == []
        assert (await case.clock(ClockKind.FOLLOW_UP))["state"] == "cancelled"
        await nothing_in_limbo(system)


async def test_16_notify_reads_the_reopening_after_the_survey_was_due() -> None:
    async with System() as system:
        case = await resolved(system)
        async with held_back(system, "notify"):
            await case.reopen()
            await system.advance(2 * HOUR)
        assert (await case.follow_up())["state"] == "cancelled"
        assert await case.told(FollowUpSent) == []
        assert await case.told(ComplaintFollowUpSent) == []
        await nothing_in_limbo(system)


async def test_16_reopened_while_the_mail_waits_for_its_turn_cancels_it_too() -> None:
    async with System() as system:
        case = await resolved(system)
        async with held_back(system, "notify.mail"):
            await system.advance(HOUR)
            assert (await case.follow_up())["state"] == "queued"
            await case.reopen()
            await system.settle()
        assert (await case.follow_up())["state"] == "cancelled"
        assert await case.said("survey") == ["suppressed"]
        await nothing_in_limbo(system)


SURVEY = "How did we"


class ReopenedMeanwhile(Mailbox):
    """A mail server during whose conversation about the survey the complaint is reopened."""

    def __init__(self) -> None:
        super().__init__()
        self.system: System
        self.case: Case

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Let the consumer object, and notify hear of it, before the survey is accepted."""
        subject = str(message_from_bytes(message)["Subject"])
        await super().send(sender=sender, recipient=recipient, message=message)
        if SURVEY in subject:
            await self.case.reopen()
            await pump(self.system, "notify")


async def ratings_only(case: Case) -> None:
    """The link of the first cycle's survey takes ratings, and nothing comes of them."""
    link = survey_link(case.system)
    shown = await case.system.http.request("GET", link, headers={"accept": "application/json"})
    assert (shown.json()["state"], shown.json()["ratings_only"]) == ("open", True)
    await case.system.http.post(link, {"speed": 2, "attitude": 4})
    await case.system.settle()
    [answered] = await case.told(FollowUpAnswered)
    assert (answered.cycle, answered.ratings_only, answered.speed) == (1, True, 2)
    assert (await case.status(), await cycle(case)) == ("assigned", 2)


async def test_17_reopened_while_the_survey_is_being_sent_it_was_sent() -> None:
    system, mailbox = System(), ReopenedMeanwhile()
    system.mailbox = mailbox
    async with system:
        case = await resolved(system)
        mailbox.system, mailbox.case = system, case
        await system.advance(HOUR)
        [echo] = await case.told(ComplaintFollowUpSent)
        assert (echo.cycle, await cycle(case)) == (1, 2)
        assert (await case.follow_up())["state"] == "sent"
        assert await case.said("survey") == ["sent"]
        assert (await case.clock(ClockKind.FOLLOW_UP))["state"] == "cancelled"
        await ratings_only(case)
        await nothing_in_limbo(system)


async def test_17_sent_first_and_the_echo_arrives_after_the_reopening() -> None:
    async with System() as system:
        case = await resolved(system)
        async with held_back(system, "intake"):
            await system.advance(HOUR)
            assert len(await case.told(FollowUpSent)) == 1
            await case.reopen()
            await system.settle()
        [echo] = await case.told(ComplaintFollowUpSent)
        assert echo.cycle == 1
        assert [name for name in await case.story() if name == "ComplaintClosed"] == []
        await ratings_only(case)
        await nothing_in_limbo(system)


async def test_17_echoed_first_and_reopened_afterwards_ends_alike() -> None:
    async with System() as system:
        case = await surveyed(system)
        assert len(await case.told(ComplaintFollowUpSent)) == 1
        await case.reopen()
        await system.settle()
        assert (await case.clock(ClockKind.SURVEY_WINDOW))["state"] == "cancelled"
        await ratings_only(case)
        await nothing_in_limbo(system)


async def test_18_an_objection_of_the_cycle_before_is_appended_as_a_message() -> None:
    async with System() as system:
        case = await surveyed(system)
        async with held_back(system, "intake", "notify"):
            await answer_survey(system, OBJECTION)
            await case.reopen()
        [reopened] = await case.told(ComplaintReopened)
        assert reopened.cycle == 2
        [message] = await case.told(MessagePosted)
        assert (message.cycle, message.text.text) == (2, "still no money")
        assert await case.status() == "assigned"
        await nothing_in_limbo(system)


async def test_18_the_objection_is_first_and_a_second_reopening_is_refused() -> None:
    async with System() as system:
        case = await surveyed(system)
        await answer_survey(system, OBJECTION)
        await system.settle()
        assert await case.refused(case.consumer, "reopening") == (409, "wrong_status")
        assert len(await case.told(ComplaintReopened)) == 1
        assert await case.told(MessagePosted) == []
        assert (await case.clock(ClockKind.SURVEY_WINDOW))["state"] == "met"
        await nothing_in_limbo(system)


async def test_20_closed_as_silent_and_then_objected_to_is_reopened() -> None:
    async with System() as system:
        case = await surveyed(system)
        await system.advance(8 * DAY)
        [closed] = await case.told(ComplaintClosed)
        assert closed.reason is CloseReason.SILENT
        await case.reopen()
        await system.settle()
        assert (await case.status(), await cycle(case)) == ("assigned", 2)
        await nothing_in_limbo(system)


async def test_20_the_objection_is_first_and_the_silence_yields_nothing() -> None:
    async with System() as system:
        case = await surveyed(system)
        async with held_back(system, "intake"):
            await system.advance(8 * DAY)
            assert (await case.follow_up())["state"] == "lapsed"
            await case.reopen()
        assert await case.told(ComplaintClosed) == []
        assert (await case.status(), await cycle(case)) == ("assigned", 2)
        await nothing_in_limbo(system)


async def test_20_after_the_objection_window_it_stays_closed() -> None:
    async with System() as system:
        case = await surveyed(system)
        await system.advance(7 * DAY + 15 * DAY + MINUTE)
        refused = await case.refused(case.consumer, "reopening")
        assert refused == (409, "reopening_window_over")
        assert await case.status() == "closed"
        await nothing_in_limbo(system)


async def test_21_satisfied_after_an_objection_through_intake_closes_nothing() -> None:
    async with System() as system:
        case = await surveyed(system)
        async with held_back(system, "intake", "notify"):
            await answer_survey(system, SATISFIED)
            await case.reopen()
        assert await case.told(ComplaintClosed) == []
        assert (await case.status(), await cycle(case)) == ("assigned", 2)
        survey = await case.follow_up(1)
        assert (survey["state"], survey["speed"], survey["outcome"]) == ("answered", 5, 4)
        await nothing_in_limbo(system)


async def test_21_satisfied_first_closes_and_the_objection_reopens() -> None:
    async with System() as system:
        case = await surveyed(system)
        await answer_survey(system, SATISFIED)
        await system.settle()
        [closed] = await case.told(ComplaintClosed)
        assert closed.reason is CloseReason.SATISFIED
        await case.reopen()
        await system.settle()
        assert (await case.status(), await cycle(case)) == ("assigned", 2)
        assert (await case.follow_up(1))["speed"] == 5
        await nothing_in_limbo(system)
