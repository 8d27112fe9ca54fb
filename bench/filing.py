"""Filing a complaint: POST → durable event → 201, against what a plain service would do.

Three servers, one process each, 64 connections, the same bodies, alternating rounds in one run:
intake with tokens and idempotency keys on; FastAPI + SQLModel with a session per request on SQLite,
as durable as intake but with neither; and a FastAPI endpoint that reads the body and does nothing.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from bench.complaint_texts import own_words
from bench.load import bearer, post, requests_per_second, server
from bench.report import Figure, median
from shared.events.vocabulary import Role

_CONNECTIONS: Final = 64
_ROUNDS: Final = 5
_COUNTS: Final = {"intake": 12_000, "sqlmodel": 3_000, "noop": 20_000}
_PORTS: Final = {"intake": 8601, "sqlmodel": 8602, "noop": 8603}

BODY: Final[dict[str, Any]] = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "The shoes are not what the shop said they were, and it does not answer.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "zh-CN",
}


async def rates(
    counts: Mapping[str, int],
    ports: Mapping[str, int],
    environment: Mapping[str, str] | None = None,
) -> dict[str, list[float]]:
    """Filings per second of each kind of server, in rounds that alternate; the first kind is ours.

    `counts` says how many filings a round has; a first round is for warming up.
    """
    found: dict[str, list[float]] = {kind: [] for kind in counts}
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        token = bearer(folder / next(iter(counts)), Role.SPECIALIST, "s1")
        async with AsyncExitStack() as stack:
            for kind, port in ports.items():
                await stack.enter_async_context(server(kind, port, folder / kind, environment))
            for round_number in range(_ROUNDS + 1):
                for kind, port in ports.items():
                    rate = await _round(port, counts[kind], token, round_number)
                    if round_number:
                        found[kind].append(rate)
    return found


async def _round(port: int, count: int, token: str, round_number: int) -> float:
    def request(number: int) -> bytes:
        headers = {"Authorization": token, "Idempotency-Key": f"{round_number}-{number}"}
        # Everybody for themselves and in their own words: who files thousands, or what thousands
        # say alike, is flagged, which is another event.
        own = {
            "consumer_id": f"u{round_number}-{number}",
            "description": own_words(number + round_number * 1_000_000),
        }
        body = {**BODY, **own}
        return post("/v1/complaints", body, headers)

    return await requests_per_second(port, request, count=count, connections=_CONNECTIONS)


def note(found: Mapping[str, list[float]]) -> str:
    """The middle rate of each kind."""
    return ", ".join(f"{kind} {median(rounds):,.0f}/s" for kind, rounds in found.items())


def _figures(found: Mapping[str, list[float]]) -> list[Figure]:
    rounds = list(zip(found["intake"], found["sqlmodel"], found["noop"], strict=True))
    return [
        Figure(
            what="filing, of FastAPI + SQLModel session per request",
            value=median([ours / plain for ours, plain, _ in rounds]),
            unit="×", sense="at least", reach=4.0, note=note(found),
        ),
        Figure(
            what="filing, of a FastAPI endpoint that does nothing",
            value=median([ours / nothing for ours, _, nothing in rounds]),
            unit="×", sense="reported", note="0.4 expected",
        ),
    ]  # fmt: skip


def run() -> list[Figure]:
    """Measure."""
    return _figures(asyncio.run(rates(_COUNTS, _PORTS)))
