"""Lists at a million complaints: every role, with filters, as a desk or a page would ask.

Each question is asked many times of the service over HTTP, in process, by one reader after another;
cursors are followed for a page. Both stores hold the same complaints (`bench.million`).
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

import httpx
from rich.progress import track

from amends.migrations.schemas import Wanted, migrate
from amends.platform import application
from bench.complaint_texts import APART_ZH, FREQUENT_EN, FREQUENT_ZH, OWN_ZH, RARE_EN, RARE_ZH
from bench.event_log import example_stream
from bench.million import TEMPLATE, fill_postgres, sqlite_store
from bench.report import Figure, percentile
from deploy.local.postgres import LocalPostgres
from services.intake.domain.bad_faith import RiskPolicy
from services.intake.domain.texts import sketch
from services.intake.main import build
from services.intake.settings import IntakeSettings
from services.intake.text_views import earlier_and_alike
from services.intake.views import same_matter
from shared.auth import EmbeddedTokens, Principal
from shared.clock import ProcessClock, RatedClock, WallClock
from shared.eventlog.ports import Projection, Store
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.sqlite import SqliteEventLog
from shared.events.complaints import ComplaintFiled
from shared.events.vocabulary import Role
from shared.feed.ports import Feed
from shared.ids import TimeOrderedIds
from shared.observability import Metrics
from shared.service import Edges, MailTransport, Service

_REACH_MS: Final = 50.0
_DUPLICATES_MS: Final = 20.0
_SIGNS_MS: Final = 3.0
_TIMES: Final = 200

Question = tuple[str, tuple[str, str], Mapping[str, Any]]
QUESTIONS: Final[tuple[Question, ...]] = (
    ("ops, everything", ("ops", "o1"), {}),
    ("ops, one status", ("ops", "o1"), {"status": "in_progress"}),
    ("ops, a rare status", ("ops", "o1"), {"status": "external"}),
    ("ops, open and critical", ("ops", "o1"), {"open": True, "band": "critical"}),
    ("ops, closed media on privacy", ("ops", "o1"), {"channel": "media", "category": "privacy"}),
    ("ops, filters that never meet", ("ops", "o1"), {"turn": "nobody", "status": "in_progress"}),
    ("ops, none at all", ("ops", "o1"), {"status": "rejected", "category": "quality"}),
    (
        "ops, filed in a week",
        ("ops", "o1"),
        {"filed_from": "2025-06-01T00:00:00Z", "filed_before": "2025-06-08T00:00:00Z"},
    ),
    ("ops, old and open", ("ops", "o1"), {"open": True, "filed_before": "2026-01-01T00:00:00Z"}),
    ("ops, one merchant's critical", ("ops", "o1"), {"merchant_id": "m-big", "band": "critical"}),
    ("ops, an order", ("ops", "o1"), {"order_id": "o77777"}),
    (
        "ops, a consumer at a merchant",
        ("ops", "o1"),
        {"consumer_id": "u-often", "merchant_id": "m-big"},
    ),
    ("supervisor, everything", ("supervisor", "v1"), {}),
    ("supervisor, to approve", ("supervisor", "v1"), {"status": "solution_drafted"}),
    (
        "supervisor, a team's overdue",
        ("supervisor", "v1"),
        {"turn": "specialist", "band": "complex"},
    ),
    ("supervisor, a merchant", ("supervisor", "v1"), {"merchant_id": "m-big"}),
    ("specialist, my turn", ("specialist", "s7"), {"turn": "specialist"}),
    ("specialist, closed", ("specialist", "s7"), {"status": "closed"}),
    ("big merchant, everything", ("merchant", "m-big"), {}),
    ("big merchant, my turn", ("merchant", "m-big"), {"turn": "merchant"}),
    ("big merchant, rare", ("merchant", "m-big"), {"category": "other", "band": "critical"}),
    ("big merchant, none", ("merchant", "m-big"), {"status": "rejected"}),
    ("small merchant", ("merchant", "m17"), {"status": "closed"}),
    ("consumer with 2,000", ("consumer", "u-often"), {}),
    ("consumer with 2,000, open", ("consumer", "u-often"), {"open": True}),
    ("consumer", ("consumer", "u12345"), {}),
    ("text, in half of all", ("ops", "o1"), {"q": FREQUENT_ZH}),
    ("text, in three", ("ops", "o1"), {"q": RARE_ZH}),
    ("text, two that hardly meet", ("ops", "o1"), {"q": " ".join(APART_ZH)}),
    ("text, two that never meet", ("ops", "o1"), {"q": f"{FREQUENT_ZH} {FREQUENT_EN}"}),
    ("text, English, frequent", ("ops", "o1"), {"q": FREQUENT_EN}),
    ("text, English, in three", ("ops", "o1"), {"q": RARE_EN}),
    ("text, a phrase", ("ops", "o1"), {"q": '"it arrived broken" refund'}),
    ("text, a sentence", ("ops", "o1"), {"q": "等了半个月还没收到"}),
    ("text, nowhere", ("ops", "o1"), {"q": "没有这样的词"}),
    ("text, an order", ("ops", "o1"), {"q": "o123456"}),
    ("text, a word of some hundreds", ("ops", "o1"), {"q": OWN_ZH}),
    ("text, frequent, open and critical", ("ops", "o1"),
     {"q": FREQUENT_ZH, "open": True, "band": "critical"}),
    ("text, frequent, a rare status", ("ops", "o1"), {"q": FREQUENT_ZH, "status": "external"}),
    ("text, some hundreds, filters that never meet", ("ops", "o1"),
     {"q": OWN_ZH, "turn": "nobody", "status": "in_progress"}),
    ("text, old", ("ops", "o1"), {"q": FREQUENT_EN, "filed_before": "2025-03-01T00:00:00Z"}),
    ("text, supervisor", ("supervisor", "v1"), {"q": FREQUENT_ZH}),
    ("text, supervisor, some hundreds", ("supervisor", "v1"), {"q": OWN_ZH}),
    ("text, specialist", ("specialist", "s7"), {"q": "电池", "turn": "specialist"}),
    ("text, big merchant", ("merchant", "m-big"), {"q": FREQUENT_EN, "category": "other"}),
    ("text, big merchant, two that hardly meet", ("merchant", "m-big"),
     {"q": " ".join(APART_ZH)}),
    ("text, small merchant", ("merchant", "m17"), {"q": FREQUENT_ZH}),
    ("text, consumer with 2,000", ("consumer", "u-often"), {"q": RARE_EN}),
)  # fmt: skip


def run() -> list[Figure]:
    """The slowest of all questions on each store, and looking for duplicates."""
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    figures = []
    async with _on_sqlite() as client:
        figures += await _measured("SQLite", client)
    async with _on_postgres() as client:
        figures += await _measured("PostgreSQL", client)
    return figures


async def _measured(store: str, client: "Client") -> list[Figure]:
    took: dict[str, list[float]] = {}
    for name, who, asked in track(QUESTIONS, store, transient=True):
        took[name] = [await client.ask(who, asked) for _ in range(_TIMES)]
    searches = {name: times for name, times in took.items() if name.startswith("text, ")}
    lists = {name: times for name, times in took.items() if name not in searches}
    return [
        _slowest(f"reads: p99 of the slowest list, {store}", lists),
        _slowest(f"reads: p99 of the slowest search in texts, {store}", searches),
        Figure(
            what=f"duplicates: p99, {store}",
            value=await client.duplicates(),
            unit="ms",
            sense="at most",
            reach=_DUPLICATES_MS,
            note="same consumer, merchant and order",
        ),
        Figure(
            what=f"signs of bad faith: p99, {store}",
            value=await client.signs(),
            unit="ms",
            sense="at most",
            reach=_SIGNS_MS,
            note="a consumer with 2,000 complaints, the text of 100,000",
        ),
    ]


def _slowest(what: str, took: Mapping[str, list[float]]) -> Figure:
    name, times = max(took.items(), key=lambda one: percentile(one[1], 0.99))
    together = [one for each in took.values() for one in each]
    return Figure(
        what=what,
        value=percentile(times, 0.99),
        unit="ms",
        sense="at most",
        reach=_REACH_MS,
        note=f"{name}; all {len(took)}: p99 {percentile(together, 0.99):.1f}, "
        f"p50 {percentile(together, 0.5):.1f}",
    )


class Client:
    """Asks intake's HTTP interface as somebody, and times the answer in milliseconds."""

    def __init__(self, service: Service, edges: Edges) -> None:
        tokens = EmbeddedTokens(b"s" * 32, edges.real)
        app = application((service,), edges, tokens, run_workers=False)
        self._tokens = tokens
        self._log = service.log
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://b")

    async def ask(self, who: tuple[str, str], asked: Mapping[str, Any]) -> float:
        """The slower of a first page and, if there is one, the page after it."""
        role, subject = who
        principal = Principal(role=Role(role), subject=subject, team_id="t3", merchant_id=subject)
        token = self._tokens.issue(principal, lifetime=timedelta(days=1))
        headers, first = {"Authorization": f"Bearer {token}"}, dict(asked)
        took, cursor = await self._timed(headers, first)
        if cursor is not None:
            took = max(took, (await self._timed(headers, {**first, "cursor": cursor}))[0])
        return took

    async def _timed(
        self, headers: Mapping[str, str], asked: Mapping[str, Any]
    ) -> tuple[float, str | None]:
        began = time.perf_counter()
        answer = await self._http.get("/v1/complaints", params=asked, headers=headers)
        took = (time.perf_counter() - began) * 1000
        answer.raise_for_status()
        return took, answer.json()["next"]

    async def duplicates(self) -> float:
        """p99 of finding the complaints with an order in common, of a consumer with many."""
        filed = example_stream("none")[0]
        assert isinstance(filed, ComplaintFiled)  # noqa: S101 - a stream begins with its filing
        times = []
        for number in range(200):
            asked = replace(filed, consumer_id="u-often", merchant_id="m-big")
            asked = replace(asked, order_ids=tuple(f"o{(number + n) * 250}" for n in range(3)))
            began = time.perf_counter()
            await same_matter(self._log, asked, limit=50)
            times.append((time.perf_counter() - began) * 1000)
        return percentile(times, 0.99)

    async def signs(self) -> float:
        """p99 of counting what a consumer filed and finding who else said the same."""
        times = []
        for _ in range(_TIMES):
            began = time.perf_counter()
            await earlier_and_alike(
                self._log,
                consumer_id="u-often",
                since_ms=0,
                own=RiskPolicy().serial_claims,
                sketch=sketch(TEMPLATE),
                alike=40,
            )
            times.append((time.perf_counter() - began) * 1000)
        return percentile(times, 0.99)


