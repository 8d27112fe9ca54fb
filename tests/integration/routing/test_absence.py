"""Specialists who are not there, who say no, and supervisors who know better."""

from datetime import timedelta
from typing import Any

from shared.clock import rfc3339
from tests.integration.routing.house import (
    SPECIALIST,
    assignment,
    complaint,
    filed,
    holder,
    ops,
    presence,
    specialist,
)
from tests.support.system import System

MINUTE = timedelta(minutes=1)


async def releases(system: System, complaint_id: str) -> list[str]:
    """Why specialists lost it."""
    return [one["reason"] for one in (await assignment(system, complaint_id))["releases"]]


async def test_offline_past_the_grace_gives_the_case_to_another_with_its_age() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        await system.advance(MINUTE)
        await specialist(system, id="s2")
        await presence(system, "s1", online=False)
        await system.advance(timedelta(seconds=59))
        assert await holder(system, complaint_id) == "s1"
        await system.advance(timedelta(seconds=2))
        assert await releases(system, complaint_id) == ["absent"]
        assert await holder(system, complaint_id) == "s2"
        first, second = (await assignment(system, complaint_id))["decisions"]
        assert second["waiting_since"] == first["waiting_since"]
        assert (await complaint(system, complaint_id))["specialist_id"] == "s2"


async def test_back_within_the_grace_nothing_is_lost() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        await presence(system, "s1", online=False)
        await system.advance(timedelta(seconds=30))
        await presence(system, "s1", online=True)
        await system.advance(10 * MINUTE)
        assert await holder(system, complaint_id) == "s1"
        assert await releases(system, complaint_id) == []


async def test_offline_before_intake_knows_of_the_assignment_it_still_stands_then_goes() -> None:
    async with System() as system:
        await specialist(system)
        system.paused.add("intake")
        complaint_id = await filed(system)
        assert await holder(system, complaint_id) == "s1"
        await presence(system, "s1", online=False)
        await system.advance(2 * MINUTE)
        assert await releases(system, complaint_id) == ["absent"]
        system.paused.clear()
        await system.settle()
        assert (await complaint(system, complaint_id))["specialist_id"] is None


async def test_a_case_that_waits_for_the_merchant_stays_until_its_turn_comes_back() -> None:
    async with System() as system:
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
        await presence(system, "s1", online=False)
        await system.advance(5 * MINUTE)
        assert await holder(system, complaint_id) == "s1"

        merchant = system.as_("merchant", "m1", merchant_id="m1")
        await merchant.post(
            f"/v1/complaints/{complaint_id}/merchant-responses",
            {"n": 1, "stance": "informs", "text": "We bought it from the brand."},
        )
        await system.settle()
        assert await releases(system, complaint_id) == ["absent"]
        assert await holder(system, complaint_id) is None
        assert (await complaint(system, complaint_id))["status"] == "accepted"


async def test_the_end_of_a_shift_releases_and_the_next_shift_takes_up_again() -> None:
    async with System() as system:
        now = system.time.now()

        def period(start: int, end: int) -> dict[str, str]:
            return {
                "start": rfc3339(now + timedelta(hours=start)),
                "end": rfc3339(now + timedelta(hours=end)),
            }

        await specialist(system, shifts=[period(0, 8), period(24, 32)])
        complaint_id = await filed(system)
        assert await holder(system, complaint_id) == "s1"
        await system.advance(timedelta(hours=8, minutes=1))
        assert await releases(system, complaint_id) == ["shift_end"]
        queue = await ops(system).get("/v1/queue")
        assert queue["items"][0]["reasons"] == {"shift": 1}
        assert queue["items"][0]["age_seconds"] == 8 * 3600 + 60
        await system.advance(timedelta(hours=16))
        assert await holder(system, complaint_id) == "s1"


async def test_leave_that_begins_now_releases_at_once() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        now = system.time.now()
        leave = {"start": rfc3339(now), "end": rfc3339(now + timedelta(days=3))}
        body = await ops(system).put("/v1/specialists/s1/leave", {"leave": [leave]})
        assert body["absent"] == ["leave"]
        await system.settle()
        assert await releases(system, complaint_id) == ["absent"]
        await system.advance(timedelta(days=3))
        assert await holder(system, complaint_id) == "s1"


