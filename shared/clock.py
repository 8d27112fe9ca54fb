"""Three clocks, all ports: business time, real time, monotonic time.

Business time is for policies, deadlines and `occurred_at`; in embedded mode it may run faster than
the wall. Real time is for what the outside world measures: retries, token expiry, presence.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

ClockName = Literal["business", "real"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, rounded down."""
    return (instant - EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The inverse of `to_ms`."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def whole_ms(instant: datetime) -> datetime:
    """The instant in UTC, cut to whole milliseconds.

    Raises `ValueError` if it has no zone, or lies outside the years 1 to 9999 in UTC.
    """
    if instant.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    try:
        return from_ms(to_ms(instant))
    except OverflowError as error:
        raise ValueError("a time must lie in the years 1 to 9999, in UTC") from error


def rfc3339(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-01-31T08:00:00.000Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Clock(Protocol):
    """Tells the time in UTC, cut to milliseconds. Never goes back."""

    def now(self) -> datetime:
        """The time now."""
        ...


class BusinessClock(Clock, Protocol):
    """The time that policies and deadlines live in."""

    @property
    def rate(self) -> float:
        """Seconds of business time per second of real time, 1.0 or more."""
        ...


class MonotonicClock(Protocol):
    """Measures and waits out intervals within this process, in real seconds."""

    def seconds(self) -> float:
        """A reading; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after this long."""
        ...


class WallClock:
    """The machine's own UTC time at rate 1, held still rather than let go back."""

    def __init__(self) -> None:
        self._last = EPOCH

    def now(self) -> datetime:
        """The time now."""
        self._last = max(self._last, from_ms(time.time_ns() // 1_000_000))
        return self._last


class RatedClock:
    """Business time: from an anchor on, `rate` times as fast as real time."""

    def __init__(
        self, real: Clock, *, rate: float, business_anchor: datetime, real_anchor: datetime
    ) -> None:
        if rate < 1:
            raise ValueError("a business clock may run faster than real time, never slower")
        self._real = real
        self._rate = rate
        self._business_anchor = business_anchor
        self._real_anchor = real_anchor

    @property
    def rate(self) -> float:
        """Seconds of business time per second of real time."""
        return self._rate

    def now(self) -> datetime:
        """The time now."""
        elapsed = self._real.now() - self._real_anchor
        return whole_ms(self._business_anchor + elapsed * self._rate)


class ProcessClock:
    """Monotonic time of this process."""

    def seconds(self) -> float:
        """A reading; only differences mean anything."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after this long."""
        await asyncio.sleep(seconds)
