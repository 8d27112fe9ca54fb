"""News of a log that other processes write too: told by our own commits, looked for otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from shared.eventlog.ports import Signal, StorageUnavailable

_EVERY_SECONDS: Final = 0.02
_AWAY_SECONDS: Final = 1.0


class Poller:
    """Wakes listeners when `latest` changes, or at once when told. It polls only if any listen."""

    def __init__(self, latest: Callable[[], Awaitable[int]]) -> None:
        self._latest = latest
        self._listeners: list[Signal] = []
        self._task: asyncio.Task[None] | None = None

    def wake(self, listener: Signal) -> None:
        """Wake this one too from now on."""
        self._listeners.append(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._poll(), name="log-poller")

    def set(self) -> None:
        """There is news."""
        for listener in self._listeners:
            listener.set()

    async def _poll(self) -> None:
        seen = -1
        while True:
            try:
                latest = await self._latest()
            except StorageUnavailable:
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if latest != seen:
                seen = latest
                self.set()
            await asyncio.sleep(_EVERY_SECONDS)

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
