"""The event log and timers on one SQLite file, or in memory (the fake of the tests).

Order without holes: one writer holds `BEGIN IMMEDIATE`, so commit order is gpos order and a plain
cursor misses nothing. Speed: commands that wait together share one transaction (group commit);
statements run on the event loop because each takes microseconds and changing threads takes longer,
the `COMMIT` with its fsync runs in a thread so that the loop goes on meanwhile (ADR 0002).
"""

import asyncio
import json
import sqlite3
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

from sqlmodel import SQLModel

from shared.clock import Clock, ClockName, from_ms, to_ms
from shared.crypto.keyring import KeyRing, KeySources
from shared.eventlog.group_commit import GroupCommit, Outcome
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
from shared.eventlog.rows import EVENT_COLUMNS, TIMER_COLUMNS, recorded_of, timer_of
from shared.eventlog.sqlite_schema import connect, prepare, truncate_wal
from shared.eventlog.sqlite_writer import SqliteWriter, find_claim
from shared.eventlog.subject_keys import DocumentKeys, ends_a_key
from shared.eventlog.wakeup import Wakeup
from shared.events.envelope import Recorded
from shared.ids import Ids
from shared.observability import Metrics, log

_READ_STREAM: Final = f"SELECT {EVENT_COLUMNS} FROM events WHERE stream = ? ORDER BY version"  # noqa: S608
_READ_STREAM_UP_TO: Final = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE stream = ? AND version <= ? ORDER BY version"  # noqa: S608
)
_TAIL: Final = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE gpos > ? AND shard = ? ORDER BY gpos LIMIT ?"  # noqa: S608
)
_TAIL_TOPIC: Final = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE gpos > ? AND shard = ? AND topic = ? "  # noqa: S608
    "ORDER BY gpos LIMIT ?"
)
_DUE: Final = (
    f"SELECT {TIMER_COLUMNS} FROM timers WHERE clock = ? AND due_at <= ? "  # noqa: S608
    "AND shard IN (SELECT value FROM json_each(?)) ORDER BY due_at, id LIMIT ?"
)
_NEXT_DUE: Final = (
    "SELECT min(due_at) FROM timers WHERE clock = ? AND shard IN (SELECT value FROM json_each(?))"
)


