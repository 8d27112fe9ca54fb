"""The event log against the bare database: what its guarantees cost.

Append: one commit of many events against `executemany` of the same rows into the same table, both
durable (`synchronous=FULL`). Read: decoding and folding streams against decoding alone.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.report import Figure, median
from services.intake.domain.decide import complaint_decider
from services.intake.domain.policy import Policy
from shared.clock import ProcessClock, WallClock
from shared.codec import decode
from shared.eventlog.ports import Append, Commit
from shared.eventlog.sqlite import SqliteEventLog
from shared.eventlog.sqlite_schema import connect, prepare
from shared.eventlog.sqlite_writer import INSERT_EVENT
from shared.events.complaints import ComplaintAccepted, ComplaintFiled, Demand, MessagePosted
from shared.events.envelope import Actor, Event, Recorded
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Audience,
    Category,
    Channel,
    DemandKind,
    Priority,
    Role,
    Status,
    Turn,
)
from shared.ids import TimeOrderedIds
from shared.observability import Metrics

_STREAMS: Final = 400
_PER_STREAM: Final = 25
_ROUNDS: Final = 7
_ACTOR: Final = Actor(role=Role.SPECIALIST, id="s1")


def example_stream(complaint_id: str) -> list[Event]:
    """A complaint with some talk, as long as an ordinary one."""
    now = WallClock().now()
    place = {"occurred_at": now, "complaint_id": complaint_id, "cycle": 1}
    filed = ComplaintFiled(
        **place,  # type: ignore[arg-type]
        status=Status.SUBMITTED,
        turn=Turn.PLATFORM,
        channel=Channel.HOTLINE,
        priority=Priority.NORMAL,
        consumer_id="u1",
        merchant_id="m1",
        order_ids=("o1",),
        category=Category.QUALITY,
        description=Personal("u1", "The kettle leaked on the first day and nobody answers. " * 4),
        demand=Demand(kind=DemandKind.REFUND, amount_minor=12900, currency="CNY"),
        language="en",
    )
    after: dict[str, Any] = {**place, "status": Status.ACCEPTED, "turn": Turn.PLATFORM}
    messages = [
        MessagePosted(
            **after,
            from_role=Role.SPECIALIST,
            visible_to=(Audience.CONSUMER, Audience.STAFF),
            text=Personal("u1", "We have asked the merchant and will call you tomorrow."),
        )
        for _ in range(_PER_STREAM - 2)
    ]
    return [filed, ComplaintAccepted(**after, rule="hotline"), *messages]


def _appends(round_number: int) -> tuple[Append, ...]:
    return tuple(
        Append(
            stream=f"complaint-{round_number}-{number}",
            expected_version=0,
            key=f"{round_number}-{number}",
            events=tuple(example_stream(f"{round_number}-{number}")),
            actor=_ACTOR,
            correlation_id="bench",
        )
        for number in range(_STREAMS)
    )


async def _open(path: Path) -> SqliteEventLog:
    return await SqliteEventLog.open(
        path, source="intake", clock=WallClock(), ids=TimeOrderedIds(), metrics=Metrics()
    )


def _raw_rows(records: list[Recorded], base: int) -> list[tuple[Any, ...]]:
    return [
        (
            base + index, r.id, r.topic, r.key, r.stream, r.version, r.type, r.shard,
            1, 1, b"{}", r.correlation_id, r.causation_id, r.traceparent, r.data,
        )
        for index, r in enumerate(records, 1)
    ]  # fmt: skip


async def measure() -> list[Figure]:
    """Append and read figures."""
    clock = ProcessClock()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        log = await _open(Path(folder) / "log.sqlite3")
        raw = connect(Path(folder) / "raw.sqlite3")
        prepare(raw, (), 1)
        append_ratios, rates = [], []
        records: list[Recorded] = []
        for number in range(_ROUNDS):
            appends = _appends(number)
            begun = clock.seconds()
            records = await log.commit(Commit(appends=appends))
            batched = clock.seconds() - begun
            rows = _raw_rows(records, number * len(records))
            begun = clock.seconds()
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(INSERT_EVENT, rows)
            raw.execute("COMMIT")
            bare = clock.seconds() - begun
            append_ratios.append(bare / batched)
            rates.append(len(records) / batched)
        read_ratios, folded = await _read_ratios(log, clock)
        raw.close()
        await log.close()
    return [
        Figure(
            what="event log: batched append, of raw executemany",
            value=median(append_ratios), unit="×", sense="at least", reach=0.5,
            note=f"{median(rates):,.0f} events/s, {_ROUNDS} rounds of {_STREAMS * _PER_STREAM:,}",
        ),
        Figure(
            what="event log: read + decode + evolve, of read + decode",
            value=median(read_ratios), unit="×", sense="at least", reach=0.3,
            note=f"{median(folded):,.0f} events/s folded",
        ),
    ]  # fmt: skip


async def _read_ratios(log: SqliteEventLog, clock: ProcessClock) -> tuple[list[float], list[float]]:
    decider = complaint_decider(Policy())
    ratios, rates = [], []
    for number in range(_ROUNDS):
        streams = [f"complaint-{number}-{stream}" for stream in range(_STREAMS)]
        begun = clock.seconds()
        count = 0
        for stream in streams:
            count += len([decode(record) for record in await log.read(stream)])
        plain = clock.seconds() - begun
        begun = clock.seconds()
        for stream in streams:
            decider.fold(decode(record) for record in await log.read(stream))
        folded = clock.seconds() - begun
        ratios.append(plain / folded)
        rates.append(count / folded)
    return ratios, rates


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(measure())
