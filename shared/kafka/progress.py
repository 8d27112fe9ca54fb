"""How far each relay has come, told to every feed.

That a topic has been read to its end says nothing about what its owner has recorded and not yet
published. So each relay keeps telling, on a topic beside the events, up to which time all that was
recorded is published; and no feed claims to know of anything later.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from aiokafka.structs import TopicPartition

from shared.clock import EPOCH
from shared.codec import pack, unpack
from shared.kafka.reader import connected_reader, disconnect
from shared.kafka.settings import KafkaSettings

PROGRESS: Final = "amends.progress"
"""One partition; what is older than an hour may go."""

_ANSWER_SECONDS: Final = 5.0
_LOOK_BACK: Final = 100
"""Records: several seconds of every relay. Who told nothing for longer counts as unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """All that `service` recorded for these topics before `published_until` is in Kafka."""

    service: str
    topics: tuple[str, ...]
    published_until: datetime


def encode(progress: Progress) -> bytes:
    """The body of its record."""
    return pack(progress)


class ProgressReader:
    """Follows what relays tell. It connects when first asked."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._place = TopicPartition(settings.topic(PROGRESS), 0)
        self._client: Any = None
        self._until: dict[str, datetime] = {}

    async def published_until(self, topics: Sequence[str]) -> datetime:
        """The time before which everything recorded for these topics is in Kafka; EPOCH if unknown.

        Raises `KafkaError` or `TimeoutError` when the broker does not answer.
        """
        if self._client is None:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._connect()
        self._take(await self._client.getmany(timeout_ms=0))
        return min((self._until.get(topic, EPOCH) for topic in topics), default=EPOCH)

    async def _connect(self) -> None:
        client = await connected_reader(self._settings, out_of_range="earliest")
        try:
            client.assign([self._place])
            first = (await client.beginning_offsets([self._place]))[self._place]
            end = (await client.end_offsets([self._place]))[self._place]
            client.seek(self._place, max(first, end - _LOOK_BACK))
            while await client.position(self._place) < end:
                self._take(await client.getmany(timeout_ms=200))
        except BaseException:
            await disconnect(client)
            raise
        self._client = client

    def _take(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        for records in fetched.values():
            for record in records:
                try:
                    told = unpack(record.value or b"", Progress)
                except msgspec.MsgspecError:
                    continue  # whoever told that, it is nothing to rely on
                for topic in told.topics:
                    known = self._until.get(topic, EPOCH)
                    self._until[topic] = max(known, told.published_until)

    async def close(self) -> None:
        """Disconnect. It connects again when asked again."""
        client, self._client = self._client, None
        if client is not None:
            await disconnect(client)
