"""Time on stage: hours of business time since the play began."""

import asyncio
import time
from typing import Final

_SECONDS_PER_HOUR: Final = 3600.0


class StageClock:
    """Runs as fast as the platform's business clock, from zero once `start` was called."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._began = time.monotonic()

    def start(self) -> None:
        """The play begins now."""
        self._began = time.monotonic()

    @property
    def hours(self) -> float:
        """Hours since the play began."""
        return (time.monotonic() - self._began) * self._rate / _SECONDS_PER_HOUR

    def seconds_for(self, hours: float) -> float:
        """Real seconds that so many hours last."""
        return max(0.0, hours) * _SECONDS_PER_HOUR / self._rate

    def hours_for(self, seconds: float) -> float:
        """Hours that go by in so many real seconds."""
        return seconds * self._rate / _SECONDS_PER_HOUR

    async def until(self, hour: float, bell: asyncio.Event | None = None) -> None:
        """Return at this hour, or as soon as the bell rings (which is then cleared)."""
        seconds = self.seconds_for(hour - self.hours)
        if bell is None:
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await bell.wait()
        except TimeoutError:
            return
        bell.clear()
