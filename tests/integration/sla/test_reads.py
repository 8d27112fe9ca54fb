"""What sla answers over HTTP, and to whom."""

from typing import Any

import pytest

from services.sla.domain.clock import clock_id
from shared.events.complaints import ComplaintAssigned, MerchantAnswered, MerchantAsked
from shared.events.vocabulary import ClockKind
from tests.integration.sla.alone import Sla
from tests.unit.sla.story import at, fact

RESOLUTION = clock_id("c1", 1, ClockKind.RESOLUTION, 1)


async def paused_once(sla: Sla) -> None:
    """The merchant was asked after a day and answered half a day later."""
    await sla.files()
    await sla.record(fact(ComplaintAssigned, at(), team_id="t1"))
    await sla.at(at(days=1))
    await sla.happens(MerchantAsked)
    await sla.at(at(days=1, hours=12))
    await sla.happens(MerchantAnswered)


async def test_a_clock_has_the_promised_shape() -> None:
    async with Sla() as sla:
        await sla.files()
        await sla.settle()
        [clock] = (await sla.get("/v1/clocks", kind="resolution"))["items"]
        assert clock == {
            "id": RESOLUTION,
            "complaint_id": "c1",
            "cycle": 1,
            "kind": "resolution",
            "n": 1,
            "party": "specialist",
            "state": "running",
            "responsible_id": None,
            "policy_version": "marketplace@1",
            "target": "7cd",
            "started_at": "2026-03-02T09:00:00.000Z",
            "due_at": "2026-03-09T09:00:00.000Z",
            "warned_percent": None,
            "breached_at": None,
            "stopped_at": None,
            "in_time": None,
            "counted_seconds": None,
            "cancelled_at": None,
            "cancel_reason": None,
        }


async def test_a_pause_shows_and_ends() -> None:
    async with Sla() as sla:
        await sla.files()
        await sla.record(fact(ComplaintAssigned, at()))
        await sla.happens(MerchantAsked)
        [clock] = (await sla.get("/v1/clocks", state="paused"))["items"]
        assert (clock["kind"], clock["due_at"]) == ("resolution", None)
        await sla.at(at(days=1))
        await sla.happens(MerchantAnswered)
        [clock] = (await sla.get("/v1/clocks", kind="resolution"))["items"]
        assert (clock["state"], clock["due_at"]) == ("running", "2026-03-10T09:00:00.000Z")


async def test_clocks_due_soon_come_earliest_first() -> None:
    async with Sla() as sla:
        await sla.files()
        await sla.settle()
        soon = await sla.get("/v1/clocks", due_before="2026-03-03T09:00:00.001Z")
        assert [item["kind"] for item in soon["items"]] == [
            "acknowledgement",
            "assignment",
            "first_contact",
        ]
        assert soon["next"] is None


@pytest.mark.parametrize("path", ["/v1/clocks", "/v1/breaches"])
async def test_lists_come_in_pages_without_loss_or_double(path: str) -> None:
    async with Sla() as sla:
        for number in range(3):
            await sla.files(f"c{number}")
        await sla.at(at(days=30))
        whole = (await sla.get(path, limit=200))["items"]
        seen: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            part = await sla.get(path, limit=5, **cursor)
            seen += part["items"]
            if part["next"] is None:
                break
            cursor = {"cursor": part["next"]}
        assert seen == whole
        assert len(whole) == 12


async def test_the_ledger_shows_the_arithmetic() -> None:
    async with Sla() as sla:
        await paused_once(sla)
        await sla.at(at(days=2))
        shown = await sla.get(f"/v1/clocks/{RESOLUTION}/ledger")
        sums = shown["arithmetic"]
        assert sums["counted_seconds"] == 1.5 * 86_400
        assert sums["paused_seconds"] == 0.5 * 86_400
        assert sums["remaining_seconds"] == 5.5 * 86_400
        assert sums["due_at"] == "2026-03-09T21:00:00.000Z"
        assert [(s["turn"], s["counts"]) for s in sums["stretches"]] == [
            ("specialist", True),
            ("merchant", False),
            ("specialist", True),
        ]
        assert [e["type"].split(".")[2] for e in shown["events"]] == [
            "started",
            "paused",
            "resumed",
        ]
        assert shown["rule"]["source"]["en"].startswith("Marketplace service promise")
        assert shown["targets"] == [
            {"from": "2026-03-02T09:00:00.000Z", "target": "7cd", "seconds": 604_800}
        ]
        assert shown["clock"]["id"] == RESOLUTION


async def test_an_unknown_clock_is_not_found() -> None:
    async with Sla() as sla:
        assert await sla.refused("/v1/clocks/none/ledger") == (404, "not_found")


@pytest.mark.parametrize(
    ("role", "subject", "sees"),
    [
        ("consumer", "u1", True),
        ("consumer", "u2", False),
        ("merchant", "m1", True),
        ("merchant", "m2", False),
        ("specialist", "s1", True),
        ("specialist", "s2", False),
        ("supervisor", "v", False),
        ("ops", "o", True),
        ("service", "x", False),
    ],
)
async def test_everybody_sees_only_their_own(role: str, subject: str, sees: bool) -> None:
    async with Sla() as sla:
        await paused_once(sla)
        clocks = await sla.get("/v1/clocks", role, subject, complaint_id="c1")
        assert bool(clocks["items"]) is sees
        breaches = await sla.get("/v1/breaches", role, subject)
        assert bool(breaches["items"]) is sees
        ledger = await sla.call(f"/v1/clocks/{RESOLUTION}/ledger", role, subject)
        assert ledger.status_code == (200 if sees else 404)


async def test_the_policies_in_force_are_open_with_their_sources() -> None:
    async with Sla() as sla:
        [pack] = (await sla.get("/v1/sla/policies", "consumer", "u1"))["items"]
        assert (pack["name"], pack["in_force"]) == ("marketplace@1", True)
        assert all(rule["source"]["zh-CN"] for rule in pack["rules"])
        by_id = {rule["id"]: rule for rule in pack["rules"]}
        assert by_id["resolution.critical"]["conditions"]["bands"] == ["critical"]
        assert by_id["resolution.critical"]["counted_turns"] == [
            "platform",
            "specialist",
            "supervisor",
        ]
        assert by_id["remedy"]["party"] == "payer"


@pytest.mark.parametrize(
    "params",
    [
        {"state": "sleeping"},
        {"kind": "egg"},
        {"due_before": "tomorrow"},
        {"due_before": "2026-03-03T09:00:00"},
        {"limit": "0"},
        {"cursor": "§"},
        {"cursor": "e30"},
    ],
)
async def test_questions_that_make_no_sense_are_refused(params: dict[str, str]) -> None:
    async with Sla() as sla:
        assert await sla.refused("/v1/clocks", **params) == (422, "validation_failed")


async def test_breaches_leave_windows_out_and_can_be_asked_for_one_complaint() -> None:
    async with Sla() as sla:
        await sla.files("c1")
        await sla.files("c2")
        await sla.at(at(days=30))
        items = (await sla.get("/v1/breaches", complaint_id="c2"))["items"]
        assert {item["complaint_id"] for item in items} == {"c2"}
        assert [item["kind"] for item in items] == [
            "acknowledgement",
            "assignment",
            "first_contact",
            "resolution",
        ]
        assert all(item["state"] == "breached" for item in items)
        assert (await sla.get("/v1/breaches", withdrawn="include"))["items"]