def _edges(open_log: Any) -> Edges:
    real = WallClock()
    return Edges(
        business=RatedClock(real, rate=1, business_anchor=real.now(), real_anchor=real.now()),
        real=real,
        monotonic=ProcessClock(),
        ids=TimeOrderedIds(),
        open_log=open_log,
        open_feed=lambda *_: cast("Feed", None),  # nothing is fed here: lists are only read
        metrics=Metrics(),
        mail=cast("MailTransport", None),
        base_url="http://b",
        secret=b"s" * 32,
    )


@asynccontextmanager
async def _on_sqlite() -> AsyncIterator[Client]:
    folder = await sqlite_store()

    async def open_log(service: str, projection: Projection, tables: Any) -> Store:
        return await SqliteEventLog.open(
            folder / f"{service}.sqlite3",
            source=service,
            clock=WallClock(),
            ids=TimeOrderedIds(),
            metrics=Metrics(),
            projection=projection,
            tables=tables,
        )

    async with _client(open_log) as client:
        yield client


@asynccontextmanager
async def _on_postgres() -> AsyncIterator[Client]:
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as name:
        server = _server(Path(name))
        try:
            await migrate(server.url, Wanted(schemas={"intake"}), lambda _: None)
            await fill_postgres(server.url)

            async def open_log(service: str, projection: Projection, _: Any) -> Store:
                return await PostgresEventLog.open(
                    server.url,
                    source=service,
                    clock=WallClock(),
                    ids=TimeOrderedIds(),
                    metrics=Metrics(),
                    projection=projection,
                )

            async with _client(open_log) as client:
                yield client
        finally:
            server.stop()


def _server(folder: Path) -> LocalPostgres:
    folder.chmod(0o755)
    return LocalPostgres(folder / "postgres").start()


@asynccontextmanager
async def _client(open_log: Any) -> AsyncIterator[Client]:
    edges = _edges(open_log)
    service = await build(IntakeSettings(), edges)
    try:
        yield Client(service, edges)
    finally:
        await service.log.close()
