"""The consumer that the documents show, on a real broker: duplicates and kills do no harm."""

import os
import sqlite3
import subprocess
import sys
import time as waiting
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shared.eventlog.ports import Store
from shared.events.profiles import SpecialistRegistered
from shared.events.registry import SPECIALISTS
from shared.kafka.records import to_kafka
from shared.kafka.settings import KafkaSettings
from tests.architecture.sources import ROOT
from tests.contract.examples import full_example
from tests.support.feeds import KafkaFeeds
from tests.support.stores import commit, everything, happened, sqlite_stores
from tests.support.time import VirtualTime
from tests.support.topics import put

EXAMPLE = ROOT / "docs" / "examples" / "consumer.py"


@pytest.fixture
async def feeds(kafka_settings: KafkaSettings, time: VirtualTime) -> AsyncIterator[KafkaFeeds]:
    async with sqlite_stores(None, time) as open_store:
        feeds = KafkaFeeds(open_store, time, kafka_settings)
        yield feeds
        await feeds.close()


@contextmanager
def running(settings: KafkaSettings, database: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The example as its own process, killed at the end."""
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "TOPIC": settings.topic(SPECIALISTS),
        "GROUP": settings.topic("event-counter"),
        "DATABASE": str(database),
    }
    with subprocess.Popen([sys.executable, str(EXAMPLE)], env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def counts(database: Path) -> Counter[str]:
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        try:
            return Counter(dict(connection.execute("SELECT type, n FROM counts")))
        except sqlite3.OperationalError:
            return Counter()  # it has not come so far yet


def wait_for(database: Path, wanted: Counter[str]) -> None:
    end = waiting.monotonic() + 60
    while counts(database).total() < wanted.total() and waiting.monotonic() < end:
        waiting.sleep(0.05)
    assert counts(database) == wanted


async def record(source: Store, time: VirtualTime, first: int) -> None:
    for number in range(first, first + 60):
        event = full_example(SpecialistRegistered) if number % 3 else happened(time)
        await source.commit(commit(f"s{number}", 0, event, key=f"k{number % 7}"))


async def publish_some_again(settings: KafkaSettings, source: Store) -> None:
    """Old events once more, behind newer ones."""
    for stored in (await everything(source))[::7]:
        sent = to_kafka(stored)
        await put(
            settings,
            SPECIALISTS,
            key=sent.key,
            value=sent.value,
            headers=sent.headers,
            partition=sent.partition,
        )


async def should(source: Store) -> Counter[str]:
    return Counter(stored.type for stored in await everything(source))


async def test_it_counts_each_event_once_whatever_comes_twice_and_whenever_it_is_killed(
    feeds: KafkaFeeds, kafka_settings: KafkaSettings, tmp_path: Path, time: VirtualTime
) -> None:
    database = tmp_path / "counts.sqlite3"
    source = await feeds.source([SPECIALISTS], shards=3)
    await record(source, time, 0)
    await feeds.publish()
    with running(kafka_settings, database):
        wait_for(database, await should(source))
        await publish_some_again(kafka_settings, source)
        await record(source, time, 60)
        await feeds.publish()
        wait_for(database, await should(source))
    await publish_some_again(kafka_settings, source)
    await record(source, time, 120)
    await feeds.publish()
    with running(kafka_settings, database):
        wait_for(database, await should(source))
