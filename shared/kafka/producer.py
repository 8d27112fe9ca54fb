"""An idempotent producer, and how to be rid of one that is stuck."""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from shared.kafka.settings import KafkaSettings

_LARGEST_BATCH: Final = 900_000
"""Bytes. A broker takes 1 MiB unless told otherwise, and counts its own overhead."""

_STOP_SECONDS: Final = 0.5


def new_producer(settings: KafkaSettings) -> Any:
    """A producer that is not connected yet."""
    return AIOKafkaProducer(
        **settings.connection(),
        acks="all",
        enable_idempotence=True,
        max_batch_size=_LARGEST_BATCH,
        request_timeout_ms=10_000,
    )


async def abandon(producer: Any) -> None:
    """Disconnect without waiting for what was not acknowledged: it may or may not arrive.

    By itself an idempotent producer tries for ever and cannot be stopped while its broker is away.
    """
    sending = producer._sender.sender_task  # noqa: SLF001 - there is no other way
    if sending is not None:
        for _ in range(2):  # the first is answered by waiting for what is under way
            sending.cancel()
            await asyncio.wait({sending}, timeout=_STOP_SECONDS)
    await producer.client.close()
    producer._closed = True  # noqa: SLF001 - it would complain that nobody did
