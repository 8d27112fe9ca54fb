"""Membership in a consumer group: joined in the background, kept up, and joined anew if it ends."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.clock import MonotonicClock
from shared.kafka.outage import Outage
from shared.kafka.reader import disconnect
from shared.kafka.settings import KafkaSettings
from shared.observability import log

_AGAIN_SECONDS: Final = 1.0
_POSITION_SECONDS: Final = 0.2
_COMMIT_SECONDS: Final = 5.0
_REBALANCE_SECONDS: Final = 0.5
"""How long a read waits for a rebalance that began unnoticed, beyond its own time."""


class GroupMember(ConsumerRebalanceListener):  # type: ignore[misc]  # has no types
    """One member of a group, over a fixed set of topics.

    Where to read is said by `seek` alone: the group's own offsets are written (see `commit`) but
    never followed. With the Range assignor, partition p of all topics belongs to one member.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        consumer: str,
        topics: Sequence[str],
        monotonic: MonotonicClock,
        changed: Callable[[], None],
        outage: Outage,
    ) -> None:
        self.generation = 0
        self.assigned: frozenset[TopicPartition] = frozenset()
        self._outage = outage
        self._told = False
        self._settings = settings
        self._group = settings.group(consumer)
        self._topics = [settings.topic(name) for name in topics]
        self._monotonic = monotonic
        self._changed = changed
        self._client: Any = None
        self._failed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def joined(self) -> bool:
        """Whether there are partitions to read."""
        return self._client is not None and bool(self.assigned)

    @property
    def spare(self) -> bool:
        """Whether the group has said that there is nothing left for this member."""
        return self._client is not None and self._told and not self.assigned

    def join(self) -> None:
        """Join in the background, unless that is done already."""
        if self._task is None:
            self._task = asyncio.create_task(self._stay(), name=f"{self._group} membership")

    async def _stay(self) -> None:
        while True:
            client = self._new_client()
            try:
                await client.start()
                self._client = client
                self._failed.clear()
                self._changed()
                await self._failed.wait()
            except (KafkaError, OSError) as error:
                self._outage.began(error)
            except Exception as error:  # noqa: BLE001 - who does not join again reads nothing
                log.error("membership_failed", group=self._group, exc_info=error)
            finally:
                self._client = None
                self._told = False
                self._assign(frozenset())
                await disconnect(client)
            await self._monotonic.sleep(_AGAIN_SECONDS)

    def _new_client(self) -> Any:
        client = AIOKafkaConsumer(
            **self._settings.connection(),
            group_id=self._group,
            client_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            partition_assignment_strategy=(RangePartitionAssignor,),
            heartbeat_interval_ms=1_000,
            request_timeout_ms=20_000,
            fetch_max_wait_ms=250,
        )
        client.subscribe(topics=self._topics, listener=self)
        return client

    def on_partitions_revoked(self, _revoked: Collection[TopicPartition]) -> None:
        """Whatever was ours may be another's from now on."""
        self._told = False
        self._assign(frozenset())

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """These are ours from now on."""
        self._told = True
        self._assign(frozenset(assigned))

    def _assign(self, partitions: frozenset[TopicPartition]) -> None:
        self.generation += 1
        self.assigned = partitions
        self._changed()

    async def read(
        self, partitions: Collection[TopicPartition], *, seconds: float, limit: int
    ) -> Mapping[TopicPartition, Sequence[ConsumerRecord]] | None:
        """What has been fetched of these partitions, waiting for it for so long if there is none.

        None: nothing can be read now, because a rebalance is on, or because of trouble, after which
        the member joins anew by itself. Raises `OffsetOutOfRangeError` for a partition that has no
        such offset.
        """
        if self._client is None:
            return None
        try:
            async with asyncio.timeout(seconds + _REBALANCE_SECONDS):
                fetched: Mapping[TopicPartition, Sequence[ConsumerRecord]]
                fetched = await self._client.getmany(
                    *partitions, timeout_ms=int(seconds * 1000), max_records=limit
                )
                return fetched
        except OffsetOutOfRangeError:
            raise
        except NoOffsetForPartitionError:
            return {}  # from before it was said where to read
        except TimeoutError:
            return None
        except KafkaError as error:
            self._outage.began(error)
            self._failed.set()
            return None

    async def position(self, partition: TopicPartition) -> int | None:
        """The offset of what it reads next; None if the partition is not assigned any more.

        It is past a transaction's markers, if nothing else lies behind the last record.
        """
        if self._client is None or partition not in self.assigned:
            return None
        # After a rebalance it has none until it is said where to read: that must not be waited for.
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(_POSITION_SECONDS):
                found: int = await self._client.position(partition)
                return found
        return None

    def behind(self, partition: TopicPartition, cursor: int) -> int:
        """How many records lie from `cursor` on, as far as known from what was fetched last."""
        if self._client is None or partition not in self.assigned:
            return 0
        end: int | None = self._client.highwater(partition)
        return 0 if end is None else max(0, end - cursor)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from here. No effect on a partition that is not assigned any more."""
        if self._client is None:
            return
        with contextlib.suppress(IllegalStateError):
            self._client.seek(partition, offset)
            self._client.resume(partition)

    def pause(self, partition: TopicPartition) -> None:
        """Fetch no more of this partition until the next `seek`."""
        if self._client is None:
            return
        with contextlib.suppress(IllegalStateError):
            self._client.pause(partition)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the group's tools how far reading has come. A failure is only logged."""
        mine = {place: offset for place, offset in offsets.items() if place in self.assigned}
        if self._client is None or not mine:
            return
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await self._client.commit(mine)
        except (KafkaError, TimeoutError) as error:
            log.info("kafka_offsets_not_committed", group=self._group, reason=repr(error))

    async def leave(self) -> None:
        """Leave the group and disconnect."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
