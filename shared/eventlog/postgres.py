"""The event log and timers in a schema of PostgreSQL, shared by all processes of a service.

Order without holes: a transaction locks the rows of its shards, and only then gives out positions;
it holds them until its commit, so along a shard the order of commits is the order of gpos, whoever
writes. Speed: commands that wait together share one transaction (ADR 0002, ADR 0010).
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Self

import asyncpg

from shared.clock import Clock, ClockName, from_ms, to_ms
from shared.crypto.keyring import KeyRing, KeySources
from shared.crypto.ports import KeySource
from shared.eventlog.batched import Batched
from shared.eventlog.group_commit import GroupCommit, Outcome
from shared.eventlog.news import News
from shared.eventlog.ports import (
    Claim,
    Commit,
    Document,
    Position,
    Projection,
    Row,
    Signal,
    Statement,
    StorageUnavailable,
    Timer,
    no_projection,
)
from shared.eventlog.postgres_batch import ClaimKey, claim_key
from shared.eventlog.postgres_connections import Connections
from shared.eventlog.postgres_schema import stored_shards
from shared.eventlog.postgres_writer import CLAIMS, PostgresWriter
from shared.eventlog.rows import (
    EVENT_COLUMNS,
    TIMER_COLUMNS,
    claim_of,
    recorded_of,
    timer_of,
)
from shared.eventlog.sql import arguments, columns, numbered
from shared.eventlog.subject_keys import DocumentKeys, SharedKeys
from shared.eventlog.wakeup import Wakeup
from shared.events.envelope import Recorded
from shared.ids import Ids
from shared.observability import Metrics, log

_AGAIN: Final = 3
"""How often a batch is tried again whose locks crossed another's, before its parts go alone."""

_READ: Final = f"SELECT {EVENT_COLUMNS} FROM events WHERE stream = ANY($1) ORDER BY version"  # noqa: S608
_READ_UP_TO: Final = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE stream = $1 AND version <= $2 ORDER BY version"  # noqa: S608
)
_DOCUMENTS: Final = (
    "SELECT d.kind, d.key, d.version, d.data FROM documents d"
    " JOIN unnest($1::text[], $2::text[]) w(kind, key) USING (kind, key)"
)
_TAIL: Final = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE shard = $1 AND gpos > $2 ORDER BY gpos LIMIT $3"  # noqa: S608
)
_TAIL_TOPIC: Final = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE shard = $1 AND gpos > $2 AND topic = $4 "  # noqa: S608
    "ORDER BY gpos LIMIT $3"
)
_DUE: Final = (
    f"SELECT {TIMER_COLUMNS} FROM timers WHERE clock = $1 AND shard = ANY($2) AND due_at <= $3 "  # noqa: S608
    "ORDER BY due_at, id LIMIT $4"
)
# Whoever holds a shard is waited for; whoever takes it next must not record an earlier time.
_HORIZON: Final = (
    "UPDATE shards s SET recorded_at = GREATEST(s.recorded_at, $1) FROM"
    " (SELECT shard FROM shards ORDER BY shard FOR UPDATE) held WHERE s.shard = held.shard"
)
_LEASE: Final = (
    "INSERT INTO leases AS l VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))"
    " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at"
    " WHERE l.owner = excluded.owner OR l.expires_at < clock_timestamp() RETURNING l.owner"
)


