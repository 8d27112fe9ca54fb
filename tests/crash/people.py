"""People who file and act while the platform keeps dying: they try until they are answered."""

import asyncio
import random
from itertools import chain, repeat
from typing import Any, Final, Protocol

import httpx

SPECIALISTS = [f"s{number}" for number in range(1, 9)]
MERCHANTS = [f"m{number}" for number in range(1, 21)]
CATEGORIES = ["quality", "counterfeit", "late_shipping", "refund_refused", "not_as_described"]
_PAUSES: Final = (0.05, 0.1, 0.2, 0.5)
"""Seconds between tries: thousands who ask again at once would starve what they wait for."""


class Site(Protocol):
    """A platform that people can call."""

    def url_of(self, path: str) -> str:
        """The address to try next for this path."""
        ...

    def token(self, role: str, subject: str) -> str:
        """A token for this platform."""
        ...


class Person:
    """Somebody with a token who repeats a call, with its Idempotency-Key, until it is answered."""

    def __init__(self, site: Site, role: str, subject: str) -> None:
        self.subject = subject
        self._site = site
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {site.token(role, subject)}"},
            timeout=10,
        )

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx.Response:
        """The answer, however often the connection breaks on the way."""
        headers = {"Idempotency-Key": key} if key else {}
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            try:
                answer = await self._http.request(
                    method, self._site.url_of(path), json=body, headers=headers
                )
            except httpx.HTTPError:
                await asyncio.sleep(pause)
                continue
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(pause)
        raise AssertionError("people never give up")

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()


async def set_up(site: Site) -> None:
    """Specialists who are there, and merchants with a mail address."""
    ops = Person(site, "ops", "boss")
    for specialist in SPECIALISTS:
        body = {
            "id": specialist,
            "name": specialist,
            "email": f"{specialist}@desk.example",
            "skills": dict.fromkeys(CATEGORIES, 7),
            "tier": 4,
            "languages": ["en", "zh-CN"],
            "capacity": 10_000,
        }
        answer = await ops.call("POST", "/v1/specialists", body, key=f"sp-{specialist}")
        assert answer.status_code == 201, answer.text
        answer = await ops.call("PUT", f"/v1/specialists/{specialist}/presence", {"online": True})
        assert answer.status_code < 300, answer.text
    for merchant in MERCHANTS:
        contact = {"email": f"{merchant}@shop.example"}
        body = {"class": "standard", "region": "CN", "contact": contact}
        answer = await ops.call("PUT", f"/v1/merchants/{merchant}", body)
        assert answer.status_code < 300, answer.text
    await ops.close()


def filing(number: int, dice: random.Random) -> dict[str, Any]:
    """One complaint."""
    consumer = f"u{number % 97}"
    return {
        "channel": "app",
        "consumer_id": consumer,
        "contact": {"email": f"{consumer}@home.example"},
        "merchant_id": dice.choice(MERCHANTS),
        "order_ids": [f"o{number}"],
        "category": dice.choice(CATEGORIES),
        "description": f"Order {number} never worked.",
        "demand": {"kind": "refund", "amount_minor": 1000 + number, "currency": "CNY"},
        "language": dice.choice(["en", "zh-CN"]),
    }


async def file_all(site: Site, count: int, per_second: float) -> dict[str, str]:
    """File complaints at a steady pace; the id that each filing was acknowledged with, by key."""
    dice = random.Random(7)
    bodies = [filing(number, dice) for number in range(count)]
    consumers = {body["consumer_id"] for body in bodies}
    people = {subject: Person(site, "consumer", subject) for subject in consumers}
    acknowledged: dict[str, str] = {}

    async def file(number: int) -> None:
        await asyncio.sleep(number / per_second)
        body, key = bodies[number], f"filing-{number}"
        answer = await people[body["consumer_id"]].call("POST", "/v1/complaints", body, key=key)
        assert answer.status_code == 201, answer.text
        acknowledged[key] = answer.json()["id"]

    await asyncio.gather(*(file(number) for number in range(count)))
    for person in people.values():
        await person.close()
    return acknowledged


async def work(site: Site, specialist: str, done: asyncio.Event) -> int:
    """A specialist: calls the consumers, asks every second merchant; how many acts were taken."""
    me = Person(site, "specialist", specialist)
    acts = 0
    while not done.is_set():
        listed = await me.call(
            "GET", f"/v1/complaints?specialist_id={specialist}&status=assigned&limit=50"
        )
        items = listed.json()["items"] if listed.status_code == 200 else []
        for item in items:
            acts += await _handle(me, item)
        await asyncio.sleep(0.2)
    await me.close()
    return acts


async def _handle(me: Person, item: dict[str, Any]) -> int:
    path = f"/v1/complaints/{item['id']}"
    contact = {"channel": "call", "two_way": True, "note": "Heard the demand."}
    key = f"{item['id']}-{item['cycle']}"
    made = await me.call("POST", f"{path}/contacts", contact, key=f"contact-{key}")
    if made.status_code >= 300:
        # Reassigned or withdrawn meanwhile: somebody else's turn.
        assert made.status_code in (403, 409), made.text
        return 0
    if hash(item["id"]) % 2:
        return 1
    asked = await me.call(
        "POST", f"{path}/merchant-requests", {"questions": "What happened?"}, key=f"ask-{key}"
    )
    assert asked.status_code in (200, 201, 403, 409), asked.text
    return 2
