"""How soon a platform with 100,000 events in intake's log is ready after a start."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import httpx
from rich.progress import Progress

from bench.filing import BODY
from bench.load import post, requests_per_second, spawn
from bench.report import Figure, median
from bench.running import running
from shared.clock import ProcessClock

_PORT: Final = 8621
_EVENTS: Final = 100_000
_PORTION: Final = 1_000
_STARTS: Final = 3


async def fill(folder: Path) -> int:
    """File complaints until intake's log is long enough, and let every service follow."""
    async with running(folder, _PORT) as system:
        await system.specialists(20)
        headers = system.headers("specialist", "s1")
        log = system.log("intake")
        with Progress(transient=True) as progress:
            task = progress.add_task("filling the log", total=_EVENTS)
            filed = 0
            while max(await log.heads()) < _EVENTS:
                base = filed
                await requests_per_second(
                    _PORT,
                    lambda number, base=base: post(  # type: ignore[misc]
                        "/v1/complaints",
                        BODY,
                        {**headers, "Idempotency-Key": f"r{base + number}"},
                    ),
                    count=_PORTION,
                    connections=16,
                )
                filed += _PORTION
                await system.quiet()
                progress.update(task, completed=max(await log.heads()))
        return max(await log.heads())


async def start(folder: Path) -> float:
    """Seconds from starting the process to ready: caught up, taking requests."""
    clock = ProcessClock()
    begun = clock.seconds()
    process = spawn("platform", _PORT, folder)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{_PORT}") as http:
            while not await _ready(http):
                await clock.sleep(0.02)
        return clock.seconds() - begun
    finally:
        process.terminate()
        process.wait(60)


async def _ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).is_success
    except httpx.HTTPError:
        return False


async def measure() -> list[Figure]:
    """Time to ready, over several starts."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        events = await fill(Path(name))
        seconds = [await start(Path(name)) for _ in range(_STARTS)]
    return [
        Figure(
            what="restart until ready",
            value=median(seconds), unit="s", sense="at most", reach=5.0,
            note=f"{events:,} events in intake's log, process start included",
        )
    ]  # fmt: skip


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(measure())
