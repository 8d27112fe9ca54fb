"""What lies on topics of the real broker, read plainly, and put there plainly."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from shared.events.envelope import Recorded
from shared.kafka.records import Headers, Place, from_kafka
from shared.kafka.settings import KafkaSettings


@dataclass(frozen=True)
class Lying:
    """One record where it lies."""

    place: Place
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def event(self) -> Recorded:
        """The event it is."""
        return from_kafka(self.place, self.key, self.value, self.headers)


async def everything_on(settings: KafkaSettings, topic: str, partition: int = 0) -> list[Lying]:
    """All records of a partition, in order."""
    consumer = AIOKafkaConsumer(**settings.connection(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        place = TopicPartition(settings.topic(topic), partition)
        end = (await consumer.end_offsets([place]))[place]
        consumer.assign([place])
        consumer.seek(place, 0)
        found: list[Lying] = []
        while len(found) < end:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [
                    Lying(Place(topic, r.partition, r.offset), r.key, r.value, r.headers)
                    for r in records
                ]
        return found
    finally:
        await consumer.stop()


def each_once(lying: Sequence[Lying]) -> list[Recorded]:
    """The events of one partition by the rule for readers: drop what does not go on in gpos."""
    found: list[Recorded] = []
    for record in lying:
        if not found or record.event.gpos > found[-1].gpos:
            found.append(record.event)
    return found


async def put(
    settings: KafkaSettings,
    topic: str,
    *,
    key: bytes | None,
    value: bytes | None,
    headers: Headers = (),
    partition: int = 0,
) -> None:
    """Write one record past the relay."""
    producer = AIOKafkaProducer(**settings.connection())
    await producer.start()
    try:
        await producer.send_and_wait(
            settings.topic(topic), value, key, partition, headers=list(headers)
        )
    finally:
        await producer.stop()
