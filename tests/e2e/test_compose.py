"""docker-compose.yml, without Docker: its commands, variables, order and health checks, for real.

One complaint goes from its filing to the answered survey, through all services, PostgreSQL, Kafka
and mail.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from amends.demo.mailbox import Mailbox
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role
from shared.kafka.settings import KafkaSettings
from tests.architecture.sources import ROOT
from tests.e2e.composed import ENTRY_POINT, Site, ran
from tests.support.broker import delete_topics
from tests.support.compose import composed

PATIENCE_SECONDS: Final = 60.0
CONSUMER_MAIL: Final = "u1@home.example"
FILING: Final = {
    "channel": "app",
    "consumer_id": "u1",
    "contact": {"email": CONSUMER_MAIL},
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "The shoes are fake.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "en",
}
SPECIALIST: Final = {
    "id": "s1",
    "name": "Lin",
    "email": "s1@desk.example",
    "skills": {"counterfeit": 7},
    "tier": 2,
    "languages": ["en"],
    "capacity": 20,
}
SOLUTION: Final = {
    "remedy": "refund",
    "amount_minor": 12900,
    "currency": "CNY",
    "payer": "merchant",
    "reasons": "The brand says it is a fake.",
}
MERCHANT: Final = {"class": "standard", "region": "CN", "contact": {"email": "m1@shop.example"}}
SERVICES: Final = ("intake", "routing", "sla", "notify", "dashboard")
STEPS: Final = [
    "amends.complaint.filed.v1",
    "amends.complaint.assigned.v1",
    "amends.complaint.solution_accepted.v1",
    "amends.complaint.resolved.v1",
    "amends.complaint.closed.v1",
]
BY_THE_BOOK: Final = "".join(
    re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL)
)


class Person:
    """Somebody who calls the site."""

    def __init__(self, site: Site, token: str) -> None:
        self._site = site
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
        )

    async def call(
        self, method: str, path: str, body: Any = None, *, match: int | None = None
    ) -> Any:
        """A call that succeeds."""
        headers = {} if match is None else {"If-Match": f'"{match}"'}
        answer = await self._http.request(
            method, self._site.url_of(path), json=body, headers=headers
        )
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def until(self, path: str, holds: Callable[[Any], object]) -> Any:
        """What is read there once this holds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = await self.call("GET", path)
                if holds(found):
                    return found
                await asyncio.sleep(0.1)

    async def leave(self) -> None:
        """Let go of connections."""
        await self._http.aclose()


Come = Callable[[str, str], Awaitable[Person]]


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """Catches mail, as the container `mail` does."""
    caught = Mailbox()
    await caught.open()
    yield caught
    await caught.close()


@pytest.fixture
async def site(mailbox: Mailbox) -> AsyncIterator[Site]:
    """Everything started and well; at the end everything ends by itself, in good order."""
    hurry = {"AMENDS_NOTIFY_SURVEY_DELAY": "PT1S"}
    with TemporaryDirectory(prefix="amends-compose-") as folder:
        site = Site(composed(), Path(folder), mailbox.port, hurry)
        try:
            await site.start()
            yield site
        finally:
            await site.stop()


@pytest.fixture
async def person(site: Site) -> AsyncIterator[Come]:
    """Somebody with a role and a name."""
    tokens = EmbeddedTokens(site.secret("amends_secret").encode(), WallClock())
    here: list[Person] = []

    async def come(role: str, subject: str) -> Person:
        principal = Principal(role=Role(role), subject=subject)
        here.append(Person(site, tokens.issue(principal, lifetime=timedelta(hours=1))))
        return here[-1]

    yield come
    for one in here:
        await one.leave()


async def token_by_command(site: Site) -> str:
    """As `docker compose exec intake amends token …` prints it."""
    command = (*ENTRY_POINT, "token", "--role", "ops", "--subject", "me")
    environment = site.environment(site.compose.containers["intake"])
    code, output = await ran(*command, environment=environment)
    assert code == 0, output
    return output.strip()


async def survey_of(mailbox: Mailbox) -> str:
    """The token in the consumer's survey mail, once it has come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            tokens = [mail.survey_token for mail in mailbox.received_by(CONSUMER_MAIL)]
            found = next(filter(None, tokens), None)
            if found is not None:
                return found
            mailbox.bell(CONSUMER_MAIL).clear()
            await mailbox.bell(CONSUMER_MAIL).wait()


async def published(site: Site, key: str, *last: str) -> list[str]:
    """Types of a complaint's events as a plain consumer reads them, until all of `last` are there.

    Those of a topic come in order, topics among each other do not.
    """
    consumer = AIOKafkaConsumer(
        *("amends.complaints", "amends.followups"),
        bootstrap_servers=site.kafka.bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    found: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not set(last) <= set(found):
                record = await consumer.getone()
                if record.key == key.encode():
                    found.append(dict(record.headers)["ce_type"].decode())
    finally:
        await consumer.stop()
    return found


def about(types: list[str]) -> list[str]:
    """Those of them that are the complaint's own."""
    return [one for one in types if one.startswith("amends.complaint.")]