class SqliteEventLog:
    """Implements `Store`. Make it with `open`; it belongs to one event loop."""

    def __init__(  # noqa: PLR0913 - given by one composition root
        self,
        *,
        source: str,
        shards: int,
        clock: Clock,
        path: Path | None,
        connection: sqlite3.Connection,
        writer: SqliteWriter,
        metrics: Metrics,
        keys: KeySources | None,
    ) -> None:
        self._source = source
        self._keys = KeyRing(source, keys or {source: DocumentKeys(self)}.get)
        self._shards = shards
        self._clock = clock
        self._path = path
        self._db = connection
        self._writer = writer
        self._reader = connection if path is None else connect(path, read_only=True)
        self._queries = connection if path is None else connect(path, read_only=True)
        self._commit_thread = ThreadPoolExecutor(1, thread_name_prefix=f"{source}-commit")
        self._query_thread = ThreadPoolExecutor(1, thread_name_prefix=f"{source}-query")
        self._signals: list[Signal] = []
        self._in_hand: datetime | None = None
        self._scrubbing: set[asyncio.Task[None]] = set()
        self._leases: dict[str, str] = {}
        self._heads = writer.heads()
        self._group = GroupCommit(source, metrics, self._write, self._tell)

    @classmethod
    async def open(  # noqa: PLR0913 - given by one composition root
        cls,
        path: Path | None,
        *,
        source: str,
        clock: Clock,
        ids: Ids,
        metrics: Metrics,
        projection: Projection = no_projection,
        tables: Sequence[type[SQLModel]] = (),
        shards: int = 1,
        keys: KeySources | None = None,
    ) -> "SqliteEventLog":
        """Open or create the store. `path` None keeps it in memory.

        `keys` finds the keys of persons of all services; without it there are its own alone.
        """
        connection = connect(path)
        prepare(connection, tables, shards)
        writer = SqliteWriter(
            connection,
            source=source,
            shards=shards,
            clock=clock,
            ids=ids,
            projection=projection,
        )
        return cls(
            source=source,
            shards=shards,
            clock=clock,
            path=path,
            connection=connection,
            writer=writer,
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

    # -- writing ---------------------------------------------------------------------------

    async def commit(self, commit: Commit) -> list[Recorded]:
        """See `EventLog.commit`."""
        return await self._group.commit(commit)

    async def _write(self, commits: Sequence[Commit]) -> list[Outcome]:
        try:
            self._in_hand = self._writer.begin()
            outcomes = [self._apply(commit) for commit in commits]
            await self._make_durable()
        except Exception as error:  # noqa: BLE001 - whatever it was, every caller must hear of it
            unavailable = self._failed(error)
            return [unavailable] * len(commits)
        finally:
            self._in_hand = None
        if any(ends_a_key(document) for commit in commits for document in commit.documents):
            # The write-ahead log still has the page it lay on.
            task = asyncio.create_task(self.scrub(), name=f"{self._source}-scrub")
            self._scrubbing.add(task)
            task.add_done_callback(self._scrubbing.discard)
        return outcomes

    def _apply(self, commit: Commit) -> Outcome:
        """Apply one commit; a refusal or a faulty statement fails it alone."""
        try:
            return self._writer.apply(commit)
        except sqlite3.OperationalError as error:
            if _is_fault_of_statement(error):
                return error
            raise
        except Exception as error:  # noqa: BLE001 - goes to whoever asked for this commit
            return error

    async def _make_durable(self) -> None:
        if self._path is None:
            self._writer.commit()
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._commit_thread, self._writer.commit)

    def _failed(self, error: Exception) -> StorageUnavailable:
        log.error("commit_failed", service=self._source, error=str(error))
        try:
            self._writer.roll_back()
        except sqlite3.Error as second:
            log.error("rollback_failed", service=self._source, error=str(second))
        return StorageUnavailable(str(error))

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        stood = [outcome for outcome in outcomes if isinstance(outcome, list)]
        for record in chain.from_iterable(stood):
            self._heads[record.shard] = record.gpos
        if stood:
            for signal in self._signals:
                signal.set()

    # -- reading ---------------------------------------------------------------------------

    async def read(self, stream: str, *, up_to: int | None = None) -> list[Recorded]:
        """See `EventLog.read`."""
        if up_to is None:
            rows = self._reader.execute(_READ_STREAM, (stream,)).fetchall()
        else:
            rows = self._reader.execute(_READ_STREAM_UP_TO, (stream, up_to)).fetchall()
        return [recorded_of(self._source, row) for row in rows]

    async def tail(
        self, shard: int, after_gpos: int, *, topic: str | None = None, limit: int = 500
    ) -> list[Recorded]:
        """See `EventLog.tail`."""
        if topic is None:
            rows = self._reader.execute(_TAIL, (after_gpos, shard, limit)).fetchall()
        else:
            rows = self._reader.execute(_TAIL_TOPIC, (after_gpos, shard, topic, limit)).fetchall()
        return [recorded_of(self._source, row) for row in rows]

    async def heads(self) -> Sequence[int]:
        """See `EventLog.heads`."""
        return self._heads

    async def horizon(self) -> datetime:
        """See `EventLog.horizon`."""
        return self._clock.now() if self._in_hand is None else self._in_hand

    async def position(self, consumer: str, source: str, partition: int) -> Position:
        """See `EventLog.position`."""
        row = self._reader.execute(
            "SELECT cursor, gpos FROM positions "
            "WHERE consumer = ? AND source = ? AND partition = ?",
            (consumer, source, partition),
        ).fetchone()
        cursor, gpos = row or (0, 0)
        return Position(
            consumer=consumer, source=source, partition=partition, cursor=cursor, gpos=gpos
        )

    async def document(self, kind: str, key: str) -> Document:
        """See `EventLog.document`."""
        row = self._reader.execute(
            "SELECT version, data FROM documents WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        version, data = row or (0, None)
        return Document(kind=kind, key=key, version=version, data=data)

    async def documents(self, kind: str) -> list[Document]:
        """See `EventLog.documents`."""
        rows = self._reader.execute(
            "SELECT key, version, data FROM documents WHERE kind = ? ORDER BY key", (kind,)
        ).fetchall()
        return [Document(kind=kind, key=row[0], version=row[1], data=row[2]) for row in rows]

    async def claimed(self, principal: str, operation: str, key: str) -> Claim | None:
        """See `EventLog.claimed`."""
        return find_claim(self._reader, principal, operation, key)

    async def forget_claims(self, before: datetime) -> None:
        """See `EventLog.forget_claims`."""
        forget = Statement(
            "DELETE FROM idempotency WHERE created_at < :before", {"before": to_ms(before)}
        )
        await self.commit(Commit(statements=(forget,)))

    async def scrub(self) -> None:
        """See `EventLog.scrub`. Deleted rows are overwritten, but the WAL still has older pages."""
        if self._path is None:
            return
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(None, truncate_wal, self._path):
            log.error("scrub_failed", service=self._source)

    async def fetch(self, query: Statement, *, brief: bool = False) -> list[Row]:
        """See `EventLog.fetch`. Runs in a thread if not brief: a list may take milliseconds."""
        if brief or self._path is None:
            return self._fetch(self._reader, query)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._query_thread, self._fetch, self._queries, query)

    @staticmethod
    def _fetch(connection: sqlite3.Connection, query: Statement) -> list[Row]:
        found = connection.execute(query.sql, query.values)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found]

    async def due(
        self,
        clock: ClockName,
        until: datetime,
        *,
        shards: Collection[int] = (0,),
        limit: int = 500,
    ) -> list[Timer]:
        """See `Timers.due`."""
        values = (clock, to_ms(until), json.dumps([*shards]), limit)
        return [timer_of(row) for row in self._reader.execute(_DUE, values).fetchall()]

    async def next_due(
        self, clock: ClockName, *, shards: Collection[int] = (0,)
    ) -> datetime | None:
        """See `Timers.next_due`."""
        values = (clock, json.dumps([*shards]))
        row: tuple[Any, ...] = self._reader.execute(_NEXT_DUE, values).fetchone()
        return None if row[0] is None else from_ms(row[0])

    async def lease(self, name: str, owner: str, seconds: float) -> bool:  # noqa: ARG002 - the port's
        """See `Timers.lease`. The file has one process, so a lease passes only when given back."""
        return self._leases.setdefault(name, owner) == owner

    async def release(self, name: str, owner: str) -> None:
        """See `Timers.release`."""
        if self._leases.get(name) == owner:
            del self._leases[name]

    # -- news and end ----------------------------------------------------------------------

    def watch(self, signal: Signal | None = None) -> Signal:
        """See `EventLog.watch`."""
        listener = signal if signal is not None else Wakeup()
        self._signals.append(listener)
        return listener

    async def close(self) -> None:
        """See `EventLog.close`."""
        await self._group.close()
        await asyncio.gather(*self._scrubbing)
        self._commit_thread.shutdown()
        self._query_thread.shutdown()
        for connection in {id(c): c for c in (self._reader, self._queries, self._db)}.values():
            connection.close()


def _is_fault_of_statement(error: sqlite3.OperationalError) -> bool:
    """Wrong SQL fails its own commit; a full disk or a lost file fails the whole batch."""
    return error.sqlite_errorname == "SQLITE_ERROR"
