"""Colleagues help over HTTP: who is asked reads and answers; the complaint stays where it is."""

from typing import Any

from tests.crossings.cases import Case, hire, in_progress
from tests.support.system import System

QUESTION = {"collaborator_id": "s2", "question": "Is the hologram genuine?"}
PROMISE = {"promised_for": "2035-03-02T10:00:00+01:00"}


async def timeline(who: Any, case: Case) -> list[str]:
    """The types of what somebody sees of a complaint's history."""
    return [one["type"] for one in (await who.get(f"{case.path}/events", limit=200))["items"]]


async def test_who_is_asked_reads_the_complaint_until_they_have_answered() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        colleague = system.as_("specialist", "s2")
        before = await case.now()
        assert (await colleague.request("GET", case.path)).status_code == 404
        asked = await case.act(case.specialist, "collaborations", QUESTION)
        assert [(one["n"], one["question"]) for one in asked["helps"]] == [
            (1, "Is the hologram genuine?")
        ]
        assert (asked["version"], asked["status"], asked["turn"]) == (
            before["version"],
            before["status"],
            before["turn"],
        )
        seen = await colleague.get(case.path)
        assert (seen["helps"], seen["specialist_id"]) == (asked["helps"], "s1")
        assert "amends.complaint.help_asked.v1" in await timeline(colleague, case)
        note = await case.refused(colleague, "notes", {"text": "Mine now."})
        assert note == (403, "not_assigned")
        await case.act(colleague, "collaborations/1/answer", {"answer": "It is not."})
        assert (await colleague.request("GET", case.path)).status_code == 404
        assert (await case.now())["helps"] == []


async def test_help_is_for_staff_and_both_hear_of_it() -> None:
    async with System() as system:
        case = await in_progress(system)
        await hire(system, "s2")
        await case.act(case.specialist, "collaborations", QUESTION)
        await system.settle()
        assert await case.said("help_asked") == ["sent"]
        await case.act(case.supervisor, "collaborations/1/answer", {"answer": "It is not."})
        await system.settle()
        assert await case.said("help_given") == ["sent"]
        for party in (case.consumer, case.merchant):
            seen = await party.get(case.path)
            assert "helps" not in seen
            assert "steps" not in seen
            assert not [kind for kind in await timeline(party, case) if "help" in kind]


async def test_a_promised_call_is_seen_by_the_consumer_until_it_is_made() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.specialist, "callbacks", PROMISE)
        promised = [{"n": 1, "promised_for": "2035-03-02T09:00:00.000Z"}]
        for reader in (case.consumer, case.specialist):
            assert (await reader.get(case.path))["callbacks"] == promised
            assert "amends.complaint.callback_promised.v1" in await timeline(reader, case)
        assert "callbacks" not in await case.merchant.get(case.path)
        assert "amends.complaint.callback_promised.v1" not in await timeline(case.merchant, case)
        await case.act(case.specialist, "callbacks/1/made")
        assert (await case.consumer.get(case.path))["callbacks"] == []
        past = {"promised_for": "2020-01-01T00:00:00Z"}
        assert await case.refused(case.specialist, "callbacks", past) == (422, "promised_in_past")


async def test_a_step_is_seen_by_staff() -> None:
    async with System() as system:
        case = await in_progress(system)
        step = {"step": "verify_order", "playbook_version": "counterfeit@1"}
        answer = await case.act(case.specialist, "steps", step)
        assert [(one["step"], one["playbook_version"]) for one in answer["steps"]] == [
            ("verify_order", "counterfeit@1")
        ]
        oneself = {"collaborator_id": "s1", "question": "?"}
        said = await case.refused(case.specialist, "collaborations", oneself)
        assert said == (409, "has_it_already")
