"""In-process news: somebody committed."""

import asyncio


class Wakeup:
    """Wakes one waiter; news that came while nobody waited is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """There is news."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next news, or news since the last wait, or after this long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()
