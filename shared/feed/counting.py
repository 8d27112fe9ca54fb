"""What of a batch is still to be counted, and how long to wait when somebody was faster."""

from collections.abc import Iterator
from itertools import starmap
from typing import NamedTuple

from shared.events.envelope import Recorded
from shared.feed.ports import Batch


class Item(NamedTuple):
    """A record of a batch, the cursor behind it, and where it lies."""

    record: Recorded
    cursor: int
    position: int


def uncounted(batch: Batch, counted_gpos: int) -> list[Item]:
    """The records of a batch that have not counted yet, in order.

    What a relay published twice is left out. A negative gpos is no event: its place alone counts.
    """
    items: list[Item] = []
    rows = zip(batch.records, batch.cursors, batch.positions, strict=True)
    for item in starmap(Item, rows):
        gpos = item.record.gpos
        if gpos < 0 or gpos > counted_gpos:
            items.append(item)
            counted_gpos = max(counted_gpos, gpos)
    return items


def conflict_waits() -> Iterator[float]:
    """Seconds to wait after each conflict, without end: at once, then growing up to 100 ms."""
    seconds = 0.0
    while True:
        yield seconds
        seconds = min(0.1, seconds * 2 + 0.001)
