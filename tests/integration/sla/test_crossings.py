"""Deadlines and acts that cross, through the whole platform, in either order."""

from datetime import timedelta

from shared.events.clocks import ClockCorrected
from shared.events.registry import CLOCKS
from tests.integration.sla.journeys import Journey, in_work
from tests.support.system import System

SLA = {"sla", "sla-timers"}
SETTLED = timedelta(seconds=2)


async def test_a_contact_entered_after_the_breach_but_made_before_it() -> None:
    async with System() as system:
        journey = await in_work(system, contacted=False)
        await system.advance(timedelta(hours=24, minutes=5))
        assert (await journey.clocks())["first_contact"] == "breached"
        when = system.time.now() - timedelta(minutes=10)
        body = {"channel": "call", "two_way": True, "occurred_at": when.isoformat()}
        await journey.act(journey.specialist, "contacts", body)
        assert (await journey.clocks())["first_contact"] == "met"
        assert "first_contact" not in await journey.breaches()


async def asked_merchant(system: System) -> Journey:
    journey = await in_work(system)
    await journey.act(journey.specialist, "merchant-requests", {"questions": "Is it real?"})
    return journey


ANSWER = {"stance": "informs", "text": "It is."}


async def test_a_merchant_who_answers_after_the_lapse_stays_late() -> None:
    async with System() as system:
        journey = await asked_merchant(system)
        await system.advance(timedelta(hours=48) + SETTLED)
        complaint = await journey.complaint()
        assert (complaint["status"], complaint["turn"]) == ("in_progress", "specialist")
        await journey.act(journey.merchant, "merchant-responses", ANSWER)
        assert (await journey.clocks())["merchant_response"] == "breached"
        assert "merchant_response" in await journey.breaches()


async def test_a_merchant_who_answers_while_sla_is_behind_is_in_time() -> None:
    async with System() as system:
        journey = await asked_merchant(system)
        system.paused |= SLA
        await system.advance(timedelta(hours=47))
        await journey.act(journey.merchant, "merchant-responses", ANSWER)
        await system.advance(timedelta(hours=5))
        system.paused -= SLA
        await system.settle()
        await system.advance(SETTLED)
        assert (await journey.clocks())["merchant_response"] == "met"
        assert "merchant_response" not in await journey.breaches()


async def test_a_silent_consumer_lets_the_proposal_lapse() -> None:
    async with System() as system:
        journey = await in_work(system)
        solution = {"remedy": "apology", "payer": "nobody", "reasons": "We are sorry."}
        await journey.act(journey.specialist, "solutions", solution)
        await system.advance(timedelta(days=7) + SETTLED)
        assert (await journey.complaint())["status"] == "closed"
        clocks = await journey.clocks()
        assert (clocks["consumer_reply"], clocks["resolution"]) == ("breached", "cancelled")


async def test_a_remedy_done_in_time_but_entered_after_it_was_overdue() -> None:
    async with System() as system:
        journey = await in_work(system)
        n = await journey.solved()
        await system.advance(timedelta(hours=72, minutes=5))
        assert (await journey.clocks())["remedy"] == "breached"
        assert (await journey.complaint())["status"] == "in_progress"
        await journey.pay(n, minutes_ago=10)
        assert (await journey.clocks())["remedy"] == "met"
        events = await system.events(CLOCKS, journey.complaint_id)
        assert [e.breach_withdrawn for e in events if isinstance(e, ClockCorrected)][-1]


async def resolved(system: System) -> Journey:
    journey = await in_work(system)
    await journey.pay(await journey.solved())
    await journey.act(journey.specialist, "resolution", {"outcome": "refunded"})
    return journey


async def test_a_silent_survey_closes_and_an_objection_reopens_with_new_clocks() -> None:
    async with System() as system:
        journey = await resolved(system)
        await system.advance(timedelta(days=9))
        assert (await journey.complaint())["status"] == "closed"
        clocks = await journey.clocks()
        assert (clocks["follow_up"], clocks["survey_window"]) == ("met", "breached")
        await journey.act(journey.consumer, "reopening", {"reason": "objection"})
        listed = await journey.ops.get("/v1/clocks", complaint_id=journey.complaint_id, limit=200)
        again = {c["kind"]: c["state"] for c in listed["items"] if c["cycle"] == 2}
        assert again["resolution"] == "running"
        assert again["assignment"] == "met"


async def test_nothing_is_ever_late_in_a_complaint_handled_at_once() -> None:
    async with System() as system:
        journey = await resolved(system)
        await system.advance(SETTLED)
        clocks = await journey.clocks()
        assert await journey.breaches() == []
        assert {clocks[kind] for kind in ("acknowledgement", "assignment", "first_contact")} == {
            "met"
        }
        assert {clocks[kind] for kind in ("consumer_reply", "remedy", "resolution")} == {"met"}
