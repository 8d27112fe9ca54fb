"""What the dashboard's HTTP edge works with."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.dashboard.feed_copy import Place, decoded_place
from services.dashboard.feed_reading import (
    NoLongerKept,
    end_of_feed,
    oldest_kept,
    page_after,
)
from services.dashboard.figures import read_figures
from services.dashboard.stream import LiveStream
from services.dashboard.summary import lists, summary_of
from shared.auth import Principal
from shared.clock import EPOCH, BusinessClock, rfc3339
from shared.eventlog.ports import EventLog
from shared.feed.consumer import Consumer
from shared.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """The built dashboard. `secure`: the public address is https, so cookies are for https only."""

    log: EventLog
    stream: LiveStream
    consumer: Consumer
    business: BusinessClock
    secure: bool

    async def summary(self) -> dict[str, Any]:
        """The figures and short lists, now."""
        figures = await read_figures(self.log, self.business.now())
        return summary_of(figures, await lists(self.log), rate=self.business.rate, lag=self._lag())

    def _lag(self) -> dict[str, Any]:
        """How far behind the other services the figures are, in business seconds."""
        read_up_to = min(self.consumer.read_up_to(shard) for shard in range(self.log.shards))
        behind = max(timedelta(0), self.business.now() - read_up_to)
        known = read_up_to > EPOCH
        return {
            "read_up_to": rfc3339(read_up_to) if known else None,
            "seconds": behind / timedelta(seconds=1) if known else None,
            "caught_up_since_start": self.consumer.caught_up,
            "parked_keys": len(self.consumer.parked),
        }

    async def start_of_stream(self, reader: Principal, cursor: str | None, last: int) -> Place:
        """Where a stream begins: at a cursor, at `begin`, or at the end less `last` events.

        Raises `Problem` 422 `validation_failed` or 410 `cursor_too_old`.
        """
        if cursor is None:
            return await end_of_feed(self.log, last=last)
        if cursor == "begin":
            return await oldest_kept(self.log)
        place = decoded_place(cursor)
        try:
            await page_after(self.log, place, reader)
        except NoLongerKept as error:
            raise Problem(
                "cursor_too_old",
                "Events after this cursor are no longer kept. Read the current state, then "
                "follow from now on (no cursor) or from the oldest event kept (cursor=begin).",
            ) from error
        return place
