"""The feed through Kafka: one member of a consumer group, read from where the database says.

The consumer's own database holds its positions; a cursor is the offset of the first record that
has not counted. Kafka's offsets are written lazily, for its tools, and never read.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.clock import Clock, MonotonicClock
from shared.eventlog.ports import EventLog
from shared.eventlog.wakeup import Wakeup
from shared.events.envelope import Recorded
from shared.feed.ports import NOTHING_KNOWN, Assignment, Batch, Quiet, SourceTruncated
from shared.kafka.ends import PartitionEnds
from shared.kafka.member import GroupMember
from shared.kafka.outage import Outage
from shared.kafka.progress import ProgressReader
from shared.kafka.records import NotAnEvent, Place, from_kafka, stand_in
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics, log

BATCH: Final = 200
"""Most records handed over at once: bounds how long one transaction of a consumer lasts."""

_FETCH_SECONDS: Final = 2.0
"""How long a poll waits for records that are known to exist."""

_COMMIT_SECONDS: Final = 3.0
"""Offsets are written to Kafka, and the lag is measured, at most this often."""


class KafkaFeed:
    """One consumer's view of the topics it reads; processes with the same consumer share them.

    `own` is the consumer's own store: it says where each partition is read on.
    """

    def __init__(  # noqa: PLR0913 - given by one composition root
        self,
        consumer: str,
        topics: Sequence[str],
        own: EventLog,
        *,
        settings: KafkaSettings,
        clock: Clock,
        monotonic: MonotonicClock,
        metrics: Metrics,
    ) -> None:
        self._consumer = consumer
        self._topics = tuple(topics)
        self._own = own
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._metrics = metrics
        self._wakeup = Wakeup()
        self._outage = Outage(f"{consumer}-feed", metrics)
        self._member = GroupMember(
            settings, consumer, topics, monotonic, self._wakeup.set, self._outage
        )
        self._ends = PartitionEnds(settings)
        self._relays = ProgressReader(settings)
        self._generation = 0
        self._cursors: dict[TopicPartition, int] = {}
        self._in_hand: dict[TopicPartition, Batch] = {}
        self._truncated: set[TopicPartition] = set()
        self._alarms: list[SourceTruncated] = []
        self._turn = 0
        self._uncommitted: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._committing: asyncio.Task[None] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The topics it reads."""
        return self._topics

    @property
    def assignment(self) -> Assignment:
        """See `Feed.assignment`. Only partitions that are this member's in every topic count."""
        held = [
            {place.partition for place in self._member.assigned if place.topic == topic}
            for topic in map(self._settings.topic, self._topics)
        ]
        common = frozenset[int]().union(*held).intersection(*held)
        return Assignment(self._member.generation, common, spare=self._member.spare)

    async def poll(self) -> Batch | Quiet:
        """See `Feed.poll`. Partitions take turns, so that none starves another."""
        began = self._clock.now()
        generation = await self._take_up()
        if generation is None:
            return NOTHING_KNOWN
        found = await self._next_batch(began) or await self._behind(began)
        if isinstance(found, Quiet) and self._alarms:
            raise self._alarms.pop(0)
        return found if generation == self._member.generation else NOTHING_KNOWN

    async def _take_up(self) -> int | None:
        """Make what is held fit the assignment; its generation if there is something to read."""
        self._member.join()
        generation = self._member.generation
        if generation != self._generation:
            self._generation = generation
            self._forget()
        if not self._member.joined:
            return None
        for place in sorted(self._member.assigned - self._cursors.keys()):
            name = self._settings.name_of(place.topic)
            position = await self._own.position(self._consumer, name, place.partition)
            if generation != self._member.generation:
                return None
            self._go_to(place, position.cursor)
        self._commit_at_times()
        return generation

    def _forget(self) -> None:
        for place in self._truncated:
            self._show_truncated(place, truncated=False)
        self._truncated.clear()
        self._alarms.clear()
        self._cursors.clear()
        self._in_hand.clear()
        self._uncommitted.clear()

    async def _next_batch(self, began: datetime) -> Batch | None:
        places = sorted(self._cursors)
        for step in range(len(places)):
            place = places[(self._turn + step) % len(places)]
            wanted = place not in self._in_hand and place not in self._truncated
            if wanted and not await self._read([place], 0, began):
                return None
            batch = self._in_hand.get(place)
            if batch is not None:
                self._turn = (self._turn + step + 1) % len(places)
                return batch
        return None

    async def _behind(self, began: datetime) -> Batch | Quiet:
        """A batch of what is known to exist, or word that nothing is."""
        try:
            # In this order: what was published by then lies before the ends that are asked for now.
            published_until = await self._relays.published_until(self._topics)
            ends = await self._ends.ends(self._cursors)
        except (KafkaError, OSError, TimeoutError) as error:
            self._outage.began(error)
            await self._disconnect()
            return NOTHING_KNOWN
        self._outage.ended()
        # Before the end there is something to fetch; beyond it, a fetch will say what is wrong.
        behind = [
            place
            for place in ends.keys() - self._truncated
            if await self._member.position(place) != ends[place]
        ]
        if behind:
            await self._read(behind, _FETCH_SECONDS, began)
            return await self._next_batch(began) or NOTHING_KNOWN
        # What a truncated partition has lost, nobody knows.
        return NOTHING_KNOWN if self._truncated else Quiet(polled_at=min(began, published_until))

    async def _read(
        self, places: Collection[TopicPartition], seconds: float, began: datetime
    ) -> bool:
        """Take into hand what has been fetched. False: nothing can be read now."""
        generation = self._generation
        try:
            fetched = await self._member.read(places, seconds=seconds, limit=BATCH)
        except OffsetOutOfRangeError as error:
            for place, offset in error.args[0].items():
                self._stop(place, offset)
            return True
        if fetched is None or generation != self._member.generation:
            return False
        for place, records in fetched.items():
            if place in self._cursors:
                self._in_hand[place] = self._batch(place, records, began)
        return True

    def _batch(
        self, place: TopicPartition, records: Sequence[ConsumerRecord], began: datetime
    ) -> Batch:
        name = self._settings.name_of(place.topic)
        return Batch(
            source=name,
            partition=place.partition,
            records=tuple(self._recorded(name, record) for record in records),
            cursor=self._cursors[place],
            cursors=tuple(record.offset + 1 for record in records),
            positions=tuple(record.offset for record in records),
            polled_at=began,
        )

    @staticmethod
    def _recorded(topic: str, record: ConsumerRecord) -> Recorded:
        place = Place(topic, record.partition, record.offset)
        try:
            return from_kafka(place, record.key, record.value, record.headers)
        except NotAnEvent as error:
            return stand_in(error)

    def _stop(self, place: TopicPartition, offset: int) -> None:
        """Alarm, and read no more of a partition that cannot be read on where it should be."""
        if self._cursors.get(place) != offset or place in self._truncated:
            return  # somebody has said meanwhile to read elsewhere
        self._truncated.add(place)
        self._member.pause(place)
        self._show_truncated(place, truncated=True)
        name = self._settings.name_of(place.topic)
        log.error("source_truncated", consumer=self._consumer, source=name, offset=offset)
        self._alarms.append(
            SourceTruncated(f"{name}/{place.partition} has no offset {offset} (any more)")
        )

    def _show_truncated(self, place: TopicPartition, *, truncated: bool) -> None:
        source, partition = self._settings.name_of(place.topic), str(place.partition)
        self._metrics.feed_truncated.labels(self._consumer, source, partition).set(truncated)

    async def wait(self, seconds: float) -> None:
        """See `Feed.wait`."""
        readable = self._cursors.keys() - self._truncated
        if self._generation != self._member.generation or not self._member.joined or not readable:
            await self._wakeup.wait(seconds)
        elif not self._in_hand:
            await self._read(readable, seconds, self._clock.now())

    def seek(self, source: str, partition: int, cursor: int) -> None:
        """See `Feed.seek`."""
        place = TopicPartition(self._settings.topic(source), partition)
        if place not in self._cursors or self._generation != self._member.generation:
            return
        batch = self._in_hand.pop(place, None)
        if batch is not None and cursor == batch.next_cursor:
            self._cursors[place] = cursor  # the member is there already
        else:
            self._go_to(place, cursor)
        self._uncommitted[place] = cursor

    def _go_to(self, place: TopicPartition, cursor: int) -> None:
        self._member.seek(place, cursor)
        self._cursors[place] = cursor
        if place in self._truncated:
            self._truncated.discard(place)
            self._show_truncated(place, truncated=False)

    def _commit_at_times(self) -> None:
        now = self._monotonic.seconds()
        if now - self._committed_at < _COMMIT_SECONDS:
            return
        self._committed_at = now
        self._show_lag()
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())

    def _show_lag(self) -> None:
        lags = dict.fromkeys(self._topics, 0)
        for place, cursor in self._cursors.items():
            lags[self._settings.name_of(place.topic)] += self._member.behind(place, cursor)
        for topic, lag in lags.items():
            self._metrics.lag.labels(self._consumer, topic).set(lag)

    async def _commit(self) -> None:
        offsets, self._uncommitted = self._uncommitted, {}
        await self._member.commit(offsets)

    async def close(self) -> None:
        """Leave the group; another member takes over at once."""
        if self._committing is not None:
            await self._committing
        await self._commit()
        await self._member.leave()
        await self._disconnect()

    async def _disconnect(self) -> None:
        await self._ends.close()
        await self._relays.close()
