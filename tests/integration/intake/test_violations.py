"""A violation over HTTP: recorded, told, appealed, decided by a second person, listed."""

import asyncio
from datetime import timedelta
from typing import Any

from services.intake.views import TABLES, project
from shared.eventlog.ports import Statement
from shared.eventlog.rebuild import rebuild
from shared.events.violations import PenaltyRecommended, ViolationDecided
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import DAY, MINUTE, Case, file, hire, in_progress
from tests.support.system import Client, System

FAKE = {"kind": "counterfeit", "severity": 2, "summary": "The seam is off."}
CONFIRM = {"outcome": "confirmed", "reasons": "The test report."}
WITHDRAW = {"outcome": "withdrawn", "reasons": "The report was about another bag."}
APPEAL = {"text": "It is genuine."}


async def recorded(case: Case, who: Client | None = None, **changes: Any) -> str:
    """The specialist (or somebody else) records counterfeits; the violation's path."""
    found = await (who or case.specialist).post(f"{case.path}/violations", {**FAKE, **changes})
    return f"/v1/violations/{found['id']}"


async def decided(case: Case, path: str, body: dict[str, str] | None = None) -> Any:
    """The supervisor decides on it as it is now."""
    version = (await case.supervisor.get(path))["version"]
    return await case.supervisor.post(f"{path}/decision", body or CONFIRM, match=version)


async def test_from_the_record_over_the_appeal_to_a_recommendation() -> None:
    async with System() as system:
        case = await in_progress(system)
        before = await case.now()
        path = await recorded(case)
        await system.settle()
        assert await case.said("violation_recorded") == ["sent"]
        shown = await case.merchant.get(path)
        assert (shown["state"], shown["kind"], shown["severity"]) == ("recorded", "counterfeit", 2)
        assert (shown["summary"], shown["found_by"]) == ("The seam is off.", None)
        assert "recorded_by" not in shown

        answer = await case.merchant.post(f"{path}/appeal", APPEAL)
        assert (answer["state"], answer["appeal"]) == ("appealed", "It is genuine.")
        await system.settle()
        assert await case.said("violation_appealed") == ["sent"]

        answer = await decided(case, path)
        assert answer["state"] == "confirmed"
        assert answer["penalty"] == {
            "recommended": "fine",
            "grade": 2,
            "earlier_confirmed": 0,
            "policy_version": "violations@1",
        }
        await system.settle()
        assert await case.said("violation_decided") == ["sent"]
        [decision], [penalty] = (
            await case.told(ViolationDecided),
            await case.told(PenaltyRecommended),
        )
        assert (decision.supervisor_id, penalty.grade) == ("v1", 2)
        after = await case.now()
        assert {k: after[k] for k in ("status", "turn", "version")} == {
            k: before[k] for k in ("status", "turn", "version")
        }
        await nothing_in_limbo(system)


async def test_a_decision_names_the_version_it_was_taken_on_and_is_final() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await recorded(case)
        decide = f"{path}/decision"
        assert await case.supervisor.refused(decide, CONFIRM) == (428, "if_match_required")
        assert await case.supervisor.refused(decide, CONFIRM, match=1) == (
            409,
            "appeal_window_open",
        )
        await case.merchant.post(f"{path}/appeal", APPEAL)
        assert await case.merchant.refused(f"{path}/appeal", APPEAL) == (409, "already_appealed")
        assert await case.supervisor.refused(decide, WITHDRAW, match=1) == (412, "version_mismatch")
        response = await case.supervisor.request("POST", decide, WITHDRAW, match=2)
        assert (response.headers["ETag"], response.json()["penalty"]) == ('"3"', None)
        assert await case.supervisor.refused(decide, CONFIRM, match=3) == (409, "violation_decided")
        assert await case.merchant.refused(f"{path}/appeal", APPEAL) == (409, "violation_decided")


async def test_whoever_recorded_it_leaves_the_decision_to_another() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await recorded(case, case.supervisor)
        await case.merchant.post(f"{path}/appeal", APPEAL)
        assert await case.supervisor.refused(f"{path}/decision", CONFIRM, match=2) == (
            409,
            "four_eyes",
        )
        other = system.as_("supervisor", "v2")
        assert (await other.post(f"{path}/decision", CONFIRM, match=2))["state"] == "confirmed"


