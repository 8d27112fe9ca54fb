"""Wakes every live stream when the dashboard's own store has changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from shared.clock import MonotonicClock


class NewsBoard:
    """One listener of the log (a `Signal`) that passes the news on to any number of readers."""

    def __init__(self, monotonic: MonotonicClock) -> None:
        self._monotonic = monotonic
        self._readers: set[asyncio.Event] = set()

    def set(self) -> None:
        """There is news."""
        for reader in self._readers:
            reader.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next news or after this long."""
        with self.reader() as news:
            await self.wait_for(news, seconds)

    @contextmanager
    def reader(self) -> Iterator[asyncio.Event]:
        """Hear of all news from now on, until the end of the block."""
        news = asyncio.Event()
        self._readers.add(news)
        try:
            yield news
        finally:
            self._readers.discard(news)

    async def wait_for(self, news: asyncio.Event, seconds: float, *others: asyncio.Event) -> None:
        """Return when any of the events is set, or after this long (monotonic)."""
        waits = [
            asyncio.ensure_future(self._monotonic.sleep(seconds)),
            *(asyncio.ensure_future(event.wait()) for event in (news, *others)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        news.clear()
