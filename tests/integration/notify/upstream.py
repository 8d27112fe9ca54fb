"""Notify alone: the other services are logs that the test writes to, in the order it wants."""

from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from amends.bus import EmbeddedBus
from services.notify.facade import NotifyFacade
from services.notify.main import build
from services.notify.settings import NotifySettings
from shared.auth import EmbeddedTokens, Principal
from shared.clock import from_ms, to_ms
from shared.codec import decode
from shared.eventlog.ports import Append, Commit, Statement, Store
from shared.events import complaints as c
from shared.events.clocks import ClockStarted
from shared.events.complaints import ComplaintFiled, Demand
from shared.events.envelope import Actor, Event, Recorded
from shared.events.personal import Personal
from shared.events.profiles import MerchantRegistered, SpecialistRegistered
from shared.events.registry import FOLLOWUPS
from shared.events.subjects import SubjectErased
from shared.events.vocabulary import (
    Category,
    Channel,
    ClockKind,
    DemandKind,
    Party,
    Priority,
    Role,
    Status,
    Turn,
)
from shared.observability import Metrics
from shared.problems import install_problem_handlers
from shared.service import Edges, MailTransport, Service
from shared.unit_of_work import UnitOfWork
from tests.support.bus import bus_of
from tests.support.system import Mailbox
from tests.support.time import CountingIds, VirtualTime

_SYSTEM = Actor(role=Role.SYSTEM, id="test")


