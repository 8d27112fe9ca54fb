"""Filing on PostgreSQL, against a plain service on it, and one that only tells Kafka.

Three servers, one process each, 64 connections, the same bodies, alternating rounds in one run:
intake with tokens and idempotency keys on its PostgreSQL log; FastAPI + SQLModel with a session per
request on the same server; FastAPI + aiokafka `send_and_wait`, acknowledged by a broker that does
not fsync.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import asyncpg

from bench.filing import BODY
from bench.ground import ground
from bench.load import bearer, post, requests_per_second, server
from bench.report import Figure, median
from services.intake.views import TABLES
from shared.eventlog.postgres_schema import create_schema
from shared.events.vocabulary import Role

_CONNECTIONS: Final = 64
_ROUNDS: Final = 5
_COUNTS: Final = {"intake-postgres": 8_000, "sqlmodel-postgres": 3_000, "kafka-producer": 12_000}
_PORTS: Final = {"intake-postgres": 8611, "sqlmodel-postgres": 8612, "kafka-producer": 8613}


async def measure(environment: Mapping[str, str]) -> list[Figure]:
    """Filings per second, as ratios."""
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    await create_schema(connection, "intake", TABLES, 12)
    await connection.close()
    rates: dict[str, list[float]] = {kind: [] for kind in _COUNTS}
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        token = bearer(folder / "intake-postgres", Role.SPECIALIST, "s1")
        async with AsyncExitStack() as stack:
            for kind, port in _PORTS.items():
                await stack.enter_async_context(server(kind, port, folder / kind, environment))
            for round_number in range(_ROUNDS + 1):
                for kind, port in _PORTS.items():
                    rate = await _round(kind, port, token, round_number)
                    if round_number:
                        rates[kind].append(rate)
    return _figures(rates)


async def _round(kind: str, port: int, token: str, round_number: int) -> float:
    def request(number: int) -> bytes:
        headers = {"Authorization": token, "Idempotency-Key": f"{round_number}-{number}"}
        return post("/v1/complaints", BODY, headers)

    return await requests_per_second(port, request, count=_COUNTS[kind], connections=_CONNECTIONS)


def _figures(rates: dict[str, list[float]]) -> list[Figure]:
    pairs = list(zip(*rates.values(), strict=True))
    note = ", ".join(f"{kind} {median(found):,.0f}/s" for kind, found in rates.items())
    return [
        Figure(
            what="filing on PostgreSQL, of FastAPI + SQLModel session per request",
            value=median([ours / plain for ours, plain, _ in pairs]),
            unit="×", sense="at least", reach=3.5, note=note,
        ),
        Figure(
            what="filing on PostgreSQL, of FastAPI + aiokafka send_and_wait",
            value=median([ours / sent for ours, _, sent in pairs]),
            unit="×", sense="at least", reach=0.6,
        ),
    ]  # fmt: skip


def run() -> list[Figure]:
    """Measure."""
    with ground("bench.complaints") as environment:
        return asyncio.run(measure(environment))
