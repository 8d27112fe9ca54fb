"""From a filing to a specialist, through the whole platform on virtual time."""

from datetime import timedelta

from shared.events.assignments import AssignmentAssessed, AssignmentDecided, AssignmentReleased
from shared.events.registry import ASSIGNMENTS
from tests.integration.routing.house import (
    SPECIALIST,
    assignment,
    complaint,
    filed,
    holder,
    ops,
    presence,
    specialist,
    withdraw,
)
from tests.support.system import System


async def test_a_hotline_filing_is_assessed_then_given_to_the_specialist_who_fits() -> None:
    async with System() as system:
        await specialist(system)
        await specialist(system, id="s2", tier=1)
        complaint_id = await filed(system)

        events = await system.events(ASSIGNMENTS, complaint_id)
        assert [type(event) for event in events] == [AssignmentAssessed, AssignmentDecided]
        answer = await assignment(system, complaint_id)
        decision = answer["decisions"][-1]
        assert decision["outcome"] == "assigned"
        assert decision["specialist_id"] == "s1"
        assert [(c["specialist_id"], c["removed_by"]) for c in decision["candidates"]] == [
            ("s1", None),
            ("s2", "tier"),
        ]
        complexity = decision["complexity"]
        assert sum(complexity["parts"].values()) == complexity["score"]
        assert set(decision["sentence"]) == {"zh-CN", "en"}
        assert (await complaint(system, complaint_id))["specialist_id"] == "s1"


async def test_consumer_and_merchant_see_only_the_sentence() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        for client in (
            system.as_("consumer", "u1"),
            system.as_("merchant", "m1", merchant_id="m1"),
        ):
            answer = await client.get(f"/v1/assignments/{complaint_id}")
            assert set(answer) == {"complaint_id", "decisions"}
            assert set(answer["decisions"][0]) == {"outcome", "decided_at", "sentence"}
        stranger = system.as_("consumer", "u2")
        response = await stranger.request("GET", f"/v1/assignments/{complaint_id}")
        assert response.status_code == 404


async def test_without_anybody_it_is_unroutable_until_somebody_registers() -> None:
    async with System() as system:
        complaint_id = await filed(system)
        queue = await ops(system).get("/v1/queue")
        assert [(i["complaint_id"], i["outcome"]) for i in queue["items"]] == [
            (complaint_id, "unroutable")
        ]
        await ops(system).post("/v1/specialists", SPECIALIST)
        await system.settle()
        queue = await ops(system).get("/v1/queue", outcome="waiting")
        assert queue["items"][0]["reasons"] == {"presence": 1}
        await presence(system, "s1", online=True)
        answer = await assignment(system, complaint_id)
        assert [d["outcome"] for d in answer["decisions"]] == ["unroutable", "waiting", "assigned"]
        assert [d["n"] for d in answer["decisions"]] == [1, 2, 3]
        assert (await ops(system).get("/v1/queue"))["items"] == []


async def test_freed_capacity_goes_to_the_oldest_waiting_case_at_once() -> None:
    async with System() as system:
        await specialist(system, capacity=2)
        first = await filed(system)
        second = await filed(system, consumer_id="u2")
        await system.advance(timedelta(minutes=1))
        third = await filed(system, consumer_id="u3")
        assert await holder(system, second) is None

        await withdraw(system, first)
        assert await holder(system, second) == "s1"
        assert await holder(system, third) is None
        released = [
            event
            for event in await system.events(ASSIGNMENTS, first)
            if isinstance(event, AssignmentReleased)
        ]
        assert [event.reason for event in released] == ["terminal"]


async def test_a_case_withdrawn_while_waiting_leaves_the_queue() -> None:
    async with System() as system:
        waiting = await filed(system)
        await withdraw(system, waiting)
        await specialist(system)
        await system.settle()
        assert (await ops(system).get("/v1/queue"))["items"] == []
        assert await holder(system, waiting) is None
