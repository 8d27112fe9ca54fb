"""Idempotency keys are kept for a week; after that nobody repeats the call they belong to."""

from datetime import timedelta
from typing import Final

from shared.clock import Clock, MonotonicClock
from shared.eventlog.ports import EventLog

KEPT: Final = timedelta(days=7)
"""Real time."""

_EVERY_SECONDS: Final = 3600.0
_LOOK_SECONDS: Final = 60.0


class ClaimRetention:
    """A `Worker` that lets go of claims older than a week, once an hour."""

    def __init__(self, log: EventLog, real: Clock, monotonic: MonotonicClock) -> None:
        self._log = log
        self._real = real
        self._monotonic = monotonic
        self._next = monotonic.seconds() + _EVERY_SECONDS

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return f"{self._log.source}-claims"

    async def step(self) -> bool:
        """See `Worker.step`."""
        if self._monotonic.seconds() < self._next:
            return False
        # First: what fails now is tried again in an hour, not every second.
        self._next = self._monotonic.seconds() + _EVERY_SECONDS
        await self._log.forget_claims(self._real.now() - KEPT)
        return False

    async def wait(self) -> None:
        """See `Worker.wait`."""
        await self._monotonic.sleep(_LOOK_SECONDS)
