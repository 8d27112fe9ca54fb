"""Playbooks over HTTP: filled from a case, edited by ops without losing a version, counted."""

from typing import Any

from amends.contract import EXAMPLES
from tests.crossings.cases import HOUR, Case, file, in_progress, survey_link
from tests.support.system import System

PATH = "/v1/playbooks/counterfeit"
BODY = EXAMPLES["PUT /v1/playbooks/{category}"]


def found(playbook: Any, part: str, name: str) -> Any:
    """A passage by its id."""
    return next(one for one in playbook[part] if one["id"] == name)


async def take(case: Case, step: str, **more: Any) -> Any:
    return await case.act(case.specialist, "steps", {"step": step, **more})


async def test_a_playbook_is_filled_from_the_case_in_its_language() -> None:
    async with System() as system:
        case = await in_progress(system)
        filled = await case.specialist.get(PATH, complaint_id=case.id)
        heard = found(filled, "steps", "hear_demand")["text"]
        assert heard == {
            "en": "Reach the consumer, hear what happened, and confirm the demand: "
            "a refund (129.00 CNY)."
        }
        chinese = await case.specialist.get(PATH, complaint_id=case.id, language="zh-CN")
        assert "退款（129.00 CNY）" in found(chinese, "steps", "hear_demand")["text"]["zh-CN"]
        assert found(chinese, "explanations", "rights")["sources"][0] == "消费者权益保护法 第55条"


async def test_without_a_case_the_blanks_stay_and_both_languages_are_there() -> None:
    async with System() as system:
        plain = await system.as_("ops", "o1").get(PATH)
        assert set(found(plain, "steps", "hear_demand")["text"]) == {"zh-CN", "en"}
        assert "{demand}" in found(plain, "steps", "hear_demand")["text"]["en"]
        assert (plain["name"], plain["version"], plain["complaint_id"]) == (
            "counterfeit@1",
            1,
            None,
        )
        english = await system.as_("specialist", "s1").get(PATH, language="en-GB")
        assert set(found(english, "steps", "hear_demand")["text"]) == {"en"}


async def test_who_may_not_see_the_complaint_gets_nothing_filled_from_it() -> None:
    async with System() as system:
        case = await in_progress(system)
        colleague = system.as_("specialist", "s2")
        asked = await colleague.request("GET", f"{PATH}?complaint_id={case.id}")
        assert asked.status_code == 404
        assert (await case.consumer.request("GET", PATH)).status_code == 403


async def test_ops_edit_and_every_version_stays_readable() -> None:
    async with System() as system:
        ops = system.as_("ops", "o1")
        before = await ops.get(PATH)
        edited = await ops.put(PATH, BODY)
        assert (edited["version"], edited["name"]) == (2, "counterfeit@2")
        assert [one["id"] for one in edited["steps"]] == ["hear_demand"]
        assert await ops.get(PATH) == edited
        assert await ops.get(PATH, version=1) == before
        assert (await ops.put(PATH, BODY))["version"] == 2
        assert (await ops.request("GET", f"{PATH}?version=3")).status_code == 404
        assert (await ops.get("/v1/playbooks/quality"))["version"] == 1


async def test_two_who_edit_at_once_do_not_overwrite_each_other() -> None:
    async with System() as system:
        ops = system.as_("ops", "o1")
        first = await ops.request("PUT", PATH, BODY, match=1)
        assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
        late = await ops.request("PUT", PATH, {**BODY, "questions": []}, match=1)
        assert (late.status_code, late.json()["code"]) == (412, "version_mismatch")
        again = await ops.request("PUT", PATH, {**BODY, "questions": []}, match=2)
        assert again.json()["version"] == 3


async def test_a_text_that_no_case_can_fill_is_refused_where_it_stands() -> None:
    async with System() as system:
        ops = system.as_("ops", "o1")
        wrong = {**BODY, "steps": [{"id": "x", "text": {"zh-CN": "好", "en": "Pay {sum}."}}]}
        answer = await ops.request("PUT", PATH, wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
        error, *_ = answer.json()["errors"]
        assert error["field"] == "body.steps.0.text.en"
        assert "{sum}" in error["message"]
        twice = {**BODY, "steps": BODY["steps"] * 2}
        assert "hear_demand" in (await ops.request("PUT", PATH, twice)).text
        assert (await ops.get(PATH))["version"] == 1
        specialist = await system.as_("specialist", "s1").request("PUT", PATH, BODY)
        assert specialist.status_code == 403


async def test_a_step_is_of_the_playbook_as_it_is_now_or_of_one_that_is_named() -> None:
    async with System() as system:
        case = await in_progress(system)
        await take(case, "verify_order")
        await case.ops.put(PATH, BODY)
        answer = await take(case, "verify_order", playbook_version="counterfeit@1")
        assert len(answer["steps"]) == 1
        answer = await take(case, "why_fake")
        assert [one["playbook_version"] for one in answer["steps"]] == [
            "counterfeit@1",
            "counterfeit@2",
        ]
        for body in (
            {"step": "verify_order"},
            {"step": "why_fake", "playbook_version": "counterfeit@9"},
            {"step": "why_fake", "playbook_version": "nonsense@1"},
        ):
            said = await case.refused(case.specialist, "steps", body)
            assert said == (422, "unknown_step")


async def test_it_is_counted_how_often_a_step_was_taken_and_settled_a_case() -> None:
    async with System() as system:
        case = await in_progress(system)
        await take(case, "rights")
        other = await file(system, order_ids=["o2"])
        await system.settle()
        await take(other, "rights")
        await case.resolve()
        await system.advance(2 * HOUR)
        read = case.ops.get
        assert found(await read(PATH), "explanations", "rights")["used_in"] == 2
        assert found(await read(PATH), "explanations", "rights")["settled"] == 0
        await system.http.post(survey_link(system), {"result": "satisfied"})
        await system.settle()
        assert await case.status() == "closed"
        assert found(await read(PATH), "explanations", "rights")["settled"] == 1
        await case.reopen()
        assert found(await read(PATH), "explanations", "rights")["settled"] == 0
        assert found(await read(PATH), "explanations", "cause")["used_in"] == 0


async def test_what_is_read_can_be_put_back_and_changes_nothing() -> None:
    async with System() as system:
        ops = system.as_("ops", "o1")
        read = await ops.get(PATH)
        kept: dict[str, tuple[str, ...]] = {
            "steps": ("id", "text"),
            "questions": ("id", "text"),
            "explanations": ("id", "text", "kind", "sources"),
        }
        body = {
            part: [{name: one[name] for name in names} for one in read[part]]
            for part, names in kept.items()
        }
        assert await ops.put(PATH, body) == read
