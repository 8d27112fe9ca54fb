"""Filing over HTTP: the contract's minimal body, idempotency, bad input."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shared.events.complaints import ComplaintAccepted
from shared.events.profiles import MerchantChanged
from shared.events.vocabulary import Role
from tests.integration.intake.alone import FILING, IntakeAlone


@pytest_asyncio.fixture
async def intake() -> AsyncIterator[IntakeAlone]:
    async with IntakeAlone() as alone:
        yield alone


async def test_the_minimal_filing_is_accepted_at_once(intake: IntakeAlone) -> None:
    response = await intake.specialist.send("POST", "", FILING)
    assert response.status_code == 201
    body = response.json()
    assert (body["status"], body["turn"], body["version"]) == ("accepted", "platform", 2)
    assert response.headers["ETag"] == '"2"'
    assert response.headers["Location"] == f"/v1/complaints/{body['id']}"
    assert body["filed_at"] == body["accepted_at"] == "2026-03-02T09:00:00.000Z"


async def test_a_filing_is_read_back_and_listed_at_once(intake: IntakeAlone) -> None:
    complaint_id = await intake.filed()
    read = await intake.ops.send("GET", f"/{complaint_id}")
    listed = (await intake.ops.get())["items"]
    assert read.headers["ETag"] == '"2"'
    assert read.json()["description"] == FILING["description"]
    assert [(item["id"], item["status"], item["version"]) for item in listed] == [
        (complaint_id, "accepted", 2)
    ]


async def test_a_repeated_filing_counts_once_and_is_answered_alike(intake: IntakeAlone) -> None:
    first = await intake.specialist.send("POST", "", FILING, key="k1")
    await intake.assign(first.json()["id"])
    again = await intake.specialist.send("POST", "", FILING, key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len((await intake.ops.get())["items"]) == 1


async def test_a_key_cannot_be_used_for_another_body(intake: IntakeAlone) -> None:
    await intake.specialist.post("", FILING, key="k1")
    other = {**FILING, "language": "en"}
    assert await intake.specialist.refused("", other, key="k1") == (422, "idempotency_key_reused")


async def test_class_and_region_of_a_known_merchant_are_recorded(intake: IntakeAlone) -> None:
    profile = MerchantChanged(
        occurred_at=intake.time.now(),
        merchant_id="m1",
        merchant_class="premium",
        region="CN-ZJ",
        contact=None,
    )
    await intake.learn(profile, "m1")
    accepted = (await intake.recorded(await intake.filed()))[1]
    assert isinstance(accepted, ComplaintAccepted)
    assert (accepted.merchant_class, accepted.region) == ("premium", "CN-ZJ")


async def test_an_address_is_kept_as_the_contact(intake: IntakeAlone) -> None:
    filing = {**FILING, "contact": {"email": "li@example.com"}}
    complaint_id = (await intake.specialist.post("", filing))["id"]
    assert (await intake.ops.get(f"/{complaint_id}"))["contact"] == "li@example.com"


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"channel": "pigeon"},
        {"order_ids": []},
        {"demand": {"kind": "refund", "amount_minor": 1}},
        {"demand": {"kind": "refund", "amount_minor": -1, "currency": "CNY"}},
        {"demand": {"kind": "refund", "amount_minor": 1.5, "currency": "CNY"}},
        {"happened_at": "2026-03-01T00:00:00"},
        {"reply_due_at": "2026-03-09T00:00:00Z"},
        {"language": "普通话"},
        {"consumer_id": ""},
        {"contact": {"email": "nobody"}},
    ],
)
async def test_what_does_not_fit_the_contract_is_refused(
    intake: IntakeAlone, change: dict[str, Any]
) -> None:
    answer = await intake.specialist.refused("", {**FILING, **change})
    assert answer == (422, "validation_failed")


async def test_an_id_that_names_a_person_is_refused(intake: IntakeAlone) -> None:
    filing = {**FILING, "consumer_id": "li@example.com"}
    assert await intake.specialist.refused("", filing) == (422, "consumer_id_is_personal")


async def test_a_consumer_files_for_themselves_alone(intake: IntakeAlone) -> None:
    stranger = intake.as_(Role.CONSUMER, "u2")
    assert await stranger.refused("", {**FILING, "channel": "app"}) == (403, "forbidden")
    assert await stranger.refused("", FILING) == (403, "forbidden")


async def test_a_program_files_through_the_channels_of_its_scopes(intake: IntakeAlone) -> None:
    program = intake.as_(Role.SERVICE, "12315", scopes=frozenset({"regulator"}))
    filed = await program.post("", {**FILING, "channel": "regulator"})
    assert (filed["priority"], filed["status"]) == ("high", "accepted")
    assert await program.refused("", {**FILING, "channel": "media"}) == (403, "forbidden")


async def test_a_sensitive_form_waits_for_a_review(intake: IntakeAlone) -> None:
    filed = await intake.consumer.post("", {**FILING, "channel": "form", "category": "safety"})
    assert filed["status"] == "submitted"
    assert await intake.consumer.refused(f"/{filed['id']}/reviews") == (403, "forbidden")
    reviewed = await intake.supervisor.post(f"/{filed['id']}/reviews", {"decision": "accept"})
    assert (reviewed["status"], reviewed["version"]) == ("accepted", 2)
