"""The whole platform in memory on virtual time: tests pump it, so nothing is left to chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from amends.bus import OWNERS
from amends.platform import ServiceSettings, application, build_services
from services.dashboard.settings import DashboardSettings
from services.intake.settings import IntakeSettings
from services.notify.settings import NotifySettings
from services.routing.settings import RoutingSettings
from services.sla.settings import SlaSettings
from shared.auth import EmbeddedTokens, Principal
from shared.clock import from_ms, to_ms
from shared.codec import decode
from shared.eventlog.ports import Statement
from shared.events.envelope import Event, Recorded
from shared.events.vocabulary import Role
from shared.observability import Metrics
from shared.service import Edges, OpenFeed, OpenLog, Service
from tests.support.bus import bus_of
from tests.support.time import CountingIds, VirtualTime

_GATE = timedelta(milliseconds=1001)
"""sla fires once it has read everything up to a second past the deadline."""


@dataclass(frozen=True)
class Mail:
    """A mail as the server got it."""

    sender: str
    recipient: str
    message: Message

    @property
    def text(self) -> str:
        """The plain text."""
        for part in self.message.walk():
            if part.get_content_type() == "text/plain":
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                return payload.decode()
        raise AssertionError("a mail without plain text")


class Mailbox:
    """A mail server in memory. Put an exception into `fails` to make the next sends fail."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.fails: list[Exception] = []

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Take a mail, or fail as told."""
        if self.fails:
            raise self.fails.pop(0)
        self.mails.append(Mail(sender, recipient, message_from_bytes(message)))

    async def close(self) -> None:
        """Nothing to close."""


class Client:
    """An HTTP client that acts as one principal."""

    def __init__(self, app: FastAPI, token: str | None) -> None:
        self.authorization = f"Bearer {token}" if token else ""
        headers = {"Authorization": self.authorization} if token else {}
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://test",
            headers=headers,
        )

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        match: int | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Call. `match` is sent as If-Match, `key` as Idempotency-Key."""
        sent = dict(headers or {})
        if match is not None:
            sent["If-Match"] = f'"{match}"'
        if key is not None:
            sent["Idempotency-Key"] = key
        return await self._http.request(method, path, json=body, headers=sent)

    async def send(self, method: str, path: str, content: bytes) -> httpx.Response:
        """Call with raw bytes as the body."""
        return await self._http.request(method, path, content=content)

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of a read that must succeed."""
        response = await self._http.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of an act that must succeed."""
        response = await self.request("POST", path, body if body is not None else {}, **options)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    async def put(self, path: str, body: Any) -> Any:
        """The JSON of a PUT that must succeed."""
        response = await self.request("PUT", path, body)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    async def refused(self, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """Status and code of an act that must be refused."""
        response = await self.request("POST", path, body if body is not None else {}, **options)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["code"]


class System:
    """All services on in-memory stores. Nothing moves but through `settle` and `advance`."""

    def __init__(self, *, intake: IntakeSettings | None = None) -> None:
        self.time = VirtualTime()
        self.ids = CountingIds()
        self.metrics = Metrics()
        self.mailbox = Mailbox()
        self.paused: set[str] = set()
        self._intake = intake or IntakeSettings()
        self.services: tuple[Service, ...] = ()
        self.app: FastAPI

    async def __aenter__(self) -> Self:
        """Build everything."""
        self.edges = await self._edges()
        self.services = await build_services(
            ServiceSettings(
                intake=self._intake,
                routing=RoutingSettings(),
                sla=SlaSettings(),
                notify=NotifySettings(),
                dashboard=DashboardSettings(),
            ),
            self.edges,
        )
        self.tokens = EmbeddedTokens(b"s" * 32, self.time)
        self.app = application(self.services, self.edges, self.tokens, run_workers=False)
        return self

    async def _edges(self) -> Edges:
        bus = bus_of(self.time, self.ids, self.metrics)
        return self._edges_on(bus.open_log, bus.open_feed)

    def _edges_on(self, open_log: OpenLog, open_feed: OpenFeed) -> Edges:
        return Edges(
            business=self.time,
            real=self.time,
            monotonic=self.time,
            ids=self.ids,
            open_log=open_log,
            open_feed=open_feed,
            metrics=self.metrics,
            mail=self.mailbox,
            base_url="http://test",
            secret=b"s" * 32,
            files_url="memory:///",
        )

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close the stores."""
        for service in self.services:
            await service.log.close()

    @property
    def mails(self) -> list[Mail]:
        """What the mail server got, oldest first."""
        return self.mailbox.mails

    @property
    def http(self) -> Client:
        """A client without a token."""
        return Client(self.app, None)

    def as_(
        self,
        role: str,
        subject: str,
        *,
        team_id: str | None = None,
        merchant_id: str | None = None,
        scopes: Sequence[str] = (),
    ) -> Client:
        """A client that acts as this principal."""
        principal = Principal(
            role=Role(role),
            subject=subject,
            team_id=team_id,
            merchant_id=merchant_id,
            scopes=frozenset(scopes),
        )
        return Client(self.app, self.tokens.issue(principal, lifetime=timedelta(days=3650)))

    def service(self, name: str) -> Service:
        """One of the services."""
        return next(service for service in self.services if service.name == name)

    async def settle(self) -> None:
        """Pump every worker that is not in `paused` until none has anything left to do."""
        for _ in range(1000):
            busy = False
            for service in self.services:
                for worker in service.all_workers:
                    if worker.name in self.paused or service.name in self.paused:
                        continue
                    while await worker.step():
                        busy = True
            if not busy:
                return
        raise AssertionError("the system never settles: workers keep causing each other")

    async def advance(self, by: timedelta) -> None:
        """Let time pass, stopping at every timer on the way."""
        target = self.time.now() + by
        await self.settle()
        while (stop := await self._next_stop()) is not None and stop <= target:
            self.time.move_to(stop)
            await self.settle()
        self.time.move_to(target)
        await self.settle()

    async def _next_stop(self) -> datetime | None:
        """The next instant at which a timer is due, or a gated one may fire."""
        query = Statement(
            "SELECT min(CASE WHEN due_at > :now THEN due_at ELSE due_at + :gate END) AS next "
            "FROM timers WHERE due_at + :gate > :now",
            {"now": to_ms(self.time.now()), "gate": _GATE // timedelta(milliseconds=1)},
        )
        found = [
            (await service.log.fetch(query))[0]["next"]
            for service in self.services
            if service.name not in self.paused
        ]
        return min((from_ms(ms) for ms in found if ms is not None), default=None)

    async def records(self, service: str) -> list[Recorded]:
        """Everything a service recorded, in order."""
        log = self.service(service).log
        found = [await log.tail(shard, 0, limit=1_000_000) for shard in range(log.shards)]
        return sorted((r for records in found for r in records), key=lambda record: record.gpos)

    async def events(self, topic: str, key: str | None = None) -> list[Event]:
        """The events of a topic, of one key if given, in order; their texts readable."""
        owner = OWNERS[topic]
        found = [
            decode(record)
            for record in await self.records(owner)
            if record.topic == topic and key in (None, record.key)
        ]
        await self.service(owner).log.keys.open(found)
        return found
