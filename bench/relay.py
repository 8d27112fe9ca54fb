"""The relay, against a raw idempotent producer of the same records, alternating in one run."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg
from aiokafka import AIOKafkaProducer

from bench.ground import ground
from bench.report import Figure, median
from shared.clock import ProcessClock, WallClock
from shared.eventlog.ports import Append, Commit
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.postgres_schema import create_schema
from shared.events.envelope import Actor, Recorded
from shared.events.profiles import SpecialistPresenceChanged
from shared.events.registry import SPECIALISTS
from shared.events.vocabulary import Role
from shared.ids import TimeOrderedIds
from shared.kafka.progress import PROGRESS
from shared.kafka.records import to_kafka
from shared.kafka.relay import Relay
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics

_ROUNDS: Final = 5
_EVENTS: Final = 20_000
_PER_COMMIT: Final = 10
_SHARDS: Final = 12
_RAW: Final = "bench.raw"


async def measure(environment: Mapping[str, str]) -> list[Figure]:
    """Events per second, as a ratio."""
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    await create_schema(connection, "routing", (), _SHARDS)
    await connection.close()
    clock, metrics = WallClock(), Metrics()
    log = await PostgresEventLog.open(
        environment["DATABASE_URL"],
        source="routing",
        clock=clock,
        ids=TimeOrderedIds(),
        metrics=metrics,
    )
    servers = environment["KAFKA_BOOTSTRAP_SERVERS"]
    relay = Relay(
        log,
        [SPECIALISTS],
        settings=KafkaSettings(bootstrap_servers=servers),
        clock=clock,
        monotonic=ProcessClock(),
        metrics=metrics,
    )
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    await producer.start()
    ours, raw = [], []
    for round_number in range(_ROUNDS + 1):
        records = await _recorded(log, round_number)
        relayed, produced = await _relayed(relay), await _produced(producer, records)
        if round_number:
            ours.append(relayed)
            raw.append(produced)
    await producer.stop()
    await relay.close()
    await log.close()
    note = f"relay {median(ours):,.0f}/s, raw producer {median(raw):,.0f}/s, from PostgreSQL"
    ratios = [a / b for a, b in zip(ours, raw, strict=True)]
    return [
        Figure(
            what="relay, of a raw idempotent producer of the same records",
            value=median(ratios), unit="×", sense="at least", reach=0.5, note=note,
        )
    ]  # fmt: skip


async def _recorded(log: PostgresEventLog, round_number: int) -> list[Recorded]:
    now = WallClock().now()
    commits = []
    for number in range(_EVENTS // _PER_COMMIT):
        name = f"s{round_number}-{number}"
        event = SpecialistPresenceChanged(
            occurred_at=now, specialist_id=name, online=True, since=now
        )
        append = Append(
            stream=f"specialist-{name}",
            expected_version=0,
            key=name,
            events=(event,) * _PER_COMMIT,
            actor=Actor(role=Role.SYSTEM, id="bench"),
            correlation_id=name,
        )
        commits.append(log.commit(Commit(appends=(append,))))
    return [record for records in await asyncio.gather(*commits) for record in records]


async def _relayed(relay: Relay) -> float:
    clock = ProcessClock()
    begun = clock.seconds()
    while await relay.step():
        pass
    return _EVENTS / (clock.seconds() - begun)


async def _produced(producer: AIOKafkaProducer, records: Sequence[Recorded]) -> float:
    """As fast as the client goes: every record is sent, then every acknowledgement awaited."""
    clock = ProcessClock()
    begun = clock.seconds()
    sent = [to_kafka(record) for record in records]
    waiting = [
        await producer.send(
            _RAW, value=one.value, key=one.key, headers=one.headers, partition=record.shard
        )
        for one, record in zip(sent, records, strict=True)
    ]
    await asyncio.gather(*waiting)
    return _EVENTS / (clock.seconds() - begun)


def run() -> list[Figure]:
    """Measure."""
    with ground(SPECIALISTS, _RAW, PROGRESS) as environment:
        return asyncio.run(measure(environment))
