"""Commands that wait together share one transaction: the same for every adapter (ADR 0002)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from shared.eventlog.ports import Commit, StorageUnavailable
from shared.events.envelope import Recorded
from shared.observability import Metrics

_BATCH: Final = 256

Outcome = list[Recorded] | Exception
"""What became of one commit of a batch: its records, or what stood against it."""

Write = Callable[[Sequence[Commit]], Awaitable[list[Outcome]]]
"""Records a batch durably; one outcome for each commit of it. It never raises."""


class GroupCommit:
    """The queue in front of a store's one writer. Make it on the event loop it belongs to.

    `committed` is told the outcomes of each batch, after those who waited for them were answered.
    """

    def __init__(
        self,
        source: str,
        metrics: Metrics,
        write: Write,
        committed: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._source = source
        self._metrics = metrics
        self._write = write
        self._committed = committed
        self._waiting: list[tuple[Commit, asyncio.Future[list[Recorded]]]] = []
        self._news = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name=f"{source}-writer")

    async def commit(self, commit: Commit) -> list[Recorded]:
        """See `EventLog.commit`."""
        if self._closing:
            raise StorageUnavailable("the store is closing")
        answer: asyncio.Future[list[Recorded]] = asyncio.get_running_loop().create_future()
        self._waiting.append((commit, answer))
        self._news.set()
        return await answer

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
                continue
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            with self._metrics.commit_seconds.labels(self._source).time():
                outcomes = await self._write([commit for commit, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                _give(answer, outcome)
            self._show_trouble(outcomes)
            count = sum(len(outcome) for outcome in outcomes if isinstance(outcome, list))
            self._metrics.appended.labels(self._source).inc(count)
            self._committed(outcomes)

    def _show_trouble(self, outcomes: Sequence[Outcome]) -> None:
        failed = any(isinstance(outcome, StorageUnavailable) for outcome in outcomes)
        self._metrics.storage_unavailable.labels(self._source, "commit").set(failed)

    async def close(self) -> None:
        """Take nothing more, finish what waits."""
        self._closing = True
        self._news.set()
        await self._task


def _give(answer: "asyncio.Future[list[Recorded]]", outcome: Outcome) -> None:
    if answer.done():
        return  # whoever asked has given up
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
