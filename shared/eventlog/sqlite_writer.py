"""One transaction on SQLite: applies commits one after the other, each whole or not at all."""

import sqlite3
from datetime import datetime
from itertools import count
from typing import Any, Final

from shared.clock import Clock, from_ms, to_ms
from shared.eventlog.ports import (
    Advance,
    AlreadyClaimed,
    Append,
    Claim,
    Commit,
    Document,
    PositionMoved,
    Projection,
    Statement,
    Timer,
    TimerGone,
    VersionConflict,
)
from shared.eventlog.rows import (
    CLAIM_COLUMNS,
    EVENT_COLUMNS,
    claim_of,
    claim_row,
    event_rows,
    timer_row,
)
from shared.eventlog.shards import shard_of
from shared.events.envelope import Event, Fact, Recorded
from shared.ids import Ids

INSERT_EVENT: Final = f"INSERT INTO events ({EVENT_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
_INSERT_CLAIM: Final = "INSERT INTO idempotency VALUES (?,?,?,?,?,?,?,?)"
_SELECT_CLAIM: Final = (
    f"SELECT {CLAIM_COLUMNS} FROM idempotency "  # noqa: S608
    "WHERE principal = ? AND operation = ? AND key = ?"
)
_SET_TIMER: Final = (
    "INSERT INTO timers VALUES (?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
    "clock = excluded.clock, shard = excluded.shard, due_at = excluded.due_at, "
    "kind = excluded.kind, key = excluded.key, payload = excluded.payload"
)


def find_claim(
    connection: sqlite3.Connection, principal: str, operation: str, key: str
) -> Claim | None:
    """The claim of an idempotency key, if there is one."""
    row = connection.execute(_SELECT_CLAIM, (principal, operation, key)).fetchone()
    return None if row is None else claim_of(row)


