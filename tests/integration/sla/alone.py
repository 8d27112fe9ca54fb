"""sla by itself on virtual time: intake is a log that the test writes to, when it wants."""

from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from services.sla.domain.observing import LaterFact
from services.sla.main import build
from services.sla.settings import SlaSettings
from shared.auth import EmbeddedTokens, Principal
from shared.codec import decode
from shared.eventlog.ports import Append, Commit, Store
from shared.events.clocks import ClockEvent
from shared.events.complaints import ComplaintAccepted, ComplaintEvent
from shared.events.envelope import Actor, Recorded
from shared.events.registry import CLOCKS
from shared.events.vocabulary import Role
from shared.observability import Metrics
from shared.problems import install_problem_handlers
from shared.service import Edges, Service
from tests.support.bus import bus_of
from tests.support.system import Mailbox
from tests.support.time import CountingIds, VirtualTime
from tests.unit.sla.story import FILED, fact, filing

_TEST = Actor(role=Role.SYSTEM, id="test")


class Sla:
    """The service, its upstream, its callers."""

    def __init__(self) -> None:
        self.time = VirtualTime(FILED)
        self._versions: dict[str, int] = {}
        self.intake: Store
        self.service: Service

    async def __aenter__(self) -> Self:
        """Build it."""
        ids, metrics = CountingIds(), Metrics()
        bus = bus_of(self.time, ids, metrics)
        self.intake = await bus.open_log("intake", lambda _fact: [], [])
        edges = Edges(
            business=self.time,
            real=self.time,
            monotonic=self.time,
            ids=ids,
            open_log=bus.open_log,
            open_feed=bus.open_feed,
            metrics=metrics,
            mail=Mailbox(),
            base_url="http://test",
            secret=b"s" * 32,
        )
        self.service = await build(SlaSettings(), edges)
        self.tokens = EmbeddedTokens(b"s" * 32, self.time)
        self.app = FastAPI()
        install_problem_handlers(self.app)
        self.app.state.tokens = self.tokens
        self.app.state.sla = self.service.facade
        self.app.include_router(self.service.router)
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close the stores."""
        await self.intake.close()
        await self.service.log.close()

    async def record(self, *facts: ComplaintEvent) -> list[Recorded]:
        """Intake records these; sla reads them when it is pumped."""
        appends = []
        for one in facts:
            stream = f"complaint-{one.complaint_id}"
            version = self._versions.get(stream, 0)
            appends.append(
                Append(
                    stream=stream,
                    expected_version=version,
                    key=one.complaint_id,
                    events=(one,),
                    actor=_TEST,
                    correlation_id=one.complaint_id,
                )
            )
            self._versions[stream] = version + 1
        return await self.intake.commit(Commit(appends=tuple(appends)))

    async def files(self, complaint_id: str = "c1", **over: Any) -> None:
        """A complaint is filed now and accepted by rule."""
        now = self.time.now()
        await self.record(
            filing(complaint_id=complaint_id, occurred_at=now, **over),
            fact(ComplaintAccepted, now, complaint_id=complaint_id, rule="hotline"),
        )

    async def happens(
        self, kind: type[LaterFact], when: datetime | None = None, /, **over: Any
    ) -> Recorded:
        """A fact takes place now, or took place at `when`, and is read."""
        [recorded] = await self.record(fact(kind, when or self.time.now(), **over))
        await self.settle()
        return recorded

    async def settle(self) -> None:
        """Pump every worker until none has anything left to do."""
        busy = True
        while busy:
            busy = False
            for worker in self.service.all_workers:
                while await worker.step():
                    busy = True

    async def at(self, instant: datetime) -> None:
        """Time goes by until then, and everything is read and said."""
        self.time.move_to(instant)
        await self.settle()

    async def later(self, by: timedelta) -> None:
        """Time goes by, and everything is read and said."""
        await self.at(self.time.now() + by)

    async def said(self, complaint_id: str | None = None) -> list[ClockEvent]:
        """What was published, of one complaint if given, in order."""
        records = await self.service.log.tail(0, 0, topic=CLOCKS, limit=1_000_000)
        events = [decode(r) for r in records if complaint_id in (None, r.key)]
        return [event for event in events if isinstance(event, ClockEvent)]

    async def get(self, path: str, role: str = "ops", subject: str = "o", **params: Any) -> Any:
        """The JSON of a read that must succeed."""
        response = await self.call(path, role, subject, **params)
        assert response.status_code == 200, response.text
        return response.json()

    async def refused(
        self, path: str, role: str = "ops", subject: str = "o", **params: Any
    ) -> tuple[int, str]:
        """Status and code of a read that must be refused."""
        response = await self.call(path, role, subject, **params)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["code"]

    async def call(self, path: str, role: str, subject: str, **params: Any) -> httpx.Response:
        """One read as one principal."""
        merchant = params.pop("merchant_id", None)
        principal = Principal(role=Role(role), subject=subject, merchant_id=merchant)
        token = self.tokens.issue(principal, lifetime=timedelta(days=3650))
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            headers = {"Authorization": f"Bearer {token}"}
            return await http.get(path, params=params, headers=headers)
