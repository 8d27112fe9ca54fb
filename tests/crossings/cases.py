"""Small verbs for crossings: people act on one complaint while some service is held back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import httpx

from amends.bus import OWNERS
from shared.clock import rfc3339
from shared.events.envelope import Event
from shared.events.registry import COMPLAINTS
from shared.events.vocabulary import ClockKind
from tests.support.system import Client, System

E = TypeVar("E", bound=Event)

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
SETTLED: Final = timedelta(seconds=2)
"""A little longer than sla waits for facts that are still on their way."""

FILING: Final[dict[str, Any]] = {
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
SPECIALIST: Final = {
    "name": "Li",
    "skills": {"counterfeit": 7},
    "tier": 4,
    "languages": ["en"],
    "capacity": 20,
}
REFUND: Final = {
    "remedy": "refund",
    "payer": "merchant",
    "reasons": "It is a fake.",
    "amount_minor": 12900,
    "currency": "CNY",
}
CALL: Final = {"channel": "call", "two_way": True}
ANSWER: Final = {"stance": "informs", "text": "We bought it from the brand."}


class Case:
    """One complaint and the people around it. Nothing settles but where a test says so."""

    def __init__(self, system: System, complaint_id: str) -> None:
        self.system = system
        self.id = complaint_id
        self.path = f"/v1/complaints/{complaint_id}"
        self.specialist = system.as_("specialist", "s1")
        self.consumer = system.as_("consumer", "u1")
        self.merchant = system.as_("merchant", "m1", merchant_id="m1")
        self.supervisor = system.as_("supervisor", "v1")
        self.ops = system.as_("ops", "o1")

    def supervisor_of(self, team_id: str) -> Client:
        """A supervisor of a team."""
        return self.system.as_("supervisor", f"v-{team_id}", team_id=team_id)

    async def act(self, who: Client, what: str, body: Any = None, **options: Any) -> Any:
        """Somebody acts on the complaint as it is now; the answer."""
        options.setdefault("match", await self.version())
        return await who.post(f"{self.path}/{what}", body, **options)

    async def refused(self, who: Client, what: str, body: Any = None, **options: Any) -> Any:
        """Status and code of an act that is refused, on the complaint as it is now."""
        options.setdefault("match", await self.version())
        return await who.refused(f"{self.path}/{what}", body, **options)

    async def answer_to(self, who: Client, what: str, body: Any, match: int) -> httpx.Response:
        """The raw answer to an act."""
        return await who.request("POST", f"{self.path}/{what}", body, match=match)

    async def now(self) -> Any:
        """The complaint as ops see it."""
        return await self.ops.get(self.path)

    async def version(self) -> int:
        """The version to act on."""
        return int((await self.now())["version"])

    async def status(self) -> str:
        """Where it stands."""
        return str((await self.now())["status"])

    async def contact(self, who: Client | None = None, at: datetime | None = None) -> None:
        """A specialist reached the consumer, now or at the stated time."""
        body = CALL if at is None else {**CALL, "occurred_at": rfc3339(at)}
        await self.act(who or self.specialist, "contacts", body)

    async def ask_merchant(self) -> None:
        """The specialist asks the merchant."""
        await self.act(self.specialist, "merchant-requests", {"questions": "Is it real?"})

    async def answer(self) -> None:
        """The merchant answers."""
        await self.act(self.merchant, "merchant-responses", ANSWER)

    async def propose(self, **changes: Any) -> int:
        """The specialist proposes a refund by the merchant; the number of the solution."""
        answer = await self.act(self.specialist, "solutions", {**REFUND, **changes})
        return int(answer["solutions"][-1]["n"])

    async def accept(self, n: int) -> None:
        """The consumer accepts."""
        await self.act(self.consumer, f"solutions/{n}/acceptance")

    async def pay(self, n: int, at: datetime | None = None) -> None:
        """The specialist saw the refund arrive."""
        stated = {} if at is None else {"occurred_at": rfc3339(at)}
        await self.act(self.specialist, "remedies", {"n": n, "reference": "r1", **stated})

    async def resolve(self) -> None:
        """The specialist resolves."""
        await self.act(self.specialist, "resolution", {"outcome": "explained"})

    async def reopen(self, who: Client | None = None) -> None:
        """The consumer objects (or somebody else says that they do)."""
        body = {"reason": "objection", "text": "still fake"}
        await self.act(who or self.consumer, "reopening", body)

    async def withdraw(self) -> None:
        """The consumer takes it back."""
        await self.act(self.consumer, "withdrawal", {"reason": "settled"})

    async def story(self) -> list[str]:
        """Names of the events in the complaint's stream, in order."""
        return [type(event).__name__ for event in await self.system.events(COMPLAINTS, self.id)]

    async def told(self, kind: type[E]) -> list[E]:
        """The events of a kind about this complaint, in order."""
        found = [e for topic in OWNERS for e in await self.system.events(topic, self.id)]
        return [event for event in found if isinstance(event, kind)]

    async def clock(self, kind: ClockKind, cycle: int = 1) -> Any:
        """The latest clock of a kind in a cycle."""
        asked = {"complaint_id": self.id, "kind": str(kind), "limit": 200}
        found = (await self.ops.get("/v1/clocks", **asked))["items"]
        return [clock for clock in found if clock["cycle"] == cycle][-1]

    async def breaches(self) -> list[str]:
        """The kinds of the breaches that stand."""
        listed = await self.ops.get("/v1/breaches", complaint_id=self.id)
        return [breach["kind"] for breach in listed["items"]]

    async def said(self, template: str) -> list[str]:
        """What became of each notification with this template."""
        asked = {"complaint_id": self.id, "limit": 200}
        found = (await self.ops.get("/v1/notifications", **asked))["items"]
        return [one["state"] for one in found if one["template"].partition("@")[0] == template]

    async def follow_up(self, cycle: int = 1) -> Any:
        """The survey of a cycle, as staff see it."""
        found = (await self.ops.get("/v1/follow-ups", complaint_id=self.id))["items"]
        return next(one for one in found if one["cycle"] == cycle)

    async def held_by(self) -> tuple[str | None, str | None]:
        """Who has it, by routing and by intake."""
        routing = (await self.ops.get(f"/v1/assignments/{self.id}"))["specialist_id"]
        return routing, (await self.now())["specialist_id"]

    async def decline(self) -> None:
        """The specialist gives it back."""
        path = f"/v1/assignments/{self.id}/decline"
        await self.specialist.post(path, {"reason": "I know the shop owner."})

    async def reassign(self, specialist_id: str) -> None:
        """A supervisor gives it to somebody else."""
        body = {"specialist_id": specialist_id, "reason": "She knows the brand."}
        await self.supervisor.post(f"/v1/assignments/{self.id}/reassignment", body)