async def test_without_an_appeal_it_is_confirmed_once_none_can_come() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await recorded(case)
        await system.advance(15 * DAY + MINUTE)
        assert await case.merchant.refused(f"{path}/appeal", APPEAL) == (409, "appeal_window_over")
        assert (await decided(case, path))["state"] == "confirmed"


async def test_the_same_kind_again_within_a_year_is_graver_and_another_kind_is_not() -> None:
    async with System() as system:
        case = await in_progress(system)

        async def graded(**changes: Any) -> int:
            path = await recorded(case, **changes)
            await case.merchant.post(f"{path}/appeal", APPEAL)
            return int((await decided(case, path))["penalty"]["grade"])

        withdrawn = await recorded(case)
        await decided(case, withdrawn, WITHDRAW)
        assert await graded() == 2
        assert await graded() == 3
        assert await graded(kind="late_shipping") == 2
        await system.advance(timedelta(days=366))
        assert await graded() == 2


async def test_of_two_decisions_at_once_only_one_counts_as_the_first() -> None:
    async with System() as system:
        case = await in_progress(system)
        paths = [await recorded(case) for _ in range(2)]
        for path in paths:
            await case.merchant.post(f"{path}/appeal", APPEAL)
        answers = await asyncio.gather(*(decided(case, path) for path in paths))
        assert sorted(answer["penalty"]["grade"] for answer in answers) == [2, 3]


async def test_a_repeated_call_records_once_and_answers_alike() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = f"{case.path}/violations"
        first, second = [await case.specialist.post(path, FAKE, key="k1") for _ in range(2)]
        assert first == second
        other = {**FAKE, "severity": 3}
        assert await case.specialist.refused(path, other, key="k1") == (
            422,
            "idempotency_key_reused",
        )
        listed = await case.specialist.get(path)
        assert [one["id"] for one in listed["items"]] == [first["id"]]
        appeal = f"/v1/violations/{first['id']}/appeal"
        answers = [await case.merchant.post(appeal, APPEAL, key="k2") for _ in range(2)]
        await case.supervisor.post(
            f"/v1/violations/{first['id']}/decision", CONFIRM, match=2, key="k3"
        )
        answers.append(await case.merchant.post(appeal, APPEAL, key="k2"))
        assert answers[0] == answers[1] == answers[2]
        assert answers[2]["state"] == "appealed"


async def test_who_may_do_what() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await recorded(case)
        to_record, to_appeal = f"{case.path}/violations", f"{path}/appeal"
        for who in (case.consumer, case.merchant, case.ops):
            assert await who.refused(to_record, FAKE) == (403, "forbidden")
        colleague = system.as_("specialist", "s2")
        assert await colleague.refused(to_record, FAKE) == (403, "not_assigned")
        for who in (case.consumer, case.specialist, case.supervisor, case.ops):
            assert await who.refused(to_appeal, APPEAL) == (403, "forbidden")
        stranger = system.as_("merchant", "m2", merchant_id="m2")
        assert await stranger.refused(to_appeal, APPEAL) == (404, "not_found")
        for who in (case.consumer, case.merchant, case.specialist, case.ops):
            refusal = await who.refused(f"{path}/decision", CONFIRM, match=1)
            assert refusal == (403, "forbidden")
        nothing = "/v1/violations/nothing"
        assert await case.merchant.refused(f"{nothing}/appeal", APPEAL) == (404, "not_found")
        assert await case.specialist.refused(to_record, {**FAKE, "severity": 4}) == (
            422,
            "validation_failed",
        )


async def test_supervisors_of_other_teams_learn_nothing() -> None:
    async with System() as system:
        await hire(system, team_id="t1")
        case = await file(system)
        await system.settle()
        path = await recorded(case)
        own = system.as_("supervisor", "v1", team_id="t1")
        other = system.as_("supervisor", "v9", team_id="t9")
        assert await seen(own, path) == 200
        assert await seen(other, path) == 404
        assert (await other.get("/v1/violations"))["items"] == []
        assert await other.refused(f"{case.path}/violations", FAKE) == (404, "not_found")
        refusal = await other.refused(f"{path}/decision", WITHDRAW, match=1)
        assert refusal == (404, "not_found")
        assert (await own.post(f"{path}/decision", WITHDRAW, match=1))["state"] == "withdrawn"


