"""A dashboard's store in memory, and facts of several topics to tell it, in any order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.dashboard.figures import Figures, read_figures
from services.dashboard.main import NAME, handle
from services.dashboard.tables import TABLES
from shared.access import ComplaintAccess
from shared.codec import encode
from shared.codec import fact as decode_fact
from shared.eventlog.ports import Advance, Position, Statement, Store
from shared.eventlog.shards import shard_of
from shared.eventlog.sqlite import SqliteEventLog
from shared.events import Actor, Event, Personal, Recorded, clocks, complaints
from shared.events.registry import event_type
from shared.events.vocabulary import (
    Category,
    Channel,
    ClockKind,
    CorrectionReason,
    DemandKind,
    Party,
    Priority,
    Role,
    Status,
    Turn,
)
from shared.observability import Metrics
from shared.unit_of_work import UnitOfWork
from tests.support.time import START, CountingIds, VirtualTime


class Sources:
    """Makes facts as the other services would record them: gpos grows along each partition."""

    def __init__(self, shards: int = 1) -> None:
        self._shards = shards
        self._gpos = 0
        self._versions: dict[str, int] = {}
        self.records: list[Recorded] = []

    def __call__(self, event: Event, key: str = "c1", actor: Actor | None = None) -> Recorded:
        """Record an event; its stream is of its kind and key."""
        topic = event_type(event.TYPE).topic
        assert topic is not None
        stream = f"{topic}-{key}"
        self._gpos += 1
        self._versions[stream] = self._versions.get(stream, 0) + 1
        record = Recorded(
            id=f"e{self._gpos}",
            source=topic.split(".")[1],
            topic=topic,
            key=key,
            stream=stream,
            version=self._versions[stream],
            type=event.TYPE,
            shard=shard_of(key, self._shards),
            gpos=self._gpos,
            occurred_at=event.occurred_at,
            recorded_at=event.occurred_at,
            actor=actor or Actor(role=Role.SYSTEM, id="intake"),
            correlation_id=key,
            causation_id=None,
            traceparent=None,
            data=encode(event),
        )
        self.records.append(record)
        return record


class World:
    """A store that counts facts exactly as the dashboard's consumer does."""

    def __init__(self, log: Store, time: VirtualTime) -> None:
        self.log = log
        self.time = time

    async def count(self, *records: Recorded) -> None:
        """Count a batch: all of it in one commit, positions included."""
        work = UnitOfWork(self.log)
        for record in records:
            await handle(decode_fact(record), work)
        await work.commit()
        for record in records:
            await self._advance(record)

    async def _advance(self, record: Recorded) -> None:
        before = await self.log.position(NAME, record.topic or "", record.shard)
        if record.gpos > before.gpos:
            after: Position = replace(before, cursor=record.gpos, gpos=record.gpos)
            await UnitOfWork(self.log).commit(advance=Advance(before, after))

    async def figures(self) -> Figures:
        """The figures now."""
        return await read_figures(self.log, self.time.now())

    async def rows(self, query: str) -> list[dict[str, Any]]:
        """What a query finds."""
        return [dict(row) for row in await self.log.fetch(Statement(query))]


@asynccontextmanager
async def world(shards: int = 1) -> AsyncIterator[World]:
    """A new, empty store."""
    time = VirtualTime()
    log = await SqliteEventLog.open(
        None,
        source=NAME,
        clock=time,
        ids=CountingIds(),
        metrics=Metrics(),
        tables=[ComplaintAccess, *TABLES],
        shards=shards,
    )
    yield World(log, time)
    await log.close()


# -- events --------------------------------------------------------------------------------------


def after(hours: float) -> Any:
    """So many hours after the start."""
    return START + timedelta(hours=hours)


