"""From a hotline filing to the recorded decision who gets it, on an idle system."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from bench.filing import BODY
from bench.load import post
from bench.report import Figure, percentile
from bench.running import Running, running
from shared.clock import ProcessClock

_PORT: Final = 8611
_FILINGS: Final = 400
_PAUSE_SECONDS: Final = 0.03


async def _one(system: Running, request: bytes) -> float:
    """Milliseconds from sending a filing to the decision being in routing's log."""
    log, clock = system.log("routing"), ProcessClock()
    signal = log.watch()
    before = max(await log.heads())
    reader, writer = await asyncio.open_connection("127.0.0.1", _PORT)
    begun = clock.seconds()
    writer.write(request)
    while True:
        await signal.wait(5)
        types = [record.type for record in await log.tail(0, before)]
        if "amends.assignment.decided.v1" in types:
            break
    took = (clock.seconds() - begun) * 1000
    writer.close()
    await writer.wait_closed()
    reader.feed_eof()
    return took


async def measure() -> list[Figure]:
    """The distribution over many filings, one at a time."""
    clock = ProcessClock()
    with tempfile.TemporaryDirectory(dir=".") as name:
        async with running(Path(name), _PORT) as system:
            await system.specialists(20)
            headers = system.headers("specialist", "s1")
            took = []
            for number in range(_FILINGS + 20):
                await system.quiet() if number == 0 else await clock.sleep(_PAUSE_SECONDS)
                body = {**BODY, "consumer_id": f"u{number}"}
                request = post("/v1/complaints", body, {**headers, "Idempotency-Key": f"l{number}"})
                took.append(await _one(system, request))
    steady = took[20:]
    note = f"p50 {percentile(steady, 0.5):.1f} ms, 20 specialists, {len(steady)} filings"
    return [
        Figure(
            what="hotline filing to assignment.decided, p99",
            value=percentile(steady, 0.99), unit="ms", sense="at most", reach=50.0, note=note,
        )
    ]  # fmt: skip


def run() -> list[Figure]:
    """Measure."""
    return asyncio.run(measure())
