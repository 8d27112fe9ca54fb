"""Readers of partitions without a group, and how to be rid of any reader."""

import asyncio
from typing import Any, Final, Literal

from aiokafka import AIOKafkaConsumer

from shared.kafka.settings import KafkaSettings

_STOP_SECONDS: Final = 5.0


async def connected_reader(
    settings: KafkaSettings, *, out_of_range: Literal["none", "earliest"]
) -> Any:
    """A reader that is connected and reads nothing yet. Raises `KafkaError` or `OSError`.

    `out_of_range` says where it goes on if it is told to read what is not there.
    """
    reader = AIOKafkaConsumer(
        **settings.connection(),
        enable_auto_commit=False,
        auto_offset_reset=out_of_range,
        fetch_max_wait_ms=250,
    )
    try:
        await reader.start()
    except BaseException:
        await disconnect(reader)
        raise
    return reader


async def disconnect(reader: Any) -> None:
    """Stop a reader, with or without a group, whatever state it and its broker are in."""
    # In a task of its own: if a fetch was just waiting to try again, it ends with a cancellation
    # that is not ours, before it has disconnected. While its broker is away it may also last long.
    stopping = asyncio.create_task(reader.stop())
    await asyncio.wait({stopping}, timeout=_STOP_SECONDS)
    if stopping.done() and (stopping.cancelled() or stopping.exception() is not None):
        await reader._client.close()  # noqa: SLF001 - there is no other way left
