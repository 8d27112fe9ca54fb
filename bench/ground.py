"""A real PostgreSQL and Kafka for the time of a measurement."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.kafka import LocalKafka, fetch_jars
from deploy.local.postgres import LocalPostgres
from shared.kafka.progress import PROGRESS


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
            asyncio.run(_create(kafka.bootstrap_servers, topics))
            yield {
                "DATABASE_URL": postgres.url,
                "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            }
        finally:
            kafka.stop()
            postgres.stop()


async def _create(servers: str, topics: tuple[str, ...]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(name, _partitions(name), 1) for name in topics])
    await admin.close()


def _partitions(topic: str) -> int:
    return 1 if topic == PROGRESS else 12
