"""Through the whole platform: a second pair of eyes, a superior's review, bodies outside."""

from typing import Any

from shared.events.vocabulary import ClockKind
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import DAY, HOUR, MINUTE, in_progress
from tests.support.system import System

DEAR: dict[str, Any] = {"amount_minor": 300_000, "currency": "CNY"}
IMPOSE: dict[str, Any] = {
    "outcome": "imposed",
    "reasons": "The report is plain.",
    "solution": {"remedy": "refund", "payer": "merchant"} | DEAR,
}


async def test_a_dear_solution_is_seen_by_the_consumer_once_it_is_approved() -> None:
    async with System() as system:
        case = await in_progress(system)
        n = await case.propose(**DEAR)
        await system.advance(MINUTE)
        assert await case.status() == "solution_drafted"
        assert await case.said("approval_request") == ["sent"]
        assert await case.said("solution_proposed") == []
        for party in (case.consumer, case.merchant):
            assert (await party.get(case.path))["solutions"] == []
            told = (await party.get(f"{case.path}/events"))["items"]
            assert "amends.complaint.solution_proposed.v1" not in {one["type"] for one in told}

        approval = f"solutions/{n}/approval"
        assert await case.refused(case.specialist, approval) == (403, "forbidden")
        refused = await case.supervisor.refused(f"{case.path}/{approval}", {}, match=None)
        assert refused == (428, "if_match_required")
        await case.act(case.supervisor, approval, {"reason": "Well founded."})
        await system.advance(MINUTE)
        [shown] = (await case.consumer.get(case.path))["solutions"]
        assert (shown["state"], shown["amount_minor"]) == ("proposed", 300_000)
        assert await case.said("solution_proposed") == ["sent"]
        told = (await case.consumer.get(f"{case.path}/events"))["items"]
        [approved] = [one for one in told if one["type"].endswith("solution_approved.v1")]
        assert approved["data"]["reasons"] == "It is a fake."
        assert "reason" not in approved["data"]
        assert (await case.clock(ClockKind.APPROVAL))["state"] == "met"
        await nothing_in_limbo(system)


async def test_nobody_approves_their_own_draft_and_a_returned_one_goes_back() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(
            case.supervisor,
            "solutions",
            {"remedy": "refund", "payer": "platform", "reasons": "Fake."} | DEAR,
        )
        approval = "solutions/1/approval"
        assert await case.refused(case.supervisor, approval) == (409, "four_eyes")
        other = system.as_("supervisor", "v2")
        assert await case.refused(other, approval, {"decision": "return"}) == (
            422,
            "validation_failed",
        )
        await case.act(other, approval, {"decision": "return", "reason": "No report."})
        await system.settle()
        assert await case.status() == "in_progress"
        assert await case.said("solution_returned") == ["sent"]
        await nothing_in_limbo(system)


async def test_a_superior_decides_within_two_days_and_imposes() -> None:
    async with System() as system:
        case = await in_progress(system)
        assert await case.refused(case.consumer, "superior-reviews") == (
            409,
            "no_ground_for_review",
        )
        await case.ask_merchant()
        await case.answer()
        await case.propose()
        await case.act(case.consumer, "superior-reviews", {"reason": "Far too little."})
        await system.advance(MINUTE)
        now = await case.consumer.get(case.path)
        assert (now["status"], now["turn"]) == ("under_superior_review", "supervisor")
        assert now["superior_review"] == {"n": 1, "ground": "proposal", "by_role": "consumer"}
        assert await case.said("superior_review_request") == ["sent"]
        assert await case.said("superior_review_begun") == ["sent"]
        assert (await case.clock(ClockKind.CONSUMER_REPLY))["state"] == "cancelled"
        assert await case.refused(case.merchant, "superior-reviews") == (
            409,
            "review_already_asked",
        )

        await system.advance(20 * HOUR)
        decision = "superior-reviews/1/decision"
        await case.act(case.supervisor, decision, IMPOSE)
        await system.advance(MINUTE)
        now = await case.now()
        assert (now["status"], now["turn"]) == ("remedying", "merchant")
        assert (await case.clock(ClockKind.SUPERIOR_REVIEW))["state"] == "met"
        remedy = await case.clock(ClockKind.REMEDY)
        assert (remedy["state"], remedy["party"]) == ("running", "merchant")
        assert await case.said("remedy_owed") == ["sent"]
        assert set(await case.said("superior_review_decided")) == {"sent"}
        await nothing_in_limbo(system)


async def test_a_missed_deadline_is_a_ground_until_it_turns_out_to_have_been_met() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.ask_merchant()
        await system.advance(2 * DAY + HOUR)
        assert "merchant_response" in await case.breaches()
        refused = await case.refused(case.merchant, "superior-reviews")
        assert refused == (409, "no_ground_for_review")  # its own silence is none
        await case.act(case.consumer, "superior-reviews", {"ground": "breach"})
        await system.settle()
        assert await case.status() == "under_superior_review"
        await nothing_in_limbo(system)


async def test_a_body_outside_has_it_for_a_time_and_what_binds_is_carried_out() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.consumer, "referrals", {"body": "court", "reference": "2026-17"})
        await system.advance(MINUTE)
        now = await case.now()
        assert (now["status"], now["turn"]) == ("external", "regulator")
        [referral] = now["referrals"]
        assert (referral["body"], referral["outcome"]) == ("court", None)
        assert (await case.clock(ClockKind.RESOLUTION))["state"] == "paused"
        agreed = {"body": "arbitration", "agreement": "clause 9"}
        assert await case.refused(case.consumer, "referrals", agreed) == (409, "excluded_by_court")

        await system.advance(30 * DAY)
        remedy = {"remedy": "refund", "payer": "merchant"} | DEAR
        body = {"outcome": "The claim is granted.", "binding": True, "remedy": remedy}
        await case.act(case.specialist, "referrals/1/outcome", body)
        await system.advance(MINUTE)
        now = await case.now()
        assert (now["status"], now["turn"]) == ("remedying", "merchant")
        assert now["referrals"][0]["binding"] is True
        assert await case.said("remedy_owed") == ["sent"]
        await case.act(case.merchant, "remedies/1/confirmation", {"reference": "r1"})
        await case.resolve()
        await nothing_in_limbo(system)


async def test_the_bundle_names_exactly_what_was_recorded_until_then() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.specialist, "referrals", {"body": "mediation"})
        await case.act(case.specialist, "referrals", {"body": "regulator"})
        told = (await case.ops.get(f"{case.path}/events"))["items"]
        digests = [one["data"]["bundle_sha256"] for one in told if "referred" in one["type"]]
        assert len(set(digests)) == len(digests) == 2
        assert all(len(digest) == 64 for digest in digests)