class Notify:
    """The service on virtual time, its upstreams, its mail server, its callers.

    The others seal what persons wrote if `sealed`, as they do now, or record it in clear, as they
    did. The stores lie in files of the folder `data`, if there is one.
    """

    def __init__(
        self,
        *,
        settings: NotifySettings | None = None,
        mail: MailTransport | None = None,
        sealed: bool = False,
        data: Path | None = None,
    ) -> None:
        self.time = VirtualTime()
        self.mailbox = Mailbox()
        self._mail: MailTransport = mail or self.mailbox
        self._settings = settings or NotifySettings()
        self._sealed = sealed
        self._data = data
        self._versions: dict[str, int] = {}
        self._upstreams: dict[str, Store] = {}
        self.service: Service
        self.app: FastAPI

    async def __aenter__(self) -> Self:
        """Build it."""
        ids, metrics = CountingIds(), Metrics()
        if self._data is None:
            bus = bus_of(self.time, ids, metrics)
        else:
            bus = EmbeddedBus(self._data, clock=self.time, ids=ids, metrics=metrics)
        for name in ("intake", "routing", "sla"):
            self._upstreams[name] = await bus.open_log(name, lambda _fact: [], [])
        edges = Edges(
            business=self.time,
            real=self.time,
            monotonic=self.time,
            ids=ids,
            open_log=bus.open_log,
            open_feed=bus.open_feed,
            metrics=metrics,
            mail=self._mail,
            base_url="http://test",
            secret=b"s" * 32,
        )
        self.service = await build(self._settings, edges)
        self.tokens = EmbeddedTokens(b"s" * 32, self.time)
        self.app = FastAPI()
        install_problem_handlers(self.app)
        self.app.state.tokens = self.tokens
        self.app.state.real = self.time
        self.app.state.notify = self.service.facade
        self.app.include_router(self.service.router)
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close the stores."""
        for store in (*self._upstreams.values(), self.service.log):
            await store.close()

    @property
    def facade(self) -> NotifyFacade:
        """What the platform asks of notify."""
        facade = self.service.facade
        assert isinstance(facade, NotifyFacade)
        return facade

    async def record(self, owner: str, key: str, *events: Event) -> list[Recorded]:
        """Have another service record these events. Notify reads them when it is pumped."""
        stream = f"{owner}-{key}"
        version = self._versions.get(stream, 0)
        if self._sealed:
            await self._seal(owner, events)
        append = Append(
            stream=stream,
            expected_version=version,
            key=key,
            events=events,
            actor=_SYSTEM,
            correlation_id=key,
        )
        recorded = await self._upstreams[owner].commit(Commit(appends=(append,)))
        self._versions[stream] = version + len(events)
        return recorded

    async def _seal(self, owner: str, events: tuple[Event, ...]) -> None:
        work = UnitOfWork(self._upstreams[owner])
        await work.seal(events)
        await work.commit()

    async def destroy_key(self, owner: str, subject: str) -> None:
        """A service destroys its key of a person."""
        work = UnitOfWork(self.service.log if owner == "notify" else self._upstreams[owner])
        await work.destroy_key(subject)
        await work.commit()

    async def erase(self, subject: str = "u1") -> None:
        """Intake erases a person. Notify reads of it when it is pumped."""
        await self.destroy_key("intake", subject)
        erased = SubjectErased(
            occurred_at=self.time.now(), subject_id=subject, legal_basis="PIPL Art. 47"
        )
        await self.record("intake", subject, erased)

    async def happens(self, *events: Event, key: str = "c1") -> Recorded:
        """A complaint's events take place and are read; the last one's record."""
        recorded = await self.record("intake", key, *events)
        await self.settle()
        return recorded[-1]

    async def clock(self, *events: Event, key: str = "c1") -> Recorded:
        """Events of a complaint's clocks take place and are read; the last one's record."""
        recorded = await self.record("sla", key, *events)
        await self.settle()
        return recorded[-1]

    async def knows_specialist(self, email: str | None, *languages: str) -> None:
        """Routing publishes the profile of specialist s1."""
        profile = SpecialistRegistered(
            occurred_at=self.time.now(),
            specialist_id="s1",
            name=Personal("s1", "Wang"),
            email=None if email is None else Personal("s1", email),
            team_id="t1",
            tier=2,
            skills={},
            languages=languages,
            capacity=10,
        )
        await self.record("routing", "s1", profile)
        await self.settle()

    async def knows_merchant(self, contact: str | None) -> None:
        """Routing publishes the profile of merchant m1."""
        profile = MerchantRegistered(
            occurred_at=self.time.now(),
            merchant_id="m1",
            merchant_class="standard",
            region=None,
            contact=None if contact is None else Personal("m1", contact),
        )
        await self.record("routing", "m1", profile)
        await self.settle()

    async def settle(self) -> None:
        """Pump every worker until none has anything left to do."""
        busy = True
        while busy:
            busy = False
            for worker in self.service.all_workers:
                while await worker.step():
                    busy = True

    async def read(self) -> None:
        """Read what is new, without sending any mail."""
        [consumer] = self.service.consumers
        while await consumer.step():
            pass

    async def advance(self, by: timedelta) -> None:
        """Let time pass, stopping at every timer on the way."""
        target = self.time.now() + by
        await self.settle()
        while (stop := await self._next_due()) is not None and stop <= target:
            self.time.move_to(stop)
            await self.settle()
        self.time.move_to(target)
        await self.settle()

    async def _next_due(self) -> datetime | None:
        query = Statement(
            "SELECT min(due_at) AS next FROM timers WHERE due_at > :now",
            {"now": to_ms(self.time.now())},
        )
        found = (await self.service.log.fetch(query))[0]["next"]
        return None if found is None else from_ms(found)

    async def published(self) -> list[Event]:
        """What notify told the other services, in order."""
        records = await self.service.log.tail(0, 0, topic=FOLLOWUPS, limit=100_000)
        events = [decode(record) for record in records]
        await self.service.log.keys.open(events)
        return events

    async def outcomes(self) -> list[tuple[str, str, str]]:
        """Recipient, template and state of every notification, in order of queueing."""
        query = Statement(
            "SELECT recipient_role, template, state, channel FROM notifications "
            "ORDER BY (SELECT gpos FROM events WHERE version = 1 "
            "AND stream = 'notification-' || notification_id)"
        )
        return [
            (
                row["recipient_role"],
                row["template"].split("@")[0],
                f"{row['state']}/{row['channel']}",
            )
            for row in await self.service.log.fetch(query)
        ]

    def subjects(self) -> list[str]:
        """Recipient of every mail the server got, oldest first."""
        return [mail.recipient for mail in self.mailbox.mails]

    def client(
        self, role: str | None = None, subject: str = "x", **claims: Any
    ) -> httpx.AsyncClient:
        """An HTTP client, with a token if a role is given."""
        headers = {}
        if role is not None:
            principal = Principal(role=Role(role), subject=subject, **claims)
            headers["Authorization"] = f"Bearer {self.tokens.issue(principal)}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    def survey_path(self) -> str:
        """The path of the survey link in the latest mail that has one."""
        for mail in reversed(self.mailbox.mails):
            for word in mail.text.split():
                if word.startswith("http://test/v1/surveys/"):
                    return word.removeprefix("http://test")
        raise AssertionError("no mail with a survey link")


def complaint(now: datetime, cycle: int = 1, status: Status = Status.IN_PROGRESS) -> dict[str, Any]:
    """The fields every event of complaint c1 has."""
    return {
        "occurred_at": now,
        "complaint_id": "c1",
        "cycle": cycle,
        "status": status,
        "turn": Turn.SPECIALIST,
    }


def filed(
    now: datetime, *, contact: str | None = "u1@example.com", language: str = "zh-CN"
) -> ComplaintFiled:
    """Complaint c1 is filed."""
    return ComplaintFiled(
        **complaint(now, status=Status.SUBMITTED),
        channel=Channel.HOTLINE,
        priority=Priority.NORMAL,
        consumer_id="u1",
        merchant_id="m1",
        order_ids=("o1",),
        category=Category.QUALITY,
        description=Personal("u1", "broke on the first day"),
        demand=Demand(kind=DemandKind.REFUND, amount_minor=12900, currency="CNY"),
        language=language,
        contact=None if contact is None else Personal("u1", contact),
    )


def assigned(now: datetime, cycle: int = 1) -> c.ComplaintAssigned:
    """Complaint c1 goes to specialist s1 of team t1."""
    return c.ComplaintAssigned(
        **complaint(now, cycle), n=1, specialist_id="s1", team_id="t1", decision_id="d1"
    )


def resolved(now: datetime, cycle: int = 1) -> c.ComplaintResolved:
    """Complaint c1 is resolved."""
    return c.ComplaintResolved(**complaint(now, cycle, Status.RESOLVED), outcome="refunded")


def started(
    now: datetime,
    kind: ClockKind,
    party: Party,
    cause_id: str,
    due_in: timedelta | None = timedelta(hours=48),
) -> ClockStarted:
    """A clock of complaint c1 starts."""
    return ClockStarted(
        occurred_at=now,
        complaint_id="c1",
        cycle=1,
        clock_id=f"{kind}-1",
        kind=kind,
        n=1,
        party=party,
        responsible_id=None,
        policy_version="p@1",
        calendar_version=None,
        target="48h",
        started_at=now,
        due_at=None if due_in is None else now + due_in,
        due_reason=None if due_in is not None else "calendar_year_unknown",
        warn_at=(),
        warn_percents=(),
        cause_id=cause_id,
    )
