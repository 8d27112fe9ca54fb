"""What lies at the ends of partitions, asked over a connection of its own.

The connection a consumer fetches over will not do: a broker answers the requests of one connection
one after the other, and a fetch waits for news.
"""

import asyncio
import contextlib
from collections.abc import Collection
from typing import Any, Final

from aiokafka.structs import TopicPartition

from shared.kafka.reader import connected_reader, disconnect
from shared.kafka.records import gpos_of
from shared.kafka.settings import KafkaSettings

_ANSWER_SECONDS: Final = 5.0
_TAIL_SECONDS: Final = 2.0


class PartitionEnds:
    """A reader without a group. It connects when first asked.

    Everything here raises `KafkaError` or `TimeoutError` when the broker does not answer.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._client: Any = None

    async def ends(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will get."""
        async with asyncio.timeout(_ANSWER_SECONDS):
            client = await self._connected()
            found: dict[TopicPartition, int] = await client.end_offsets(list(partitions))
            return found

    async def last_gpos(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The gpos of each partition's last record; 0 where there is none, or none that has one.

        It disconnects afterwards, or it would go on fetching what follows.
        """
        found = dict.fromkeys(partitions, 0)
        ends = await self.ends(partitions)
        waiting = {place: end for place, end in ends.items() if end > 0}
        if not waiting:
            return found
        async with asyncio.timeout(_ANSWER_SECONDS):
            self._client.assign(list(waiting))
            for place, end in waiting.items():
                self._client.seek(place, end - 1)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TAIL_SECONDS):
                    await self._read(set(waiting), found)
        await self.close()
        return found

    async def _read(self, waiting: set[TopicPartition], found: dict[TopicPartition, int]) -> None:
        while waiting:
            fetched = await self._client.getmany(timeout_ms=200)
            for place, records in fetched.items():
                found[place] = gpos_of(records[-1].headers) or 0
                waiting.discard(place)

    async def _connected(self) -> Any:
        if self._client is None:
            self._client = await connected_reader(self._settings, out_of_range="none")
        return self._client

    async def close(self) -> None:
        """Disconnect. It connects again when asked again."""
        client, self._client = self._client, None
        if client is not None:
            await disconnect(client)
