"""Through the whole platform: a review that asks, rejects, and is appealed; questions in a case."""

from typing import Any

from shared.events.complaints import ComplaintClosed, ComplaintReopened, RequestLapsed
from shared.events.vocabulary import ClockKind, CloseReason
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import DAY, FILING, HOUR, MINUTE, Case, hire, in_progress
from tests.support.system import System

SENSITIVE: dict[str, Any] = {**FILING, "channel": "form", "category": "safety"}
WANTED = {"items": ["A photo of the label", "The batch number"], "reason": "They settle it."}


async def submitted(system: System) -> Case:
    await hire(system, skills={"safety": 7, "counterfeit": 7})
    consumer = system.as_("consumer", "u1")
    case = Case(system, (await consumer.post("/v1/complaints", SENSITIVE))["id"])
    await system.settle()
    return case


async def test_a_rejection_says_why_and_until_when_it_can_be_appealed() -> None:
    async with System() as system:
        case = await submitted(system)
        await case.act(
            case.supervisor, "reviews", {"decision": "reject", "reason_code": "already_settled"}
        )
        await system.advance(MINUTE)
        mail = system.mails[-1]
        assert "same dispute has been settled before" in mail.text
        window = await case.clock(ClockKind.APPEAL_WINDOW)
        assert window["state"] == "running"
        assert window["due_at"][:10] in mail.text
        now = await case.consumer.get(case.path)
        assert (now["status"], now["turn"]) == ("rejected", "nobody")
        assert now["rejection_reason"] == "already_settled"

        await case.act(case.consumer, "appeals", {"text": "It was another order."})
        await system.settle()
        assert await case.said("rejection_appealed") == ["sent"]
        assert (await case.clock(ClockKind.APPEAL_WINDOW))["state"] == "met"
        await case.act(case.supervisor, "reviews", {"decision": "accept"})
        await system.settle()
        assert await case.status() == "assigned"
        await nothing_in_limbo(system)


async def test_an_appeal_comes_too_late_after_its_window() -> None:
    async with System() as system:
        case = await submitted(system)
        await case.act(
            case.supervisor, "reviews", {"decision": "reject", "reason_code": "out_of_time"}
        )
        await system.advance(15 * DAY + HOUR)
        answer = await case.refused(case.consumer, "appeals", {"text": "Late."})
        assert answer == (409, "appeal_window_over")
        assert "appeal_window" not in await case.breaches()
        await nothing_in_limbo(system)


async def test_a_review_asks_for_everything_at_once_and_goes_on_with_the_answer() -> None:
    async with System() as system:
        case = await submitted(system)
        await case.act(case.supervisor, "consumer-requests", WANTED)
        await system.advance(MINUTE)
        mail = system.mails[-1].text.replace("\r\n", "\n")
        assert "- A photo of the label\n- The batch number" in mail
        assert "They settle it." in mail
        now = await case.consumer.get(case.path)
        assert (now["status"], now["turn"]) == ("needs_information", "consumer")
        assert now["open_question"] == {"n": 1, **WANTED}
        assert "open_question" not in await case.merchant.get(case.path)

        await case.act(case.consumer, "consumer-responses", {"text": "Batch 12.", "n": 1})
        await system.settle()
        assert await case.status() == "submitted"
        assert (await case.clock(ClockKind.CONSUMER_REPLY))["state"] == "met"
        await nothing_in_limbo(system)


async def test_a_case_waits_for_both_parties_and_for_each_its_clock_runs() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.ask_merchant()
        await case.act(case.specialist, "consumer-requests", WANTED)
        await system.advance(MINUTE)
        now = await case.now()
        assert (now["status"], now["turn"]) == ("awaiting_consumer", "consumer")
        assert now["open_request"] == {"n": 2, "party": "consumer"}
        for kind in (ClockKind.CONSUMER_REPLY, ClockKind.MERCHANT_RESPONSE):
            assert (await case.clock(kind))["state"] == "running"
        assert (await case.clock(ClockKind.RESOLUTION))["state"] == "paused"

        await case.act(case.consumer, "consumer-responses", {"text": "Batch 12."})
        await system.settle()
        now = await case.now()
        assert (now["status"], now["turn"]) == ("awaiting_merchant", "merchant")
        await case.answer()
        await system.settle()
        assert await case.status() == "in_progress"
        assert await case.said("consumer_answered") == ["sent"]
        assert (await case.clock(ClockKind.RESOLUTION))["state"] == "running"
        await nothing_in_limbo(system)


async def test_a_rejection_needs_a_reason_and_an_acceptance_none() -> None:
    async with System() as system:
        case = await submitted(system)
        for body in ({"decision": "reject"}, {"reason_code": "out_of_time"}):
            assert await case.refused(case.supervisor, "reviews", body) == (
                422,
                "validation_failed",
            )


async def test_a_question_nobody_answers_closes_the_complaint() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.specialist, "consumer-requests", WANTED)
        await system.advance(7 * DAY + MINUTE)
        assert [event.n for event in await case.told(RequestLapsed)] == [1]
        assert [event.reason for event in await case.told(ComplaintClosed)] == [
            CloseReason.UNANSWERED
        ]
        await case.act(case.consumer, "consumer-responses", {"text": "I was away."})
        await system.settle()
        assert len(await case.told(ComplaintReopened)) == 1
        assert await case.held_by() == ("s1", "s1")
        await nothing_in_limbo(system)