class PostgresEventLog:
    """Implements `Store`. Make it with `open`; it belongs to one event loop.

    Its schema must have been prepared (`amends migrate`).
    """

    def __init__(  # noqa: PLR0913 - given by `open`
        self,
        connections: Connections,
        writer: PostgresWriter,
        *,
        source: str,
        shards: int,
        clock: Clock,
        metrics: Metrics,
        keys: KeySources | None,
    ) -> None:
        self._keys = KeyRing(source, keys or self._keys_of)
        self._connections = connections
        self._writer = writer
        self._source = source
        self._shards = shards
        self._clock = clock
        self._news = News(self._latest_news, lambda: self._rows("SELECT nextval('news')"))
        self._streams = Batched(self._read_streams)
        self._documents = Batched(self._read_documents)
        self._claims = Batched(self._read_claims)
        self._group = GroupCommit(source, metrics, self._write, self._tell)

    @classmethod
    async def open(  # noqa: PLR0913 - given by one composition root
        cls,
        url: str,
        *,
        source: str,
        clock: Clock,
        ids: Ids,
        metrics: Metrics,
        projection: Projection = no_projection,
        schema: str | None = None,
        keys: KeySources | None = None,
    ) -> Self:
        """Open a prepared schema (by default named like the service).

        `keys` finds the keys of persons of all services; by default they lie in the same database.
        Raises `SchemaMissing`, or `StorageUnavailable` if the server does not answer.
        """
        schema = schema or source
        unavailable = metrics.storage_unavailable.labels(source, "query")
        connections = await Connections.open(url, schema, unavailable)
        try:
            async with connections.reading() as connection:
                shards = await stored_shards(connection, schema)
        except BaseException:
            await connections.close()
            raise
        writer = PostgresWriter(
            source=source, shards=shards, clock=clock, ids=ids, projection=projection
        )
        return cls(
            connections,
            writer,
            source=source,
            shards=shards,
            clock=clock,
            metrics=metrics,
            keys=keys,
        )

    @property
    def source(self) -> str:
        """Name of the owning service."""
        return self._source

    @property
    def shards(self) -> int:
        """Number of shards."""
        return self._shards

    @property
    def keys(self) -> KeyRing:
        """See `EventLog.keys`."""
        return self._keys

    def _keys_of(self, service: str) -> KeySource:
        return DocumentKeys(self) if service == self._source else SharedKeys(self, service)

    # -- writing ---------------------------------------------------------------------------

    async def commit(self, commit: Commit) -> list[Recorded]:
        """See `EventLog.commit`."""
        return await self._group.commit(commit)

    async def _write(self, commits: Sequence[Commit]) -> list[Outcome]:
        try:
            return await self._write_together(commits)
        except StorageUnavailable as error:
            log.error("commit_failed", service=self._source, error=str(error))
            return [error] * len(commits)
        except Exception as error:  # noqa: BLE001 - whatever it was, every caller must hear of it
            if len(commits) == 1:
                return [error]
            return [outcome for commit in commits for outcome in await self._write([commit])]

    async def _write_together(self, commits: Sequence[Commit]) -> list[Outcome]:
        for _ in range(_AGAIN):
            # Another process was faster: what it recorded is seen the next time.
            with suppress(
                asyncpg.UniqueViolationError,
                asyncpg.SerializationError,
                asyncpg.DeadlockDetectedError,
            ):
                return await self._transaction(commits)
        return await self._transaction(commits)

    async def _transaction(self, commits: Sequence[Commit]) -> list[Outcome]:
        async with self._connections.writing() as connection:
            return await self._writer.write(connection, commits)

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        if any(isinstance(outcome, list) for outcome in outcomes):
            self._news.committed()

    # -- reading ---------------------------------------------------------------------------

    async def _rows(self, sql: str, *values: Any) -> list[Any]:
        if any(map(_holds_nul, values)):
            return []  # no text of PostgreSQL holds that character, so no row can match
        async with self._connections.reading() as connection:
            rows: list[Any] = await connection.fetch(sql, *values)
            return rows

    async def read(self, stream: str, *, up_to: int | None = None) -> list[Recorded]:
        """See `EventLog.read`."""
        if up_to is None:
            return await self._streams.get(stream) or []
        rows = await self._rows(_READ_UP_TO, stream, up_to)
        return [recorded_of(self._source, row) for row in rows]

    async def _read_streams(self, streams: Sequence[str]) -> Mapping[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = {}
        for row in await self._rows(_READ, [*streams]):
            record = recorded_of(self._source, row)
            found.setdefault(record.stream, []).append(record)
        return found

    async def tail(
        self, shard: int, after_gpos: int, *, topic: str | None = None, limit: int = 500
    ) -> list[Recorded]:
        """See `EventLog.tail`."""
        if topic is None:
            rows = await self._rows(_TAIL, shard, after_gpos, limit)
        else:
            rows = await self._rows(_TAIL_TOPIC, shard, after_gpos, limit, topic)
        return [recorded_of(self._source, row) for row in rows]

    async def heads(self) -> Sequence[int]:
        """See `EventLog.heads`."""
        return [row[0] for row in await self._rows("SELECT head FROM shards ORDER BY shard")]

    async def _latest_news(self) -> int:
        """Something that differs once any process has committed something."""
        return int((await self._rows("SELECT last_value FROM news"))[0][0])

    async def horizon(self) -> datetime:
        """See `EventLog.horizon`. It takes the locks of all shards for a moment."""
        now = self._clock.now()
        async with self._connections.reading() as connection:
            await connection.execute(_HORIZON, to_ms(now))
        return from_ms(to_ms(now))

    async def position(self, consumer: str, source: str, partition: int) -> Position:
        """See `EventLog.position`."""
        rows = await self._rows(
            "SELECT cursor, gpos FROM positions"
            " WHERE consumer = $1 AND source = $2 AND partition = $3",
            consumer,
            source,
            partition,
        )
        cursor, gpos = rows[0] if rows else (0, 0)
        return Position(
            consumer=consumer, source=source, partition=partition, cursor=cursor, gpos=gpos
        )

    async def document(self, kind: str, key: str) -> Document:
        """See `EventLog.document`."""
        found = await self._documents.get((kind, key))
        return found or Document(kind=kind, key=key, version=0, data=None)

    async def _read_documents(
        self, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Document]:
        rows = await self._rows(_DOCUMENTS, *columns(keys))
        return {
            (row[0], row[1]): Document(kind=row[0], key=row[1], version=row[2], data=row[3])
            for row in rows
        }

    async def documents(self, kind: str) -> list[Document]:
        """See `EventLog.documents`."""
        rows = await self._rows(
            "SELECT key, version, data FROM documents WHERE kind = $1 ORDER BY key", kind
        )
        return [Document(kind=kind, key=row[0], version=row[1], data=row[2]) for row in rows]

    async def claimed(self, principal: str, operation: str, key: str) -> Claim | None:
        """See `EventLog.claimed`."""
        return await self._claims.get((principal, operation, key))

    async def _read_claims(self, keys: Sequence[ClaimKey]) -> Mapping[ClaimKey, Claim]:
        rows = await self._rows(CLAIMS, *columns(keys))
        return {claim_key(claim): claim for claim in map(claim_of, rows)}

    async def forget_claims(self, before: datetime) -> None:
        """See `EventLog.forget_claims`."""
        await self._rows("SELECT forget_claims($1)", to_ms(before))

    async def scrub(self) -> None:
        """See `EventLog.scrub`. Vacuuming, and how long WAL is kept, are the site's affair."""

    async def fetch(
        self,
        query: Statement,
        *,
        brief: bool = False,  # noqa: ARG002 - a round trip either way
    ) -> list[Row]:
        """See `EventLog.fetch`."""
        sql, names = numbered(query.sql)
        return [dict(row) for row in await self._rows(sql, *arguments(names, query.values))]

    async def due(
        self,
        clock: ClockName,
        until: datetime,
        *,
        shards: Collection[int] = (0,),
        limit: int = 500,
    ) -> list[Timer]:
        """See `Timers.due`."""
        rows = await self._rows(_DUE, clock, [*shards], to_ms(until), limit)
        return [timer_of(row) for row in rows]

    async def next_due(
        self, clock: ClockName, *, shards: Collection[int] = (0,)
    ) -> datetime | None:
        """See `Timers.next_due`."""
        rows = await self._rows(
            "SELECT min(due_at) FROM timers WHERE clock = $1 AND shard = ANY($2)", clock, [*shards]
        )
        return None if rows[0][0] is None else from_ms(rows[0][0])

    async def lease(self, name: str, owner: str, seconds: float) -> bool:
        """See `Timers.lease`. Time is the server's, so that hosts need not agree."""
        return bool(await self._rows(_LEASE, name, owner, seconds))

    async def release(self, name: str, owner: str) -> None:
        """See `Timers.release`."""
        await self._rows("DELETE FROM leases WHERE name = $1 AND owner = $2", name, owner)

    # -- news and end ----------------------------------------------------------------------

    def watch(self, signal: Signal | None = None) -> Signal:
        """See `EventLog.watch`. Commits of other processes are seen some milliseconds later."""
        listener = signal if signal is not None else Wakeup()
        self._news.wake(listener)
        return listener

    async def close(self) -> None:
        """See `EventLog.close`."""
        await self._group.close()
        await self._news.close()
        await self._connections.close()


def _holds_nul(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value
