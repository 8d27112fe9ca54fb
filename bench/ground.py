"""A real PostgreSQL and Kafka for the time of a measurement."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.kafka import LocalKafka, fetch_jars
from deploy.local.postgres import LocalPostgres
from shared.kafka.progress import PROGRESS
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, create_missing


@contextmanager
def ground(*topics: str) -> Iterator[Mapping[str, str]]:
    """Where they are, as environment variables; these topics exist."""
    fetch_jars()
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres, kafka = LocalPostgres(folder / "postgres"), LocalKafka(folder / "kafka")
        try:
            postgres.start()
            kafka.start()
            settings = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers)
            asyncio.run(create_missing(settings, [_topic(name) for name in topics]))
            yield {
                "DATABASE_URL": postgres.url,
                "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            }
        finally:
            kafka.stop()
            postgres.stop()


def _topic(name: str) -> Topic:
    return Topic(name=name, partitions=1 if name == PROGRESS else 12, replication=1, config={})
