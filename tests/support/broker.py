"""The real broker for tests: one per test process, and topics of its own for every test."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka import KafkaUnavailable, LocalKafka
from shared.ids import TimeOrderedIds
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, create_missing


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker: the one that KAFKA_BOOTSTRAP_SERVERS names, or one of our own."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    broker = LocalKafka(tmp_path_factory.mktemp("kafka"))
    try:
        broker.start()
    except KafkaUnavailable as error:
        pytest.fail(str(error), pytrace=False)
    yield broker.bootstrap_servers
    broker.stop()


@pytest.fixture
def kafka_settings(kafka: str) -> KafkaSettings:
    """How to reach the broker, with a topic prefix that nobody else has."""
    return unshared(kafka)


def unshared(bootstrap_servers: str) -> KafkaSettings:
    """Settings with a topic prefix that nobody else has."""
    return KafkaSettings(
        bootstrap_servers=bootstrap_servers, topic_prefix=f"{TimeOrderedIds().new()}."
    )


async def make_topics(settings: KafkaSettings, *names: str, partitions: int = 1) -> None:
    """Topics on the broker, as the platform names them."""
    await create_missing(
        settings,
        [Topic(name=name, partitions=partitions, replication=1, config={}) for name in names],
    )


async def delete_topics(settings: KafkaSettings, *names: str) -> None:
    """Remove topics and all that lies on them."""
    gone = {settings.topic(name) for name in names}
    admin = AIOKafkaAdminClient(**settings.connection())
    await admin.start()
    try:
        await admin.delete_topics(list(gone))
        async with asyncio.timeout(20):
            there = set(await admin.list_topics())
            while not gone.isdisjoint(there):
                await asyncio.sleep(0.05)
                there = set(await admin.list_topics())
    finally:
        await admin.close()
