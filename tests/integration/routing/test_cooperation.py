"""Merchants: profiles, and the estimate that follows their clocks."""

from datetime import timedelta

from shared.clock import rfc3339
from shared.events.profiles import MerchantCooperationEstimated
from shared.events.registry import MERCHANTS
from tests.integration.routing.house import filed, ops, specialist
from tests.support.system import System

DAY = timedelta(days=1)


async def ask_merchant(system: System) -> str:
    """File, get it assigned, hear the consumer and ask the merchant."""
    client = await specialist(system)
    complaint_id = await filed(system)
    await client.post(
        f"/v1/complaints/{complaint_id}/contacts",
        {"channel": "call", "two_way": True, "note": "heard"},
    )
    await client.post(
        f"/v1/complaints/{complaint_id}/merchant-requests", {"questions": "Is it real?"}
    )
    await system.settle()
    return complaint_id


async def answer(system: System, complaint_id: str) -> None:
    """The merchant answers."""
    merchant = system.as_("merchant", "m1", merchant_id="m1")
    await merchant.post(
        f"/v1/complaints/{complaint_id}/merchant-responses",
        {"n": 1, "stance": "informs", "text": "Yes."},
    )
    await system.settle()


async def test_a_profile_is_put_and_read() -> None:
    async with System() as system:
        body = {"class": "flagship", "region": "CN-31", "contact": {"email": "m1@shop.example"}}
        created = await ops(system).request("PUT", "/v1/merchants/m1", body)
        assert created.status_code == 201
        replaced = await ops(system).request("PUT", "/v1/merchants/m1", {**body, "contact": None})
        assert replaced.status_code == 200
        own = await system.as_("merchant", "x", merchant_id="m1").get("/v1/merchants/m1")
        assert (own["class"], own["region"], own["contact"]) == ("flagship", "CN-31", None)
        other = await system.as_("merchant", "x", merchant_id="m2").request(
            "GET", "/v1/merchants/m1"
        )
        assert other.status_code == 403
        unknown = await ops(system).request("GET", "/v1/merchants/m9")
        assert unknown.status_code == 404


async def test_an_answer_in_time_raises_the_estimate_from_then_on() -> None:
    async with System() as system:
        complaint_id = await ask_merchant(system)
        before = await ops(system).get("/v1/merchants/m1/cooperation")
        asked_at = system.time.now()
        await system.advance(DAY)
        await answer(system, complaint_id)
        after = await ops(system).get("/v1/merchants/m1/cooperation")
        assert before["score_ppm"] == 700_000
        assert after["score_ppm"] > 700_000
        assert after["low_ppm"] < after["score_ppm"] < after["high_ppm"]
        then = await ops(system).get("/v1/merchants/m1/cooperation", at=rfc3339(asked_at))
        assert {**then, "as_of": ""} == {**before, "as_of": ""}
        [estimated] = await system.events(MERCHANTS, "m1")
        assert isinstance(estimated, MerchantCooperationEstimated)
        assert estimated.score_ppm == after["score_ppm"]


async def test_silence_lowers_it_and_a_late_answer_lifts_it_a_little() -> None:
    async with System() as system:
        complaint_id = await ask_merchant(system)
        await system.advance(2 * DAY + timedelta(minutes=1))
        silent = (await ops(system).get("/v1/merchants/m1/cooperation"))["score_ppm"]
        assert silent < 700_000
        await answer(system, complaint_id)
        late = (await ops(system).get("/v1/merchants/m1/cooperation"))["score_ppm"]
        assert silent < late < 700_000


async def cooperation(system: System, **at: str) -> int:
    found = await ops(system).get("/v1/merchants/m1/cooperation", **at)
    return int(found["score_ppm"])


async def test_a_violation_counts_from_its_confirmation_and_not_before() -> None:
    async with System() as system:
        complaint_id = await ask_merchant(system)
        supervisor = system.as_("supervisor", "v1")
        merchant = system.as_("merchant", "m1", merchant_id="m1")
        paths = []
        for _ in range(2):
            found = await supervisor.post(
                f"/v1/complaints/{complaint_id}/violations",
                {"kind": "counterfeit", "severity": 3},
            )
            paths.append(f"/v1/violations/{found['id']}")
            await merchant.post(f"{paths[-1]}/appeal", {"text": "It is genuine."})
        await system.settle()
        assert await cooperation(system) == 700_000

        other = system.as_("supervisor", "v2")
        withdrawn = {"outcome": "withdrawn", "reasons": "It is."}
        await other.post(f"{paths[0]}/decision", withdrawn, match=2)
        await system.settle()
        assert await cooperation(system) == 700_000

        asked_at = system.time.now()
        await system.advance(timedelta(minutes=1))
        confirmed = {"outcome": "confirmed", "reasons": "The test report."}
        await other.post(f"{paths[1]}/decision", confirmed, match=2)
        await system.settle()
        assert await cooperation(system) < 700_000
        assert await cooperation(system, at=rfc3339(asked_at)) == 700_000
        estimated = (await system.events(MERCHANTS, "m1"))[-1]
        assert isinstance(estimated, MerchantCooperationEstimated)
        assert estimated.aspects["violations_milli"] == 3000
