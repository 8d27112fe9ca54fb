"""Publishes what a service has recorded: from its log to its topics, in order, nothing left out.

A batch goes to a partition only when the one before it has been acknowledged, and the position is
stored after that. So whatever a partition holds last, everything before it is there too: after a
crash or a failure the relay looks at the last record of each partition and goes on behind it.
Should a batch that was given up arrive after all, it comes twice, which readers tell by its gpos.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.structs import TopicPartition

from shared.clock import EPOCH, Clock, MonotonicClock
from shared.eventlog.ports import Advance, Commit, EventLog, Position, PositionMoved
from shared.events.envelope import Recorded
from shared.kafka.ends import PartitionEnds
from shared.kafka.outage import Outage
from shared.kafka.producer import abandon, new_producer
from shared.kafka.progress import PROGRESS, Progress, encode
from shared.kafka.records import to_kafka
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics, log

CONSUMER: Final = "relay"
"""The name its positions are stored under, in the service's own database."""

_PORTION: Final = 500
"""Most records of one shard read at once."""

_POLL_SECONDS: Final = 0.02
"""Another process may write the log: its commits are seen this late at worst."""

_AGAIN_SECONDS: Final = 0.5
_TELL_SECONDS: Final = 0.2
"""Feeds are told how far it has come at most this often (monotonic)."""


