"""Keeps the copy of events from growing for ever: the oldest go, and how far is remembered."""

from typing import Final

from shared.clock import MonotonicClock
from shared.eventlog.ports import EventLog, Statement
from shared.unit_of_work import UnitOfWork

_PORTION: Final = 1_000
_PAUSE_SECONDS: Final = 30.0
_ENDS: Final = Statement("SELECT MIN(id) AS oldest, MAX(id) AS newest FROM dashboard_feed_event")
_MOVE_FLOOR: Final = (
    "UPDATE dashboard_feed_head SET floor_gpos = COALESCE((SELECT MAX(f.gpos) "
    "FROM dashboard_feed_event f WHERE f.source = dashboard_feed_head.source "
    "AND f.partition = dashboard_feed_head.partition AND f.id <= :up_to), floor_gpos)"
)
_DELETE: Final = "DELETE FROM dashboard_feed_event WHERE id <= :up_to"


class Retention:
    """A `Worker` that deletes, in portions, what lies before the newest `keep` events."""

    def __init__(self, log: EventLog, monotonic: MonotonicClock, keep: int) -> None:
        self._log = log
        self._monotonic = monotonic
        self._keep = keep

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "dashboard-retention"

    async def step(self) -> bool:
        """Delete one portion, once a whole one is too much. False: nothing to delete."""
        (ends,) = await self._log.fetch(_ENDS)
        if ends["oldest"] is None or ends["newest"] - ends["oldest"] < self._keep + _PORTION:
            return False
        up_to = {"up_to": ends["oldest"] + _PORTION - 1}
        work = UnitOfWork(self._log)
        work.write(Statement(_MOVE_FLOOR, up_to), Statement(_DELETE, up_to))
        await work.commit()
        return True

    async def wait(self) -> None:
        """Return after a while."""
        await self._monotonic.sleep(_PAUSE_SECONDS)
