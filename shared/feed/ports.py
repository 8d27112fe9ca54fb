"""The port between services: batches of one (source, partition), in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from shared.clock import EPOCH
from shared.events.envelope import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What lies after `cursor` in one partition of one source, in its order.

    `cursors` says for each record where to read on once it and those before it have counted,
    `positions` where it lies: its offset on Kafka, its gpos in a log. `polled_at` is the business
    time at which the poll began.

    Records come in order of gpos, except: one may come again (a relay may publish twice) and is
    then to be dropped, as its gpos was counted; and one with a negative gpos stands for something
    that is no event. That one has no place in the order of gpos, only cursors tell whether it has
    counted, and decoding it fails.
    """

    source: str
    partition: int
    records: tuple[Recorded, ...]
    cursor: int
    cursors: tuple[int, ...]
    positions: tuple[int, ...]
    polled_at: datetime

    @property
    def next_cursor(self) -> int:
        """Where to read on once the whole batch has counted."""
        return self.cursors[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nothing to hand over now. Every assigned partition was at its end in a poll that began at
    `polled_at`, under the assignment that holds when the answer is given.

    EPOCH stands for no knowledge at all (`NOTHING_KNOWN`): no partition is assigned yet, what
    exists could not be fetched yet, or the other side cannot be reached.
    """

    polled_at: datetime


NOTHING_KNOWN: Final = Quiet(polled_at=EPOCH)
"""Nothing to hand over, and no claim about what there may be."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which partitions, the same ones of every source, are this member's now.

    The generation changes whenever one of them may have changed hands: what is kept in memory
    about a partition is then to be read anew, even if the partition is (again) in the set.

    `spare`: there are as many members as partitions without this one, which waits for one to leave.
    """

    generation: int
    partitions: frozenset[int]
    spare: bool = False


class SourceTruncated(Exception):
    """A source ends before the stored position: it was recreated or cut. Never skipped over."""


class Feed(Protocol):
    """Events of other services for one consumer."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The topics it reads."""
        ...

    @property
    def assignment(self) -> Assignment:
        """The partitions that are this member's at this moment."""
        ...

    async def poll(self) -> Batch | Quiet:
        """The next batch of any one partition, or `Quiet`. Raises `SourceTruncated`.

        A poll never waits for events that do not exist yet.
        """
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
