"""The feed within one process: reads the other services' logs directly."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from shared.clock import Clock
from shared.eventlog.ports import EventLog
from shared.eventlog.wakeup import Wakeup
from shared.events.envelope import Recorded
from shared.feed.ports import Assignment, Batch, Quiet, SourceTruncated

BATCH: Final = 200
"""Most events handed over at once: bounds how long one transaction of a consumer lasts."""


class EmbeddedFeed:
    """One consumer's view of the topics it reads; `log_of` finds a topic's owner when needed."""

    def __init__(
        self, topics: Sequence[str], log_of: Callable[[str], EventLog], clock: Clock
    ) -> None:
        self._topics = tuple(topics)
        self._log_of = log_of
        self._clock = clock
        self._cursors: dict[tuple[str, int], int] = {}
        self._scanned: dict[tuple[str, int], int] = {}
        self._turn = 0
        self._wakeup: Wakeup | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The topics it reads."""
        return self._topics

    @property
    def assignment(self) -> Assignment:
        """Everything, for good: nobody shares an embedded feed."""
        shards = max((self._log_of(topic).shards for topic in self._topics), default=0)
        return Assignment(generation=0, partitions=frozenset(range(shards)))

    async def poll(self) -> Batch | Quiet:
        """See `Feed.poll`. Partitions take turns, so that none starves another."""
        self._listen()
        began = await self._began()
        places = [(t, p) for t in self._topics for p in range(self._log_of(t).shards)]
        for step in range(len(places)):
            place = places[(self._turn + step) % len(places)]
            records = await self._read(place)
            if records:
                self._turn = (self._turn + step + 1) % len(places)
                return Batch(
                    source=place[0],
                    partition=place[1],
                    records=tuple(records),
                    cursor=self._cursors.get(place, 0),
                    cursors=tuple(record.gpos for record in records),
                    positions=tuple(record.gpos for record in records),
                    polled_at=began,
                )
        return Quiet(polled_at=began)

    async def _read(self, place: tuple[str, int]) -> list[Recorded]:
        topic, partition = place
        source = self._log_of(topic)
        cursor = self._cursors.get(place, 0)
        head = (await source.heads())[partition]
        if cursor > head:
            raise SourceTruncated(f"{topic}/{partition} ends at {head}, before {cursor}")
        after = max(cursor, self._scanned.get(place, 0))
        if after >= head:
            return []
        found = await source.tail(partition, after, topic=topic, limit=BATCH)
        # What has been committed this very moment lies beyond the head: it comes with the next one,
        # or the cursor would be ahead of a log that does not know yet how far it reaches.
        records = [record for record in found if record.gpos <= head]
        if not records:
            # Other topics of the same log lie in between: no need to look at them again.
            self._scanned[place] = head
        return records

    async def _began(self) -> datetime:
        """No record older than this can still turn up, not even one being written now."""
        horizons = [await self._log_of(topic).horizon() for topic in self._topics]
        return min(horizons, default=self._clock.now())

    async def wait(self, seconds: float) -> None:
        """See `Feed.wait`."""
        await self._listen().wait(seconds)

    def _listen(self) -> Wakeup:
        if self._wakeup is None:
            self._wakeup = Wakeup()
            for source in {id(found): found for found in map(self._log_of, self._topics)}.values():
                source.watch(self._wakeup)
        return self._wakeup

    def seek(self, source: str, partition: int, cursor: int) -> None:
        """See `Feed.seek`."""
        self._cursors[source, partition] = cursor
        self._scanned.pop((source, partition), None)

    async def close(self) -> None:
        """Nothing to leave."""
