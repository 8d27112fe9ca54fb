"""One recorded scenario, embedded and distributed: the same views, clocks and decisions."""

from datetime import timedelta
from typing import Any

from tests.crossings.cases import ANSWER, CALL, DAY, FILING, HOUR, MINUTE, REFUND
from tests.support.distributed import DistributedSystem
from tests.support.system import Client, System

SPECIALISTS: list[dict[str, Any]] = [
    {"id": "s1", "skills": {"counterfeit": 7, "quality": 3}, "tier": 4, "languages": ["en"]},
    {"id": "s2", "skills": {"quality": 8}, "tier": 3, "languages": ["en", "zh-CN"]},
    {"id": "s3", "skills": {"counterfeit": 5}, "tier": 2, "languages": ["zh-CN"]},
]
IDS_AND_PLACES = {"positions", "decision_id", "id", "follow_up_id", "next", "failed_at"}
"""What may differ: ids, and how far each partition had been read."""


async def play(system: System) -> dict[str, Any]:
    """The scenario; what everybody sees in the end."""
    ops = system.as_("ops", "o1")
    for body in SPECIALISTS:
        await ops.post("/v1/specialists", {**body, "name": body["id"], "capacity": 20})
        presence = {"online": body["id"] != "s3"}
        await ops.put(f"/v1/specialists/{body['id']}/presence", presence)
        await system.settle()
    await ops.put(
        "/v1/merchants/m1", {"class": "gold", "region": "CN", "contact": {"email": "m1@x.cn"}}
    )
    await system.settle()
    settled, lapsing, foreign = [await _file(system, **changes) for changes in FILINGS]
    await _to_a_reopening(system, settled)
    await _to_a_lapse(system, lapsing)
    await ops.put("/v1/specialists/s3/presence", {"online": True})
    await system.settle()
    await system.as_("consumer", "u3").post(
        f"{foreign}/withdrawal", match=await _version(ops, foreign)
    )
    await system.advance(timedelta(days=9))
    return await _seen(ops, [settled, lapsing, foreign])


FILINGS: list[dict[str, Any]] = [
    {},
    {"category": "quality", "consumer_id": "u2", "channel": "app"},
    {"language": "zh-CN", "consumer_id": "u3", "order_ids": ["o7", "o8"]},
]


async def _file(system: System, **changes: Any) -> str:
    consumer = changes.get("consumer_id", "u1")
    by_phone = changes.get("channel", "hotline") == "hotline"
    caller = system.as_("specialist", "s9") if by_phone else system.as_("consumer", consumer)
    filed = await caller.post("/v1/complaints", {**FILING, **changes}, key=f"filing-{consumer}")
    await system.settle()
    await system.advance(7 * MINUTE)
    return f"/v1/complaints/{filed['id']}"


async def _version(ops: Client, path: str) -> int:
    return int((await ops.get(path))["version"])


async def _to_a_reopening(system: System, path: str) -> None:
    """Heard, asked, answered, proposed, accepted, paid, resolved, objected to."""
    ops = system.as_("ops", "o1")
    who = system.as_("specialist", (await ops.get(path))["specialist_id"])
    consumer = system.as_("consumer", "u1")
    steps: list[tuple[Client, str, Any]] = [
        (who, "contacts", CALL),
        (who, "merchant-requests", {"questions": "Is it real?"}),
        (system.as_("merchant", "m1"), "merchant-responses", ANSWER),
        (who, "solutions", REFUND),
        (consumer, "solutions/2/acceptance", {}),
        (who, "remedies", {"n": 2, "reference": "r1"}),
        (who, "resolution", {"outcome": "explained"}),
        (consumer, "reopening", {"reason": "objection", "text": "still fake"}),
    ]
    for person, act, body in steps:
        await person.post(f"{path}/{act}", body, match=await _version(ops, path))
        await system.settle()
        await system.advance(3 * HOUR)


async def _to_a_lapse(system: System, path: str) -> None:
    """The merchant never answers; the first contact is late and entered as it was."""
    ops = system.as_("ops", "o1")
    await system.advance(DAY)
    who = system.as_("specialist", (await ops.get(path))["specialist_id"])
    await who.post(f"{path}/contacts", CALL)
    await who.post(f"{path}/merchant-requests", {"questions": "Where is it?"})
    await system.settle()
    await system.advance(3 * DAY)


async def _seen(ops: Client, paths: list[str]) -> dict[str, Any]:
    complaints = {}
    for path in paths:
        number = path.rpartition("/")[2]
        clocks = (await ops.get("/v1/clocks", complaint_id=number, limit=100))["items"]
        told = (await ops.get("/v1/notifications", complaint_id=number, limit=200))["items"]
        complaints[number] = {
            "view": await ops.get(path),
            "history": (await ops.get(f"{path}/events", limit=200))["items"],
            "clocks": sorted(clocks, key=lambda c: (c["cycle"], c["kind"], c["n"])),
            "breaches": (await ops.get("/v1/breaches", complaint_id=number, withdrawn="include"))[
                "items"
            ],
            "decisions": await ops.get(f"/v1/assignments/{number}"),
            "told": sorted(
                told, key=lambda t: (t["queued_at"], t["template"], t["recipient_role"])
            ),
        }
    summary = await ops.get("/v1/metrics/summary")
    cooperation = await ops.get("/v1/merchants/m1/cooperation")
    return {
        "complaints": [
            _plain(entry, {n: f"complaint {i}" for i, n in enumerate(complaints)})
            for entry in complaints.values()
        ],
        "open": summary["open"],
        "cooperation": _plain(cooperation, {}),
    }


def _plain(value: Any, names: dict[str, str]) -> Any:
    """Without ids and places; complaints are called by their number."""
    if isinstance(value, dict):
        return {k: _plain(v, names) for k, v in value.items() if not _is_id(k)}
    if isinstance(value, list):
        return [_plain(entry, names) for entry in value]
    if isinstance(value, str):
        for number, name in names.items():
            value = value.replace(number, name)
    return value


def _is_id(key: str) -> bool:
    return key in IDS_AND_PLACES or key.endswith(
        ("cause_id", "causation_id", "correlation_id", "clock_id")
    )


async def test_the_same_scenario_ends_alike_embedded_and_distributed(kafka: str) -> None:
    async with System() as embedded:
        expected = await play(embedded)
    async with DistributedSystem(kafka) as distributed:
        found = await play(distributed)
    assert len(expected["complaints"]) == 3
    assert found == expected
    kinds = {clock["state"] for entry in expected["complaints"] for clock in entry["clocks"]}
    assert {"met", "breached", "cancelled"} <= kinds