async def staffed(site: Site) -> Person:
    """Somebody to do the work is there, and a merchant who can be written to; ops."""
    ops = Person(site, await token_by_command(site))
    await ops.call("POST", "/v1/specialists", SPECIALIST)
    await ops.call("PUT", "/v1/specialists/s1/presence", {"online": True})
    await ops.call("PUT", "/v1/merchants/m1", MERCHANT)
    return ops


async def settle(person: Come, complaint: str) -> None:
    """From the first call to the resolution."""
    path = f"/v1/complaints/{complaint}"
    specialist, consumer = await person("specialist", "s1"), await person("consumer", "u1")
    merchant = await person("merchant", "m1")
    await consumer.until(path, lambda seen: seen["status"] == "assigned")
    await specialist.call("POST", f"{path}/contacts", {"channel": "call", "two_way": True})
    await specialist.call("POST", f"{path}/solutions", SOLUTION)
    version = (await consumer.call("GET", path))["version"]
    await consumer.call("POST", f"{path}/solutions/1/acceptance", match=version)
    await merchant.call("POST", f"{path}/remedies/1/confirmation", {"reference": "R-1"})
    version = (await specialist.call("GET", path))["version"]
    await specialist.call("POST", f"{path}/resolution", {"outcome": "refunded"}, match=version)


async def test_one_complaint_from_its_filing_to_the_answered_survey(
    site: Site, person: Come, mailbox: Mailbox
) -> None:
    ops, consumer = await staffed(site), await person("consumer", "u1")
    complaint = (await consumer.call("POST", "/v1/complaints", FILING))["id"]
    await settle(person, complaint)
    survey = f"/v1/surveys/{await survey_of(mailbox)}"
    await consumer.call("POST", survey, {"result": "satisfied", "speed": 5})

    await ops.until(f"/v1/complaints/{complaint}", lambda seen: seen["status"] == "closed")
    figures = await ops.until("/v1/metrics/summary", lambda seen: seen["totals"].get("closed"))
    assert figures["open"]["total"] == 0
    assert figures["totals"]["satisfied"] == 1
    clocks = await ops.call("GET", f"/v1/clocks?complaint_id={complaint}")
    assert {clock["state"] for clock in clocks["items"]} <= {"met", "cancelled"}
    letters = [await ops.call("GET", f"/services/{name}/v1/dead-letters") for name in SERVICES]
    assert [letter["items"] for letter in letters] == [[]] * len(SERVICES)
    await ops.leave()

    read = await published(site, complaint, *STEPS, "amends.follow_up.answered.v1")
    assert [one for one in read if one in STEPS] == STEPS
    await the_servers_know_what_the_file_sets(site)


async def the_servers_know_what_the_file_sets(site: Site) -> None:
    """Names of settings that other people's servers are given, asked of the servers."""
    broker = site.compose.containers["kafka"].environment
    wanted = {name.removeprefix("KAFKA_").lower().replace("_", ".") for name in broker}
    assert wanted - await _known_to_kafka(site) == set()
    words = site.compose.containers["postgres"].command
    wanted = {word.partition("=")[0] for word in words if "=" in word}
    connection = await asyncpg.connect(site.postgres.url)
    known = {row["name"] for row in await connection.fetch("SELECT name FROM pg_settings")}
    await connection.close()
    assert wanted
    assert wanted - known == set()


async def _known_to_kafka(site: Site) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=site.kafka.bootstrap_servers)
    await admin.start()
    try:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
        [(*_, entries)] = answer.resources
        return {entry[0] for entry in entries}
    finally:
        await admin.close()


async def test_a_lost_topic_is_published_anew_by_the_book_and_nothing_counts_twice(
    site: Site, person: Come
) -> None:
    ops, consumer = await staffed(site), await person("consumer", "u1")
    first = (await consumer.call("POST", "/v1/complaints", FILING))["id"]
    await ops.until("/v1/metrics/summary", lambda seen: seen["totals"].get("assigned"))
    before = about(await published(site, first, *STEPS[:2]))

    await site.stop_serving()
    broker = KafkaSettings(bootstrap_servers=site.kafka.bootstrap_servers)
    await delete_topics(broker, "amends.complaints")
    database = await site.database()
    await database.execute(BY_THE_BOOK)
    await database.close()
    await site.start()

    after = about(await published(site, first, *STEPS[:2]))
    assert after[: len(before)] == before
    second = (await consumer.call("POST", "/v1/complaints", FILING))["id"]
    await consumer.until(f"/v1/complaints/{second}", lambda seen: seen["status"] == "assigned")
    figures = await ops.until("/v1/metrics/summary", lambda seen: seen["totals"]["assigned"] > 1)
    await ops.leave()
    assert figures["totals"]["filed"] == 2