class Relay:
    """A `Worker`: one is enough for a service, a second one would only publish things twice.

    `topics` are those the service owns: feeds are told how far they are complete. `clock` is
    business time, in which events are recorded; it serves to measure the lag. A step waits
    `patience_seconds` for Kafka; what is under way then goes on, and the next step waits for it.
    """

    def __init__(  # noqa: PLR0913 - given by one composition root
        self,
        store: EventLog,
        topics: Sequence[str],
        *,
        settings: KafkaSettings,
        clock: Clock,
        monotonic: MonotonicClock,
        metrics: Metrics,
        patience_seconds: float = 1.0,
    ) -> None:
        self._store = store
        self._topics = tuple(topics)
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._metrics = metrics
        self._signal = store.watch()
        self._ends = PartitionEnds(settings)
        self._outage = Outage(self.name, metrics)
        self._producer: Any = None
        self._positions: dict[int, Position] = {}
        self._tails: dict[TopicPartition, int] = {}
        self._patience_seconds = patience_seconds
        self._round: asyncio.Task[bool] | None = None
        self._told_until = EPOCH
        self._told_at = -_TELL_SECONDS
        self._failed = False

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return f"{self._store.source}-relay"

    @property
    def failing(self) -> bool:
        """Whether the last step could not reach Kafka, or was refused."""
        return self._failed

    async def step(self) -> bool:
        """Publish a portion of every shard. False: everything is published, or Kafka is away."""
        if self._round is None:
            self._round = asyncio.create_task(self._publish_portions(), name=self.name)
        done, _ = await asyncio.wait({self._round}, timeout=self._patience_seconds)
        if not done:
            self._failed = True
            self._outage.began(TimeoutError("no acknowledgement yet"))
            self._show_lag([await self._unpublished(*p, limit=1) for p in await self._heads()])
            return False
        finished, self._round = self._round, None
        try:
            busy = finished.result()
        except (KafkaError, OSError, TimeoutError) as error:
            self._failed = True
            self._outage.began(error)
            await self._disconnect()
            return False
        self._failed = False
        return busy

    async def _publish_portions(self) -> bool:
        # Asked for only where it will be told: it makes writers wait for a moment.
        due = self._monotonic.seconds() - self._told_at >= _TELL_SECONDS
        horizon = await self._store.horizon() if due else None
        heads = await self._heads()
        portions = await asyncio.gather(*(self._unpublished(*place) for place in heads))
        self._show_lag(portions)
        await self._publish([record for portion in portions for record in portion])
        await asyncio.gather(*(self._advance(portion[-1]) for portion in portions if portion))
        # A full portion may have more behind it, recorded at the same time or later.
        full = [portion[-1].recorded_at for portion in portions if len(portion) == _PORTION]
        if horizon is not None:
            await self._tell(min([horizon, *full]))
        return any(portions)

    async def _heads(self) -> list[tuple[int, int]]:
        return list(enumerate(await self._store.heads()))

    async def _unpublished(
        self, shard: int, head: int, *, limit: int = _PORTION
    ) -> Sequence[Recorded]:
        position = self._positions.get(shard)
        if position is None:
            source = self._store.source
            position = await self._store.position(CONSUMER, source, shard)
            self._positions[shard] = position
        if position.gpos >= head:
            return ()
        return await self._store.tail(shard, position.gpos, limit=limit)

    def _show_lag(self, portions: Sequence[Sequence[Recorded]]) -> None:
        now = self._clock.now()
        ages = [now - portion[0].recorded_at for portion in portions if portion]
        lag = max([timedelta(0), *ages])
        self._metrics.relay_lag.labels(self._store.source).set(lag.total_seconds())

    async def _publish(self, records: Sequence[Recorded]) -> None:
        """Returns when all is acknowledged. Raises when not: some of it may be there even so."""
        chains: dict[TopicPartition, list[Recorded]] = {}
        for record in records:
            if record.topic is not None:
                place = TopicPartition(self._settings.topic(record.topic), record.shard)
                chains.setdefault(place, []).append(record)
        if not chains:
            return
        unknown = chains.keys() - self._tails.keys()
        if unknown:
            self._tails |= await self._ends.last_gpos(unknown)
        producer = await self._connected()
        sending = [self._send(producer, place, chain) for place, chain in chains.items()]
        for outcome in await asyncio.gather(*sending, return_exceptions=True):
            if outcome is not None:
                raise outcome
        self._outage.ended()

    async def _connected(self) -> Any:
        if self._producer is None:
            self._producer = new_producer(self._settings)
            await self._producer.start()
        return self._producer

    async def _tell(self, until: datetime) -> None:
        """Tell feeds that everything recorded before then is published."""
        now = self._monotonic.seconds()
        if until <= self._told_until or now - self._told_at < _TELL_SECONDS:
            return
        told = Progress(service=self._store.source, topics=self._topics, published_until=until)
        producer = await self._connected()
        batch = producer.create_batch()
        key = self._store.source.encode()
        batch.append(key=key, value=encode(told), timestamp=None)
        await (await producer.send_batch(batch, self._settings.topic(PROGRESS), partition=0))
        self._told_until, self._told_at = until, now
        self._outage.ended()

    async def _send(self, producer: Any, place: TopicPartition, chain: Sequence[Recorded]) -> None:
        """One batch after the other, each only when the one before has been acknowledged."""
        left = [record for record in chain if record.gpos > self._tails[place]]
        while left:
            batch = producer.create_batch()
            taken = 0
            while taken < len(left) and _append(batch, left[taken]):
                taken += 1
            if not taken:
                raise MessageSizeTooLargeError(f"event {left[0].id} is too large for Kafka")
            acknowledged = await producer.send_batch(batch, place.topic, partition=place.partition)
            await acknowledged
            self._tails[place] = left[taken - 1].gpos
            self._metrics.relayed.labels(self._store.source).inc(taken)
            left = left[taken:]

    async def _advance(self, last: Recorded) -> None:
        expected = self._positions[last.shard]
        new = Position(
            consumer=CONSUMER,
            source=self._store.source,
            partition=last.shard,
            cursor=last.gpos,
            gpos=last.gpos,
        )
        try:
            await self._store.commit(Commit(advance=Advance(expected, new)))
        except PositionMoved:
            log.warning("another_relay_is_at_work", worker=self.name, shard=last.shard)
            del self._positions[last.shard]
            return
        self._positions[last.shard] = new

    async def wait(self) -> None:
        """See `Worker.wait`."""
        if self._failed:
            await self._monotonic.sleep(_AGAIN_SECONDS)
        else:
            await self._signal.wait(_POLL_SECONDS)

    async def _disconnect(self) -> None:
        """Forget what was believed of Kafka: next time it is looked at anew."""
        self._tails.clear()
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)
        await self._ends.close()

    async def close(self) -> None:
        """Disconnect. What is not acknowledged yet is published after the next start."""
        given_up, self._round = self._round, None
        if given_up is not None:
            given_up.cancel()
            await asyncio.wait({given_up})
        await self._disconnect()
        # Another may go on from here: what it does is not known, and the lag is its own to tell.
        self._positions.clear()
        with contextlib.suppress(KeyError):
            self._metrics.relay_lag.remove(self._store.source)


def _append(batch: Any, record: Recorded) -> bool:
    """Whether there was room."""
    sent = to_kafka(record)
    appended = batch.append(
        key=sent.key,
        value=sent.value,
        timestamp=None,  # the broker's tools count in real time, and refuse what lies ahead of it
        headers=sent.headers,
    )
    return appended is not None
