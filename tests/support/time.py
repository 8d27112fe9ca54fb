"""Time as data: one virtual time behind all three clocks."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""


class VirtualTime:
    """A business, real and monotonic clock in one; it moves only when told to."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    @property
    def rate(self) -> float:
        """Business time runs at the pace of real time."""
        return 1.0

    def now(self) -> datetime:
        """The time."""
        return self._now

    def seconds(self) -> float:
        """The time since the start, in seconds."""
        return (self._now - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Nobody sleeps in tests: waiting ends at once, and time stands."""

    def move_to(self, instant: datetime) -> None:
        """Let time pass."""
        assert instant >= self._now
        self._now = instant

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.move_to(self._now + by)


class CountingIds:
    """Ids that tell in which order they were given out."""

    def __init__(self) -> None:
        self._given = 0

    def new(self) -> str:
        """The next id."""
        self._given += 1
        return f"00000000-0000-7000-8000-{self._given:012d}"
