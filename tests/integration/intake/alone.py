"""Intake by itself over HTTP, in memory or a folder: it is told the facts of other services."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from amends.bus import EmbeddedBus
from services.intake.application import Intake
from services.intake.main import build
from services.intake.reactions import handler
from services.intake.settings import IntakeSettings
from shared.auth import EmbeddedTokens, Principal
from shared.codec import decode, encode
from shared.events.assignments import AssignmentDecided
from shared.events.envelope import Actor, Event, Fact, Recorded
from shared.events.vocabulary import Outcome, Role
from shared.http import BodyLimit
from shared.observability import Metrics
from shared.problems import install_problem_handlers
from shared.service import Edges
from shared.unit_of_work import UnitOfWork
from tests.support.bus import bus_of
from tests.support.time import CountingIds, VirtualTime

FILING: dict[str, Any] = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "袋子是假的",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "zh-CN",
}
"""The minimal filing of the HTTP contract."""


class NoMail:
    """Intake sends none."""

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Never called."""
        raise AssertionError((sender, recipient, message))

    async def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class Person:
    """Somebody with a token."""

    http: httpx.AsyncClient

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        match: int | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """One request."""
        headers = {}
        if match is not None:
            headers["If-Match"] = f'"{match}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.http.request(method, f"/v1/complaints{path}", json=body, headers=headers)

    async def get(self, path: str = "") -> Any:
        """What a read that must succeed answers."""
        response = await self.send("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str = "", body: Any = None, **options: Any) -> Any:
        """What an act that must succeed answers."""
        response = await self.send("POST", path, {} if body is None else body, **options)
        assert response.status_code in {200, 201}, response.text
        return response.json()

    async def refused(self, path: str = "", body: Any = None, **options: Any) -> tuple[int, str]:
        """Status and code of an act that must be refused."""
        response = await self.send("POST", path, {} if body is None else body, **options)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["code"]


class IntakeAlone:
    """`async with IntakeAlone() as intake:`; nothing but what a test does happens."""

    def __init__(self, settings: IntakeSettings | None = None, *, data: Path | None = None) -> None:
        self._data = data
        self.time = VirtualTime()
        self.metrics = Metrics()
        self._settings = settings or IntakeSettings()
        self._tokens = EmbeddedTokens(b"s" * 32, self.time)
        self._ids = CountingIds()
        self._gpos = 0
        self.app = FastAPI()

    async def __aenter__(self) -> Self:
        """Build the service."""
        bus = bus_of(self.time, self._ids, self.metrics)
        if self._data is not None:
            bus = EmbeddedBus(self._data, clock=self.time, ids=self._ids, metrics=self.metrics)
        edges = Edges(
            business=self.time,
            real=self.time,
            monotonic=self.time,
            ids=self._ids,
            open_log=bus.open_log,
            open_feed=bus.open_feed,
            metrics=self.metrics,
            mail=NoMail(),
            base_url="http://test",
            secret=b"s" * 32,
        )
        self.service = await build(self._settings, edges)
        assert isinstance(self.service.facade, Intake)
        self._handle = handler(self.service.facade, self.metrics)
        install_problem_handlers(self.app)
        self.app.add_middleware(BodyLimit)
        self.app.state.tokens = self._tokens
        self.app.state.real = self.time
        self.app.state.intake = self.service.facade
        self.app.include_router(self.service.router)
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        await self.service.log.close()

    def as_(self, role: Role, subject: str, **claims: Any) -> Person:
        """Somebody of this role."""
        token = self._tokens.issue(Principal(role=role, subject=subject, **claims))
        return Person(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
                base_url="http://test",
                headers={"Authorization": f"Bearer {token}"},
            )
        )

    @property
    def consumer(self) -> Person:
        """The consumer u1."""
        return self.as_(Role.CONSUMER, "u1")

    @property
    def merchant(self) -> Person:
        """The merchant m1."""
        return self.as_(Role.MERCHANT, "clerk", merchant_id="m1")

    @property
    def specialist(self) -> Person:
        """The specialist s1, of team t1."""
        return self.as_(Role.SPECIALIST, "s1", team_id="t1")

    @property
    def supervisor(self) -> Person:
        """The supervisor of team t1."""
        return self.as_(Role.SUPERVISOR, "boss", team_id="t1")

    @property
    def ops(self) -> Person:
        """Operations."""
        return self.as_(Role.OPS, "ops")

    async def learn(self, event: Event, key: str) -> None:
        """Let a fact of another service arrive, as its consumer would hand it over."""
        self._gpos += 1
        record = Recorded(
            id=self._ids.new(),
            source="elsewhere",
            topic=None,
            key=key,
            stream=key,
            version=1,
            type=event.TYPE,
            shard=0,
            gpos=self._gpos,
            occurred_at=event.occurred_at,
            recorded_at=event.occurred_at,
            actor=Actor(role=Role.SYSTEM, id="elsewhere"),
            correlation_id=key,
            causation_id=None,
            traceparent=None,
            data=encode(event),
        )
        work = UnitOfWork(self.service.log)
        await self._handle(Fact(record, event), work)
        await work.commit()

    async def assign(self, complaint_id: str, *, cycle: int = 1, n: int = 1) -> None:
        """Routing decides for s1 of team t1."""
        event = AssignmentDecided(
            occurred_at=self.time.now(),
            complaint_id=complaint_id,
            cycle=cycle,
            n=n,
            decision_id=f"d{n}",
            outcome=Outcome.ASSIGNED,
            specialist_id="s1",
            team_id="t1",
            candidates=(),
            inputs={},
            positions={},
            policy_version="1",
            waiting_since=self.time.now(),
            sentence={},
        )
        await self.learn(event, complaint_id)

    async def filed(self) -> str:
        """A hotline filing, accepted at once; its id."""
        answer = await self.specialist.post("", FILING)
        return str(answer["id"])

    async def in_progress(self) -> str:
        """A complaint that s1 works on; its id."""
        complaint_id = await self.filed()
        await self.assign(complaint_id)
        await self.specialist.post(
            f"/{complaint_id}/contacts", {"channel": "call", "two_way": True, "note": "内部"}
        )
        return complaint_id

    async def recorded(self, complaint_id: str) -> list[Event]:
        """The complaint's stream."""
        records = await self.service.log.read(f"complaint-{complaint_id}")
        return [decode(record) for record in records]
