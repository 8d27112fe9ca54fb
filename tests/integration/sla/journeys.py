"""A complaint brought, through the whole platform, to where its clocks become interesting."""

from datetime import timedelta
from typing import Any

from tests.support.system import Client, System

_FILING = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "The bag is a fake.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "en",
    "contact": {"email": "u1@example.com"},
}
_SPECIALIST = {
    "id": "s1",
    "name": "Li",
    "skills": {"counterfeit": 7},
    "tier": 4,
    "languages": ["en"],
    "capacity": 20,
}
_SOLUTION = {
    "remedy": "refund",
    "payer": "merchant",
    "reasons": "It is a fake.",
    "amount_minor": 12900,
    "currency": "CNY",
}


class Journey:
    """One complaint and the people who act on it."""

    def __init__(self, system: System, complaint_id: str) -> None:
        self.system = system
        self.path = f"/v1/complaints/{complaint_id}"
        self.complaint_id = complaint_id
        self.specialist: Client = system.as_("specialist", "s1")
        self.consumer: Client = system.as_("consumer", "u1")
        self.merchant: Client = system.as_("merchant", "m1", merchant_id="m1")
        self.ops: Client = system.as_("ops", "o")

    async def act(self, who: Client, what: str, body: Any = None) -> Any:
        """Somebody acts on the complaint as it is now, and everything settles."""
        answer = await who.post(f"{self.path}/{what}", body, match=await self.version())
        await self.system.settle()
        return answer

    async def version(self) -> int:
        """The version to act on."""
        return int((await self.complaint())["version"])

    async def complaint(self) -> Any:
        """The complaint as ops see it."""
        return await self.ops.get(self.path)

    async def clocks(self) -> dict[str, str]:
        """The state of the latest clock of each kind."""
        listed = await self.ops.get("/v1/clocks", complaint_id=self.complaint_id, limit=200)
        return {clock["kind"]: clock["state"] for clock in listed["items"]}

    async def breaches(self) -> list[str]:
        """The kinds of the breaches that stand, by time."""
        listed = await self.ops.get("/v1/breaches", complaint_id=self.complaint_id)
        return [breach["kind"] for breach in listed["items"]]

    async def solved(self) -> int:
        """A solution is proposed and accepted; its number."""
        await self.act(self.specialist, "solutions", _SOLUTION)
        n = int((await self.complaint())["solutions"][-1]["n"])
        await self.act(self.consumer, f"solutions/{n}/acceptance", {})
        return n

    async def pay(self, n: int, *, minutes_ago: int = 0) -> None:
        """The specialist records that the merchant paid."""
        when = self.system.time.now() - timedelta(minutes=minutes_ago)
        body = {"n": n, "reference": "r1", "occurred_at": when.isoformat()}
        await self.act(self.specialist, "remedies", body)


async def in_work(system: System, *, contacted: bool = True) -> Journey:
    """A complaint with a specialist (who has reached the consumer)."""
    await system.as_("ops", "o").post("/v1/specialists", _SPECIALIST)
    await system.as_("specialist", "s1").put("/v1/specialists/s1/presence", {"online": True})
    filed = await system.as_("specialist", "s1").post("/v1/complaints", _FILING, key="filing")
    await system.settle()
    journey = Journey(system, filed["id"])
    if contacted:
        await journey.act(journey.specialist, "contacts", {"channel": "call", "two_way": True})
    return journey
