"""News of a log that other processes write too: told by our own commits, looked for otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from shared.eventlog.ports import Signal, StorageUnavailable
from shared.observability import log

_EVERY_SECONDS: Final = 0.02
_AWAY_SECONDS: Final = 1.0


class News:
    """Wakes listeners when this or another process has committed. It looks only if any listen.

    `latest` reads what `tell` moves on: both raise `StorageUnavailable` while the server is away.
    """

    def __init__(
        self, latest: Callable[[], Awaitable[int]], tell: Callable[[], Awaitable[object]]
    ) -> None:
        self._latest = latest
        self._tell = tell
        self._listeners: list[Signal] = []
        self._looking: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._untold = False

    def wake(self, listener: Signal) -> None:
        """Wake this one too from now on."""
        self._listeners.append(listener)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="news-looking")

    def committed(self) -> None:
        """This process has: wake our own, and tell others without waiting for it."""
        self._set()
        self._untold = True
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_others(), name="news-telling")

    def _set(self) -> None:
        for listener in self._listeners:
            listener.set()

    async def _tell_others(self) -> None:
        while self._untold:
            self._untold = False
            try:
                await self._tell()
            except StorageUnavailable:
                pass  # others look by themselves once it is back
            except Exception as error:  # noqa: BLE001 - who stops telling leaves others waiting
                log.error("news_not_told", exc_info=error)
        self._telling = None

    async def _look(self) -> None:
        seen = -1
        while True:
            try:
                latest = await self._latest()
            except StorageUnavailable:
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001 - who stops looking hears of nothing again
                log.error("news_not_read", exc_info=error)
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if latest != seen:
                seen = latest
                self._set()
            await asyncio.sleep(_EVERY_SECONDS)

    async def close(self) -> None:
        """Tell what is untold, and stop looking."""
        if self._telling is not None:
            await self._telling
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
