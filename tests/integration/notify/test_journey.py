"""Through the whole platform: what people hear of one complaint, from filing to survey."""

from datetime import timedelta
from typing import Any

from shared.events.registry import COMPLAINTS
from tests.support.system import Client, System

FILING: dict[str, Any] = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "The shoes are fake.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "en",
    "contact": "u1@example.com",
}


async def staffed(system: System) -> Client:
    """A platform with one specialist and one merchant who can be mailed; the specialist."""
    ops = system.as_("ops", "o1")
    await ops.post(
        "/v1/specialists",
        {
            "id": "s1",
            "name": "Wang",
            "email": "s1@example.com",
            "skills": {"counterfeit": 7},
            "tier": 4,
            "languages": ["en", "zh-CN"],
            "capacity": 20,
        },
    )
    await ops.put("/v1/merchants/m1", {"class": "standard", "contact": {"email": "m1@example.com"}})
    specialist = system.as_("specialist", "s1")
    await specialist.put("/v1/specialists/s1/presence", {"online": True})
    await system.settle()
    return specialist


def received(system: System, recipient: str) -> list[str]:
    """Subjects of the mails to a recipient, oldest first."""
    return [str(m.message["Subject"]) for m in system.mails if m.recipient == recipient]


async def types(system: System, complaint_id: str) -> list[str]:
    """Names of the events of a complaint, in order."""
    return [type(event).__name__ for event in await system.events(COMPLAINTS, complaint_id)]


async def filed(system: System) -> str:
    """A complaint that was filed, and everything that follows at once."""
    answer = await system.as_("specialist", "s1").post("/v1/complaints", FILING)
    await system.settle()
    return str(answer["id"])


async def resolve(system: System, specialist: Client, complaint_id: str) -> None:
    """The specialist calls the consumer and resolves the complaint."""
    path = f"/v1/complaints/{complaint_id}"
    await specialist.post(f"{path}/contacts", {"channel": "call", "two_way": True})
    version = (await specialist.get(path))["version"]
    await specialist.post(f"{path}/resolution", {"outcome": "explained"}, match=version)
    await system.settle()


async def test_filing_acceptance_and_assignment_are_told_and_the_receipt_is_echoed() -> None:
    async with System() as system:
        await staffed(system)
        complaint_id = await filed(system)
        assert sorted(received(system, "u1@example.com")) == [
            f"A specialist is handling your complaint {complaint_id}",
            f"We have received your complaint {complaint_id}",
            f"Your complaint {complaint_id} has been accepted",
        ]
        assert received(system, "s1@example.com") == [
            f"Complaint {complaint_id} is assigned to you"
        ]
        assert "ComplaintAcknowledged" in await types(system, complaint_id)


async def test_a_merchant_is_asked_with_the_deadline_that_sla_computed() -> None:
    async with System() as system:
        specialist = await staffed(system)
        complaint_id = await filed(system)
        path = f"/v1/complaints/{complaint_id}"
        await specialist.post(f"{path}/contacts", {"channel": "call", "two_way": True})
        await specialist.post(f"{path}/merchant-requests", {"questions": "Is it genuine?"})
        await system.settle()
        [subject] = received(system, "m1@example.com")
        due = (await specialist.get("/v1/clocks", complaint_id=complaint_id))["items"]
        [due_at] = [clock["due_at"] for clock in due if clock["kind"] == "merchant_response"]
        assert due_at == "2026-03-04T09:00:00.000Z"
        assert "2026-03-04 17:00 (Asia/Shanghai)" in subject


async def test_a_satisfied_answer_closes_the_complaint() -> None:
    async with System() as system:
        specialist = await staffed(system)
        complaint_id = await filed(system)
        await resolve(system, specialist, complaint_id)
        await system.advance(timedelta(hours=1))
        assert "ComplaintFollowUpSent" in await types(system, complaint_id)
        await system.http.post(survey_path(system), {"result": "satisfied", "speed": 5})
        await system.settle()
        complaint = await specialist.get(f"/v1/complaints/{complaint_id}")
        assert complaint["status"] == "closed"
        assert f"Complaint {complaint_id} is closed" in received(system, "u1@example.com")


async def test_an_objection_reopens_the_complaint() -> None:
    async with System() as system:
        specialist = await staffed(system)
        complaint_id = await filed(system)
        await resolve(system, specialist, complaint_id)
        await system.advance(timedelta(hours=1))
        answer = {"result": "objection", "text": "still no money"}
        await system.http.post(survey_path(system), answer)
        await system.settle()
        assert (await specialist.get(f"/v1/complaints/{complaint_id}"))["cycle"] == 2


async def test_silence_is_reminded_once_and_then_closes_the_complaint() -> None:
    async with System() as system:
        specialist = await staffed(system)
        complaint_id = await filed(system)
        await resolve(system, specialist, complaint_id)
        await system.advance(timedelta(days=8))
        [reminder] = [s for s in received(system, "u1@example.com") if "reminder" in s]
        assert complaint_id in reminder
        complaint = await specialist.get(f"/v1/complaints/{complaint_id}")
        assert complaint["status"] == "closed"


def survey_path(system: System) -> str:
    """The path of the survey link in the latest mail that has one."""
    links = [
        word
        for mail in system.mails
        for word in mail.text.split()
        if word.startswith("http://test/v1/surveys/")
    ]
    return links[-1].removeprefix("http://test")