async def test_who_declines_is_not_asked_again_in_this_cycle() -> None:
    async with System() as system:
        client = await specialist(system)
        complaint_id = await filed(system)
        body = await client.post(
            f"/v1/assignments/{complaint_id}/decline", {"reason": "I know the shop owner."}
        )
        assert body["releases"][0]["reason"] == "declined"
        await system.settle()
        assert await holder(system, complaint_id) is None
        decision = (await assignment(system, complaint_id))["decisions"][-1]
        assert decision["outcome"] == "unroutable"
        assert decision["candidates"][0]["removed_by"] == "declined"
        await specialist(system, id="s2")
        assert await holder(system, complaint_id) == "s2"
        refused = await client.refused(
            f"/v1/assignments/{complaint_id}/decline", {"reason": "again"}
        )
        assert refused == (403, "not_assigned")


async def test_a_supervisor_reassigns_and_the_matcher_leaves_it_there() -> None:
    async with System() as system:
        await specialist(system)
        await specialist(system, id="s2", tier=1)
        complaint_id = await filed(system)
        boss = system.as_("supervisor", "boss")
        url = f"/v1/assignments/{complaint_id}/reassignment"
        move = {"specialist_id": "s2", "reason": "knows the shop"}
        body = await boss.post(url, move, key="k1")
        assert body == await boss.post(url, move, key="k1")
        assert body["specialist_id"] == "s2"
        assert body["decisions"][-1]["inputs"]["overridden_filter"] == "tier"
        assert body["interventions"][0]["reason"] == "knows the shop"
        await presence(system, "s1", online=False)
        await presence(system, "s1", online=True)
        assert await holder(system, complaint_id) == "s2"
        assert (await complaint(system, complaint_id))["specialist_id"] == "s2"

        missing = {"specialist_id": "nobody", "reason": "?"}
        assert await boss.refused(url, missing) == (404, "not_found")
        as_ops = await ops(system).refused(url, move)
        assert as_ops == (403, "forbidden")


async def test_somebody_offline_who_is_given_a_case_has_the_grace_to_come() -> None:
    async with System() as system:
        await specialist(system)
        complaint_id = await filed(system)
        await ops(system).post("/v1/specialists", {**SPECIALIST, "id": "s2"})
        await system.as_("supervisor", "boss").post(
            f"/v1/assignments/{complaint_id}/reassignment",
            {"specialist_id": "s2", "reason": "training"},
        )
        await system.settle()
        assert await holder(system, complaint_id) == "s2"
        await system.advance(2 * MINUTE)
        assert await releases(system, complaint_id) == ["reassigned", "absent"]
        assert await holder(system, complaint_id) == "s1"


async def test_profiles_are_guarded_and_validated() -> None:
    async with System() as system:
        await specialist(system, team_id="t1")
        boss = system.as_("supervisor", "boss", team_id="t2")
        response = await boss.request("PATCH", "/v1/specialists/s1", {"tier": 3})
        assert response.status_code == 403
        other = system.as_("specialist", "s9")
        response = await other.request("PUT", "/v1/specialists/s1/presence", {"online": False})
        assert response.status_code == 403
        bad: list[dict[str, Any]] = [
            {"tier": 5},
            {"tier": 0},
            {"skills": {"counterfeit": 11}},
            {"skills": {"unknown": 1}},
            {"capacity": -1},
            {"languages": []},
            {"id": "with space"},
            {"surprise": True},
            {"shifts": [{"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T09:00:00Z"}]},
        ]
        for change in bad:
            refused = await ops(system).refused("/v1/specialists", {**SPECIALIST, **change})
            assert refused == (422, "validation_failed"), change
        again = await ops(system).refused("/v1/specialists", {**SPECIALIST, "tier": 3})
        assert again == (409, "specialist_exists")
        team = system.as_("supervisor", "boss", team_id="t1")
        response = await team.request("PATCH", "/v1/specialists/s1", {"tier": 3}, match=1)
        assert response.status_code == 412
        response = await team.request("PATCH", "/v1/specialists/s1", {"tier": 3}, match=2)
        assert response.json()["tier"] == 3
        assert response.json()["skills"] == {"counterfeit": 7}
        await specialist(system, id="s2")
        first = await ops(system).get("/v1/specialists", limit=1)
        second = await ops(system).get("/v1/specialists", limit=1, cursor=first["next"])
        found = [one["id"] for page in (first, second) for one in page["items"]]
        assert found == ["s1", "s2"]
        assert second["next"] is None
