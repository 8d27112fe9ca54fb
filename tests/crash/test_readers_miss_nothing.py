"""Twelve processes write to one PostgreSQL store at once; whoever tails it misses nothing."""

import asyncio
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import count

import asyncpg
import pytest

from shared.clock import WallClock
from shared.eventlog.ports import Commit, EventLog, VersionConflict
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.postgres_schema import create_schema
from shared.ids import TimeOrderedIds
from shared.observability import Metrics
from tests.support.servers import postgres_server
from tests.support.stores import append, happened
from tests.support.time import VirtualTime

WRITERS = 12
COMMITS = 450
SIZE = 10
SHARDS = 3
SCHEMA = "writers"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgres_server() as url:
        yield url


async def opened(url: str) -> PostgresEventLog:
    return await PostgresEventLog.open(
        url,
        schema=SCHEMA,
        source="intake",
        clock=WallClock(),
        ids=TimeOrderedIds(),
        metrics=Metrics(),
    )


async def write(url: str, writer: int) -> None:
    """What each process does: batches to its own streams, of keys that all writers share.

    5 % are rolled back: their second append finds another version than it expects.
    """
    log, dice, time = await opened(url), random.Random(writer), VirtualTime()
    versions: dict[str, int] = defaultdict(int)
    for number in range(COMMITS):
        stream, key = f"w{writer}-{number % 5}", f"k{dice.randrange(20)}"
        events = [happened(time) for _ in range(SIZE)]
        appends = [append(stream, versions[stream], *events, key=key)]
        wrong = dice.random() < 0.05
        if wrong:
            appends.append(append("other", 7, happened(time), key=key))
        try:
            await log.commit(Commit(appends=tuple(appends)))
        except VersionConflict:
            assert wrong
            continue
        versions[stream] += SIZE
    await log.close()


async def follow(log: EventLog, shard: int, done: asyncio.Event) -> list[tuple[int, str, int]]:
    seen: list[tuple[int, str, int]] = []
    after = 0
    while True:
        last_look = done.is_set()
        records = await log.tail(shard, after, limit=97)
        seen += [(record.gpos, record.stream, record.version) for record in records]
        after = records[-1].gpos if records else after
        if last_look and not records:
            return seen


async def test_a_reader_beside_twelve_writing_processes_sees_exactly_the_table(
    postgres_url: str,
) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    await create_schema(connection, SCHEMA, (), SHARDS)
    log, done = await opened(postgres_url), asyncio.Event()
    following = [asyncio.ensure_future(follow(log, shard, done)) for shard in range(SHARDS)]
    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash.test_readers_miss_nothing", postgres_url, str(number)
        )
        for number in range(WRITERS)
    ]
    codes = [await writer.wait() for writer in writers]
    done.set()
    seen = [await follower for follower in following]
    await log.close()
    rows = await connection.fetch(
        f"SELECT shard, gpos, stream, version FROM {SCHEMA}.events ORDER BY gpos"  # noqa: S608
    )
    await connection.close()
    assert codes == [0] * WRITERS
    assert len(rows) >= 50_000
    assert len(rows) < WRITERS * COMMITS * SIZE
    for shard in range(SHARDS):
        assert seen[shard] == [tuple(row)[1:] for row in rows if row["shard"] == shard]
        assert len(seen[shard]) > 1000
    versions: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
    for row in rows:
        assert row["version"] == next(versions[row["stream"]])


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
