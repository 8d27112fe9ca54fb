"""A plain Kafka consumer of somebody else: reads all topics from the beginning by the rule."""

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from amends.bus import OWNERS

PARTITIONS = 12
"""As deploy/topics.yaml declares them."""


async def read_everything(bootstrap_servers: str) -> dict[tuple[str, int], list[int]]:
    """Per topic and partition the gpos of every event that the documented rule lets count."""
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await client.start()
    seen: dict[tuple[str, int], list[int]] = {}
    try:
        places = [
            TopicPartition(topic, partition) for topic in OWNERS for partition in range(PARTITIONS)
        ]
        client.assign(places)
        ends = await client.end_offsets(places)
        seen = {(place.topic, place.partition): [] for place in places}
        while any([await client.position(place) < ends[place] for place in places]):
            fetched = await client.getmany(timeout_ms=500)
            for place, records in fetched.items():
                counted = seen[place.topic, place.partition]
                for record in records:
                    gpos = int(dict(record.headers)["ce_gpos"])
                    if not counted or gpos > counted[-1]:
                        counted.append(gpos)
    finally:
        await client.stop()
    return seen
