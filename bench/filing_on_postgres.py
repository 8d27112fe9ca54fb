"""Filing on PostgreSQL, against a plain service on it, and one that only tells Kafka.

Three servers, one process each, 64 connections, the same bodies, alternating rounds in one run:
intake with tokens and idempotency keys on its PostgreSQL log; FastAPI + SQLModel with a session per
request on the same server; FastAPI + aiokafka `send_and_wait`, acknowledged by a broker that does
not fsync.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import asyncpg

from bench.filing import note, rates
from bench.ground import ground
from bench.report import Figure, median
from services.intake.views import TABLES
from shared.eventlog.postgres_schema import create_schema

_COUNTS: Final = {"intake-postgres": 8_000, "sqlmodel-postgres": 3_000, "kafka-producer": 12_000}
_PORTS: Final = {"intake-postgres": 8611, "sqlmodel-postgres": 8612, "kafka-producer": 8613}


async def measure(environment: Mapping[str, str]) -> list[Figure]:
    """Filings per second, as ratios."""
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    await create_schema(connection, "intake", TABLES, 12)
    await connection.close()
    found = await rates(_COUNTS, _PORTS, environment)
    rounds = list(zip(*found.values(), strict=True))
    return [
        Figure(
            what="filing on PostgreSQL, of FastAPI + SQLModel session per request",
            value=median([ours / plain for ours, plain, _ in rounds]),
            unit="×", sense="at least", reach=3.5, note=note(found),
        ),
        Figure(
            what="filing on PostgreSQL, of FastAPI + aiokafka send_and_wait",
            value=median([ours / sent for ours, _, sent in rounds]),
            unit="×", sense="at least", reach=0.6,
        ),
    ]  # fmt: skip


def run() -> list[Figure]:
    """Measure."""
    with ground("bench.complaints") as environment:
        return asyncio.run(measure(environment))
