"""Reopened complaints, objections, and a matcher that starts again."""

from services.routing.domain.policy import POLICY
from services.routing.matcher import Matcher
from services.routing.solver import least_cost
from tests.integration.routing.house import (
    assignment,
    filed,
    holder,
    object_to,
    presence,
    resolve,
    specialist,
)
from tests.support.system import System


async def test_reopened_it_goes_to_whoever_had_it_even_if_others_are_freer() -> None:
    async with System() as system:
        await specialist(system)
        await specialist(system, id="s2", skills={"counterfeit": 4})
        complaint_id = await filed(system)
        assert await holder(system, complaint_id) == "s1"
        await filed(system, consumer_id="u2")
        await resolve(system, complaint_id)
        assert await holder(system, complaint_id) is None
        await object_to(system, complaint_id)
        decision = (await assignment(system, complaint_id))["decisions"][-1]
        assert (decision["specialist_id"], decision["cycle"], decision["n"]) == ("s1", 2, 1)
        assert decision["candidates"][0]["parts"]["continuity"] < 0
        assert "again" in decision["sentence"]["en"]


async def test_after_a_second_objection_somebody_else_has_it() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        await resolve(system, complaint_id)
        await object_to(system, complaint_id)
        await resolve(system, complaint_id)
        await specialist(system, id="s2", tier=4)
        await object_to(system, complaint_id)
        decision = (await assignment(system, complaint_id))["decisions"][-1]
        removed = {c["specialist_id"]: c["removed_by"] for c in decision["candidates"]}
        assert removed == {"s1": "conflict", "s2": None}


async def test_an_objection_in_one_complaint_keeps_the_specialist_from_the_next() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        await resolve(system, complaint_id)
        await object_to(system, complaint_id)
        another = await filed(system, order_ids=["o2"])
        decision = (await assignment(system, another))["decisions"][-1]
        assert decision["outcome"] == "unroutable"
        assert decision["candidates"][0]["removed_by"] == "conflict"
        assert await holder(system, await filed(system, consumer_id="u2")) == "s1"


async def test_a_matcher_that_starts_again_knows_what_the_first_knew() -> None:
    async with System() as system:
        await specialist(system, capacity=2)
        held = await filed(system)
        queued = await filed(system, consumer_id="u2")
        assert (await holder(system, held), await holder(system, queued)) == ("s1", None)
        service = system.service("routing")
        [running] = [worker for worker in service.exclusive if isinstance(worker, Matcher)]
        fresh = Matcher(service.log, system.edges.business, POLICY, least_cost)
        before = list(await service.log.heads())
        while await fresh.step():
            pass
        assert list(await service.log.heads()) == before
        assert fresh.memory == running.memory
        assert set(fresh.memory.queue) == {queued}
        assert fresh.memory.loads == {"s1": 2}


async def test_two_matchers_by_mistake_still_assign_once() -> None:
    async with System() as system:
        await specialist(system)
        service = system.service("routing")
        rival = Matcher(service.log, system.edges.business, POLICY, least_cost)
        await rival.step()
        await rival.step()
        system.paused.add("routing.matcher")
        complaint_id = await filed(system)
        await presence(system, "s1", online=True)
        while await rival.step():
            pass
        system.paused.clear()
        await system.settle()
        decisions = (await assignment(system, complaint_id))["decisions"]
        assert [one["outcome"] for one in decisions] == ["assigned"]
