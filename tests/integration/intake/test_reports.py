"""A filing that holds a complaint and a report goes on two tracks: neither ends the other."""

from typing import Any

from shared.events.casework import ComplaintLinked
from shared.events.violations import ViolationRecorded
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import FILING, Case, file, hire, in_progress, introduce_merchant
from tests.support.system import System

REPORT = {
    "kind": "off_platform_steering",
    "text": "The shop wants me to pay to 13800138000 outside.",
}
FORM = {"channel": "form", "report": REPORT}


async def split(system: System, **changes: Any) -> Case:
    """A consumer fills in a form that holds both."""
    await introduce_merchant(system)
    await hire(system)
    body = {**FILING, **FORM, **changes}
    found = await system.as_("consumer", "u1").post("/v1/complaints", body)
    case = Case(system, found["id"])
    await system.settle()
    return case


async def track(case: Case) -> str:
    """The path of the violation that was split off."""
    [link] = (await case.now())["links"]
    assert link["relation"] == "track"
    return f"/v1/violations/{link['other_id']}"


async def test_both_tracks_are_recorded_at_once_and_know_each_other() -> None:
    async with System() as system:
        case = await split(system)
        assert (await case.story())[:4] == [
            "ComplaintFiled",
            "ComplaintAccepted",
            "ViolationRecorded",
            "ComplaintLinked",
        ]
        [recorded] = await case.told(ViolationRecorded)
        [linked] = await case.told(ComplaintLinked)
        assert linked.other_id == recorded.violation_id
        records = [r for r in await system.records("intake") if r.key == case.id][:4]
        assert len({record.recorded_at for record in records}) == 1
        assert {(r.actor.role, r.actor.id) for r in records} == {("consumer", "u1")}
        found = await case.supervisor.get(await track(case))
        assert (found["found_by"], found["recorded_by"], found["severity"]) == ("u1", "u1", 2)
        assert (found["evidence_ids"], found["complaint_id"]) == ([], case.id)
        await nothing_in_limbo(system)


async def test_the_merchant_reads_what_it_is_about_without_numbers_of_others() -> None:
    async with System() as system:
        case = await split(system)
        found = await case.merchant.get(await track(case))
        assert "13****00" in found["summary"]
        assert found["found_by"] is None
        assert await case.said("violation_recorded") == ["sent"]
        [mail] = [m for m in system.mails if m.recipient == "m1@example.com"]
        assert "13800138000" not in mail.text


async def test_the_consumer_sees_the_bare_fact_that_there_is_a_second_track() -> None:
    async with System() as system:
        case = await split(system)
        shown = await case.consumer.get(case.path)
        assert [link["relation"] for link in shown["links"]] == ["track"]
        refused = await case.consumer.request("GET", await track(case))
        assert refused.status_code == 403


async def test_the_end_of_the_complaint_is_not_that_of_the_violation() -> None:
    async with System() as system:
        case = await split(system)
        await case.withdraw()
        await system.settle()
        path = await track(case)
        await case.merchant.post(f"{path}/appeal", {"text": "We did not."})
        decision = {"outcome": "confirmed", "reasons": "The chat shows it."}
        found = await case.supervisor.post(f"{path}/decision", decision, match=2)
        assert (found["state"], await case.status()) == ("confirmed", "withdrawn")
        await system.settle()
        assert await case.said("report_decided") == ["sent"]
        await nothing_in_limbo(system)


async def test_a_rejected_complaint_leaves_the_violation_as_it_is() -> None:
    async with System() as system:
        case = await split(system, category="safety")
        rejection = {"decision": "reject", "reason_code": "already_settled"}
        await case.act(case.supervisor, "reviews", rejection)
        await system.settle()
        assert await case.status() == "rejected"
        assert (await case.supervisor.get(await track(case)))["state"] == "recorded"
        await nothing_in_limbo(system)


async def test_the_end_of_the_violation_is_not_that_of_the_complaint() -> None:
    async with System() as system:
        case = await split(system)
        await case.contact()
        withdrawn = {"outcome": "withdrawn", "reasons": "It was the courier."}
        await case.supervisor.post(f"{await track(case)}/decision", withdrawn, match=1)
        await system.settle()
        assert await case.status() == "in_progress"
        await case.resolve()
        await nothing_in_limbo(system)


async def test_whoever_took_the_call_does_not_decide_what_was_reported() -> None:
    async with System() as system:
        await hire(system)
        supervisor = system.as_("supervisor", "v1")
        filed = await supervisor.post("/v1/complaints", {**FILING, "report": REPORT})
        case = Case(system, filed["id"])
        decision = {"outcome": "withdrawn", "reasons": "No."}
        refusal = await supervisor.refused(f"{await track(case)}/decision", decision, match=1)
        assert refusal == (409, "four_eyes")


async def test_channels_are_as_they_are_and_a_repeated_filing_reports_once() -> None:
    async with System() as system:
        await hire(system)
        consumer = system.as_("consumer", "u1")
        hotline = {**FILING, "report": REPORT}
        assert await consumer.refused("/v1/complaints", hotline) == (403, "forbidden")
        assert await system.records("intake") == []
        form = {**FILING, **FORM}
        first, second = [await consumer.post("/v1/complaints", form, key="k1") for _ in range(2)]
        assert first == second
        assert len((await system.as_("ops", "o").get("/v1/violations"))["items"]) == 1
        unknown = {**form, "report": {**REPORT, "kind": "rudeness"}}
        assert await consumer.refused("/v1/complaints", unknown) == (422, "validation_failed")


async def test_without_a_report_there_is_one_track() -> None:
    async with System() as system:
        case = await in_progress(system)
        assert (await case.now())["links"] == []
        assert (await file(system)).id != case.id
        assert await case.told(ViolationRecorded) == []