class SqliteWriter:
    """The only writer of a file. Between `begin` and `end` it holds the write lock."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        source: str,
        shards: int,
        clock: Clock,
        ids: Ids,
        projection: Projection,
    ) -> None:
        self._db = connection
        self._source = source
        self._shards = shards
        self._clock = clock
        self._ids = ids
        self._projection = projection
        row = connection.execute("SELECT max(gpos), max(recorded_at) FROM events").fetchone()
        self._gpos: int = row[0] or 0
        self._last_recorded_ms: int = row[1] or 0

    def heads(self) -> list[int]:
        """Per shard the gpos of its last event, read once when the store is opened."""
        if self._shards == 1:
            return [self._gpos]
        heads = [0] * self._shards
        for shard, gpos in self._db.execute("SELECT shard, max(gpos) FROM events GROUP BY shard"):
            heads[shard] = gpos
        return heads

    def begin(self) -> datetime:
        """Take the write lock and return the time at which all that follows is recorded."""
        self._db.execute("BEGIN IMMEDIATE")
        self._last_recorded_ms = max(self._last_recorded_ms, to_ms(self._clock.now()))
        return from_ms(self._last_recorded_ms)

    def commit(self) -> None:
        """Make it durable and let go of the lock."""
        self._db.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget everything since `begin`."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        row = self._db.execute("SELECT max(gpos) FROM events").fetchone()
        self._gpos = row[0] or 0

    def apply(self, commit: Commit) -> list[Recorded]:
        """Apply one commit, or raise and leave the transaction as it was before."""
        gpos = self._gpos
        self._db.execute("SAVEPOINT one")
        try:
            recorded = self._apply(commit)
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO one")
                self._db.execute("RELEASE one")
            self._gpos = gpos
            raise
        self._db.execute("RELEASE one")
        return recorded

    def _apply(self, commit: Commit) -> list[Recorded]:
        if commit.claim is not None:
            self._claim(commit.claim)
        if commit.advance is not None:
            self._advance(commit.advance)
        for timer in commit.fired_timers:
            self._fired(timer)
        for timer_id in commit.cancelled_timers:
            self._db.execute("DELETE FROM timers WHERE id = ?", (timer_id,))
        self._db.executemany(_SET_TIMER, [timer_row(timer) for timer in commit.timers])
        for document in commit.unchanged:
            self._unchanged(document)
        for document in commit.documents:
            self._document(document)
        for statement in commit.statements:
            self._execute(statement)
        return self._append_all(commit.appends)

    def _append_all(self, appends: tuple[Append, ...]) -> list[Recorded]:
        rows: list[tuple[Any, ...]] = []
        facts: list[Fact[Event]] = []
        versions: dict[str, int] = {}
        for append in appends:
            version = versions.get(append.stream)
            if version is None:
                version = self._version(append.stream)
            if version != append.expected_version:
                raise VersionConflict(append.stream)
            versions[append.stream] = version + len(append.events)
            for fact, row in event_rows(
                append,
                source=self._source,
                shard=shard_of(append.key, self._shards),
                recorded_ms=self._last_recorded_ms,
                gpos=count(self._gpos + 1),
                new_id=self._ids.new,
            ):
                facts.append(fact)
                rows.append(row)
            self._gpos += len(append.events)
        if rows:
            self._db.executemany(INSERT_EVENT, rows)
        for statement in self._projection(facts):
            self._execute(statement)
        return [fact.recorded for fact in facts]

    def _version(self, stream: str) -> int:
        row = self._db.execute(
            "SELECT max(version) FROM events WHERE stream = ?", (stream,)
        ).fetchone()
        return row[0] or 0

    def _execute(self, statement: Statement) -> None:
        self._db.execute(statement.sql, statement.values)

    def _claim(self, claim: Claim) -> None:
        try:
            self._db.execute(_INSERT_CLAIM, claim_row(claim))
        except sqlite3.IntegrityError as error:
            taken = find_claim(self._db, claim.principal, claim.operation, claim.key)
            if taken is None:
                raise
            raise AlreadyClaimed(taken) from error

    def _advance(self, advance: Advance) -> None:
        old, new = advance.expected, advance.new
        name = (old.consumer, old.source, old.partition)
        moved = self._db.execute(
            "UPDATE positions SET cursor = ?, gpos = ? WHERE consumer = ? AND source = ? "
            "AND partition = ? AND cursor = ? AND gpos = ?",
            (new.cursor, new.gpos, *name, old.cursor, old.gpos),
        ).rowcount
        if moved == 0 and (old.cursor, old.gpos) == (0, 0):
            moved = self._db.execute(
                "INSERT INTO positions VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
                (*name, new.cursor, new.gpos),
            ).rowcount
        if moved == 0:
            raise PositionMoved(f"{old.consumer} on {old.source}/{old.partition}")

    def _fired(self, timer: Timer) -> None:
        gone = self._db.execute(
            "DELETE FROM timers WHERE id = ? AND due_at = ?", (timer.id, to_ms(timer.due_at))
        ).rowcount
        if gone == 0:
            raise TimerGone(timer.id)

    def _unchanged(self, document: Document) -> None:
        row = self._db.execute(
            "SELECT version FROM documents WHERE kind = ? AND key = ?",
            (document.kind, document.key),
        ).fetchone()
        if (row or (0,))[0] != document.version:
            raise VersionConflict(f"document {document.kind} {document.key}")

    def _document(self, document: Document) -> None:
        name = (document.kind, document.key)
        if document.version == 0:
            if document.data is None:
                return
            changed = self._db.execute(
                "INSERT INTO documents VALUES (?,?,1,?) ON CONFLICT DO NOTHING",
                (*name, document.data),
            ).rowcount
        elif document.data is None:
            changed = self._db.execute(
                "DELETE FROM documents WHERE kind = ? AND key = ? AND version = ?",
                (*name, document.version),
            ).rowcount
        else:
            changed = self._db.execute(
                "UPDATE documents SET version = version + 1, data = ? "
                "WHERE kind = ? AND key = ? AND version = ?",
                (document.data, *name, document.version),
            ).rowcount
        if changed == 0:
            raise VersionConflict(f"document {document.kind} {document.key}")
