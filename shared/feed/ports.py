"""The port between services: batches of one (source, partition), in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.events.envelope import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What lies after `cursor` in one partition of one source, in order of gpos.

    `next_cursor` is where to read on once the batch has counted. `polled_at` is the business
    time at which the poll began.
    """

    source: str
    partition: int
    records: tuple[Recorded, ...]
    cursor: int
    next_cursor: int
    polled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Every assigned partition was at its end in a poll that began at `polled_at`."""

    polled_at: datetime


class SourceTruncated(Exception):
    """A source ends before the stored position: it was recreated or cut. Never skipped over."""


class Feed(Protocol):
    """Events of other services for one consumer."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The topics it reads."""
        ...

    async def poll(self) -> Batch | Quiet:
        """The next batch of any one partition; never waits. Raises `SourceTruncated`."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when something may have arrived, or after this long."""
        ...

    def seek(self, source: str, partition: int, cursor: int) -> None:
        """Read on from here. No effect on a partition that is not assigned any more."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...