def filed(complaint: str = "c1", *, hours: float = 0, **changes: Any) -> complaints.ComplaintFiled:
    """A filing."""
    fields: dict[str, Any] = {
        "occurred_at": after(hours),
        "complaint_id": complaint,
        "cycle": 1,
        "status": Status.SUBMITTED,
        "turn": Turn.PLATFORM,
        "channel": Channel.HOTLINE,
        "priority": Priority.NORMAL,
        "consumer_id": "u1",
        "merchant_id": "m1",
        "order_ids": ("o1",),
        "category": Category.QUALITY,
        "description": Personal("u1", "The lamp broke at once."),
        "demand": complaints.Demand(kind=DemandKind.REFUND),
        "language": "en",
    }
    return complaints.ComplaintFiled(**fields | changes)


def moved(
    cls: Any, status: Status, turn: Turn, *, complaint: str = "c1", hours: float = 1, **fields: Any
) -> Any:
    """Any other event of a complaint."""
    cycle = fields.pop("cycle", 1)
    return cls(
        occurred_at=after(hours),
        complaint_id=complaint,
        cycle=cycle,
        status=status,
        turn=turn,
        **fields,
    )


def assigned(specialist: str = "s1", *, complaint: str = "c1", team: str | None = "t1") -> Any:
    """An assignment."""
    return moved(
        complaints.ComplaintAssigned,
        Status.ASSIGNED,
        Turn.SPECIALIST,
        complaint=complaint,
        n=1,
        specialist_id=specialist,
        team_id=team,
        decision_id="d1",
    )


class Clock:
    """The events of one clock."""

    def __init__(
        self,
        kind: ClockKind = ClockKind.FIRST_CONTACT,
        party: Party = Party.SPECIALIST,
        *,
        complaint: str = "c1",
        due: float = 24,
    ) -> None:
        self._due = due
        self._base: dict[str, Any] = {
            "complaint_id": complaint,
            "cycle": 1,
            "clock_id": f"{complaint}-{kind}-1",
            "kind": kind,
            "n": 1,
            "party": party,
        }

    def _event(self, cls: Any, hours: float, **fields: Any) -> Any:
        return cls(occurred_at=after(hours), **self._base, **fields)

    def started(self) -> Any:
        """It began at the start."""
        return self._event(
            clocks.ClockStarted,
            0,
            responsible_id="s1",
            policy_version="p1",
            calendar_version=None,
            target="24h",
            started_at=after(0),
            due_at=after(self._due),
            due_reason=None,
            warn_at=(),
            warn_percents=(),
            cause_id="e1",
        )

    def paused(self) -> Any:
        """It does not count for a while."""
        return self._event(
            clocks.ClockPaused, 2, at=after(2), turn=Turn.CONSUMER, counted_seconds=7200
        )

    def resumed(self, due: float) -> Any:
        """It counts again, to a later deadline."""
        return self._event(
            clocks.ClockResumed,
            3,
            at=after(3),
            turn=Turn.SPECIALIST,
            due_at=after(due),
            warn_at=(),
        )

    def warned(self, share: int) -> Any:
        """A share is gone."""
        return self._event(
            clocks.ClockWarned,
            4,
            share_percent=share,
            due_at=after(self._due),
            responsible_id="s1",
        )

    def breached(self) -> Any:
        """Its target was missed."""
        return self._event(
            clocks.ClockBreached, self._due, responsible_id="s1", due_at=after(self._due)
        )

    def stopped(self, hours: float, *, in_time: bool) -> Any:
        """What it waited for took place."""
        return self._event(
            clocks.ClockStopped,
            hours,
            stopped_at=after(hours),
            in_time=in_time,
            counted_seconds=int(hours * 3600),
        )

    def cancelled(self) -> Any:
        """It is no longer owed."""
        return self._event(clocks.ClockCancelled, 5, reason="withdrawn")

    def corrected(self, due: float, *, withdrawn: bool) -> Any:
        """Its arithmetic was put right."""
        return self._event(
            clocks.ClockCorrected,
            30,
            cause_id="e1",
            reason=CorrectionReason.LATE_FACT,
            target="24h",
            due_at=after(due),
            warn_at=(),
            breach_withdrawn=withdrawn,
        )


async def told(where: World, *events: Any) -> Figures:
    """The figures once these events have been counted."""
    record = Sources()
    await where.count(*(record(event) for event in events))
    return await where.figures()