async def seen(who: Client, path: str) -> int:
    return (await who.request("GET", path)).status_code


async def test_who_sees_what() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await recorded(case)
        for who in (case.merchant, case.specialist, case.supervisor, case.ops):
            assert await seen(who, path) == 200
            assert await seen(who, f"{case.path}/violations") == 200
            assert len((await who.get("/v1/violations"))["items"]) == 1
        for hidden in (path, f"{case.path}/violations", "/v1/violations"):
            assert await seen(case.consumer, hidden) == 403
        stranger = system.as_("merchant", "m2", merchant_id="m2")
        assert await seen(stranger, path) == 404
        assert await seen(stranger, f"{case.path}/violations") == 404
        assert (await stranger.get("/v1/violations"))["items"] == []
        assert (await system.as_("service", "x").get("/v1/violations"))["items"] == []
        reader = system.as_("service", "x", scopes=["streams:read"])
        assert len((await reader.get("/v1/violations"))["items"]) == 1
        assert await seen(reader, "/v1/violations/nothing") == 404
        told = (await case.consumer.get(f"{case.path}/events"))["items"]
        assert "violation" not in str(told)


async def test_the_list_is_narrowed_and_paged_newest_first() -> None:
    async with System() as system:
        case = await in_progress(system)
        other = await file(system, merchant_id="m2", order_ids=["o2"])
        paths = []
        for kind in ("counterfeit", "retaliation", "counterfeit"):
            paths.append(await recorded(case, kind=kind))
            await system.advance(MINUTE)
        paths.append(await recorded(other, case.supervisor))
        await decided(case, paths[0], WITHDRAW)

        async def listed(**asked: Any) -> list[str]:
            found = await case.ops.get("/v1/violations", **asked)
            return [f"/v1/violations/{one['id']}" for one in found["items"]]

        assert await listed() == paths[::-1]
        assert await listed(merchant_id="m1", kind="counterfeit") == [paths[2], paths[0]]
        assert await listed(state="withdrawn") == [paths[0]]
        assert await listed(complaint_id=other.id) == [paths[3]]
        walked, cursor = [], None
        while True:
            asked = {"limit": 1, **({"cursor": cursor} if cursor else {})}
            found = await case.ops.get("/v1/violations", **asked)
            walked += [f"/v1/violations/{one['id']}" for one in found["items"]]
            cursor = found["next"]
            if cursor is None:
                break
        assert walked == paths[::-1]
        wrong = await case.ops.request("GET", "/v1/violations?cursor=e30")
        assert wrong.status_code == 422


async def test_the_list_is_made_anew_from_the_log() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = await recorded(case)
        await case.merchant.post(f"{path}/appeal", APPEAL)
        await decided(case, path)
        await decided(case, await recorded(case), WITHDRAW)
        await recorded(case)
        intake = system.service("intake").log
        rows = Statement("SELECT * FROM violation_list ORDER BY violation_id")
        before = await intake.fetch(rows)
        assert [row["state"] for row in before] == ["confirmed", "withdrawn", "recorded"]
        await rebuild(intake, project, TABLES)
        assert await intake.fetch(rows) == before


async def test_the_merchant_is_shown_what_it_is_held_against_it_with() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = f"{case.path}/evidence?kind=product_photo"
        answer = await case.consumer.send("POST", path, b"\x89PNG\r\n\x1a\n" + b"0" * 100)
        evidence_id = answer.json()["evidence"][0]["id"]
        link = f"{case.path}/evidence/{evidence_id}"
        assert await seen(case.merchant, link) == 404
        unknown = {**FAKE, "evidence_ids": ["e9"]}
        refusal = await case.specialist.refused(f"{case.path}/violations", unknown)
        assert refusal == (422, "unknown_evidence")
        found = await case.merchant.get(await recorded(case, evidence_ids=[evidence_id]))
        assert found["evidence_ids"] == [evidence_id]
        assert await seen(case.merchant, link) == 200
        assert await seen(case.merchant, f"{case.path}/evidence/nothing") == 404
