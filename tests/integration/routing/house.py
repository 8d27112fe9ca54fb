"""A small complaint house on the platform: how these tests file, staff and look."""

from typing import Any

from tests.support.system import Client, System

FILING = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "The bag is a fake.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "zh-CN",
}
SPECIALIST = {
    "id": "s1",
    "name": "Li",
    "skills": {"counterfeit": 7},
    "tier": 2,
    "languages": ["zh-CN"],
    "capacity": 20,
}


def ops(system: System) -> Client:
    """The operator."""
    return system.as_("ops", "o")


async def specialist(system: System, **changes: Any) -> Client:
    """Register a specialist, come online, and act as them."""
    body = {**SPECIALIST, **changes}
    await ops(system).post("/v1/specialists", body)
    client = system.as_("specialist", body["id"], team_id=body.get("team_id"))
    await client.put(f"/v1/specialists/{body['id']}/presence", {"online": True})
    await system.settle()
    return client


async def presence(system: System, specialist_id: str, *, online: bool) -> None:
    """Come online or go offline."""
    client = system.as_("specialist", specialist_id)
    await client.put(f"/v1/specialists/{specialist_id}/presence", {"online": online})
    await system.settle()


async def filed(system: System, **changes: Any) -> str:
    """File a complaint and let everything settle."""
    answer = await system.as_("specialist", "caller").post("/v1/complaints", {**FILING, **changes})
    await system.settle()
    return str(answer["id"])


async def assignment(system: System, complaint_id: str) -> Any:
    """What staff see of an assignment."""
    return await ops(system).get(f"/v1/assignments/{complaint_id}")


async def holder(system: System, complaint_id: str) -> str | None:
    """Who has it, by routing's own account."""
    found: str | None = (await assignment(system, complaint_id))["specialist_id"]
    return found


async def complaint(system: System, complaint_id: str) -> Any:
    """What ops see of a complaint."""
    return await ops(system).get(f"/v1/complaints/{complaint_id}")


async def withdraw(system: System, complaint_id: str, consumer_id: str = "u1") -> None:
    """The consumer takes it back."""
    version = (await complaint(system, complaint_id))["version"]
    await system.as_("consumer", consumer_id).post(
        f"/v1/complaints/{complaint_id}/withdrawal", {"reason": "settled"}, match=version
    )
    await system.settle()


async def resolve(system: System, complaint_id: str, specialist_id: str = "s1") -> None:
    """From first contact to resolution, with an apology that nobody has to pay."""
    client = system.as_("specialist", specialist_id)
    url = f"/v1/complaints/{complaint_id}"
    await client.post(f"{url}/contacts", {"channel": "call", "two_way": True})
    await client.post(
        f"{url}/solutions", {"remedy": "apology", "payer": "nobody", "reasons": "fair"}
    )
    version = (await complaint(system, complaint_id))["version"]
    await system.as_("consumer", "u1").post(f"{url}/solutions/1/acceptance", match=version)
    await system.settle()


async def object_to(system: System, complaint_id: str) -> None:
    """The consumer is not content after all."""
    version = (await complaint(system, complaint_id))["version"]
    await system.as_("consumer", "u1").post(
        f"/v1/complaints/{complaint_id}/reopening",
        {"reason": "objection", "text": "still fake"},
        match=version,
    )
    await system.settle()