async def presence(system: System, specialist_id: str, *, online: bool) -> None:
    """A specialist comes or goes."""
    path = f"/v1/specialists/{specialist_id}/presence"
    await system.as_("specialist", specialist_id).put(path, {"online": online})


async def hire(system: System, specialist_id: str = "s1", **changes: Any) -> None:
    """A specialist is registered and comes online."""
    profile = {**SPECIALIST, "id": specialist_id, "email": f"{specialist_id}@example.com"}
    await system.as_("ops", "o1").post("/v1/specialists", {**profile, **changes})
    await presence(system, specialist_id, online=True)


async def introduce_merchant(system: System, **profile: Any) -> None:
    """The merchant's profile becomes known."""
    contact = {"contact": {"email": "m1@example.com"}}
    await system.as_("ops", "o1").put("/v1/merchants/m1", {**contact, **profile})


async def file(system: System, **changes: Any) -> Case:
    """Somebody calls the hotline."""
    caller = system.as_("specialist", "hotline")
    return Case(system, (await caller.post("/v1/complaints", {**FILING, **changes}))["id"])


async def assigned(system: System) -> Case:
    """A complaint that s1 has, against a merchant with an address."""
    await introduce_merchant(system)
    await hire(system)
    case = await file(system)
    await system.settle()
    return case


async def in_progress(system: System) -> Case:
    """A complaint whose consumer s1 has reached."""
    case = await assigned(system)
    await case.contact()
    await system.settle()
    return case


async def resolved(system: System) -> Case:
    """A complaint that has just been resolved: its survey is due in an hour."""
    case = await in_progress(system)
    await case.resolve()
    await system.settle()
    return case


@asynccontextmanager
async def held_back(system: System, *names: str) -> AsyncIterator[None]:
    """These services (or workers) do nothing meanwhile; afterwards everything settles."""
    system.paused |= set(names)
    yield
    system.paused -= set(names)
    await system.settle()


async def pump(system: System, worker_name: str) -> None:
    """Only this one worker works until it has nothing left to do."""
    [worker] = [
        worker
        for service in system.services
        for worker in service.all_workers
        if worker.name == worker_name
    ]
    while await worker.step():
        pass


def survey_link(system: System) -> str:
    """The path of the survey link in the latest mail that has one."""
    links = [
        word
        for mail in system.mails
        for word in mail.text.split()
        if word.startswith("http://test/v1/surveys/")
    ]
    return links[-1].removeprefix("http://test")
