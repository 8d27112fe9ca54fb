"""An idempotent producer, and how to be rid of one that is stuck."""

import asyncio
import contextlib
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed

from shared.kafka.settings import KafkaSettings

_LARGEST_BATCH: Final = 900_000
"""Bytes. A broker takes 1 MiB unless told otherwise, and counts its own overhead."""

_STOP_SECONDS: Final = 5.0


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
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001 - there is no other way
    stopping = asyncio.create_task(producer.stop())
    await producer.client.close()
    await asyncio.wait({stopping}, timeout=_STOP_SECONDS)
    if stopping.done():
        with contextlib.suppress(KafkaError):
            stopping.result()
