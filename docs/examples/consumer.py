"""Counts the events of a topic by type, each exactly once, whatever is published twice or crashes.

Needs aiokafka. Started again it goes on; started twice, both share the partitions.
"""

import asyncio
import os
import sqlite3

from aiokafka import AIOKafkaConsumer

TOPIC = os.environ.get("TOPIC", "amends.complaints")
DATABASE = sqlite3.connect(os.environ.get("DATABASE", "counts.sqlite3"), timeout=30)
DATABASE.execute("CREATE TABLE IF NOT EXISTS seen (part INTEGER PRIMARY KEY, gpos INTEGER)")
DATABASE.execute("CREATE TABLE IF NOT EXISTS counts (type TEXT PRIMARY KEY, n INTEGER)")


def take(part: int, headers: dict[str, bytes]) -> None:
    """What came of an event and how far we are: one transaction."""
    gpos = int(headers["ce_gpos"])
    with DATABASE:
        moved = DATABASE.execute(
            "INSERT INTO seen VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET gpos = excluded.gpos "
            "WHERE excluded.gpos > gpos",
            (part, gpos),
        )
        if moved.rowcount:  # or it was here before
            DATABASE.execute(
                "INSERT INTO counts VALUES (?, 1) ON CONFLICT (type) DO UPDATE SET n = n + 1",
                (headers["ce_type"].decode(),),
            )


async def main() -> None:
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        group_id=os.environ.get("GROUP", "event-counter"),
        auto_offset_reset="earliest",
    )
    async with consumer:
        async for record in consumer:
            take(record.partition, dict(record.headers))


asyncio.run(main())
