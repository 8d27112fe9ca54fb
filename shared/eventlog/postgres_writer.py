"""One transaction on PostgreSQL: what it rests on is locked and read, then written, in few calls.

Locks are always taken in the same order (positions, timers, documents, shards; each sorted), so
that two writers wait for each other and never in a circle.
"""

from collections.abc import Sequence
from typing import Any, Final

from shared.clock import Clock
from shared.eventlog.group_commit import Outcome
from shared.eventlog.ports import Commit, Projection
from shared.eventlog.postgres_batch import Known, Numbering, Writes, claim_key, judge
from shared.eventlog.rows import (
    CLAIM_COLUMNS,
    EVENT_COLUMNS,
    claim_of,
    claim_row,
    timer_row,
)
from shared.eventlog.shards import shard_of
from shared.eventlog.sql import arguments, columns, numbered
from shared.ids import Ids

Connection = Any
"""An asyncpg connection, of a pool or not."""

CLAIMS: Final = (
    f"SELECT {CLAIM_COLUMNS} FROM idempotency JOIN unnest($1::text[], $2::text[], $3::text[])"  # noqa: S608
    " w(principal, operation, key) USING (principal, operation, key)"
)
_POSITIONS: Final = (
    "SELECT p.consumer, p.source, p.partition, p.cursor, p.gpos FROM positions p"
    " JOIN unnest($1::text[], $2::text[], $3::int[]) w(consumer, source, partition)"
    " USING (consumer, source, partition)"
    " ORDER BY p.consumer, p.source, p.partition FOR UPDATE OF p"
)
_TIMERS: Final = "SELECT id, due_at FROM timers WHERE id = ANY($1) ORDER BY id FOR UPDATE"
_DOCUMENTS: Final = (
    "SELECT d.kind, d.key, d.version FROM documents d"
    " JOIN unnest($1::text[], $2::text[]) w(kind, key) USING (kind, key)"
    " ORDER BY d.kind, d.key FOR UPDATE OF d"
)
_SHARDS: Final = "SELECT recorded_at, versions, gpos FROM take_shards($1, $2, $3)"

_INSERT_CLAIMS: Final = "INSERT INTO idempotency VALUES ($1,$2,$3,$4,$5,$6,$7,$8)"
_NEW_POSITIONS: Final = "INSERT INTO positions VALUES ($1,$2,$3,$4,$5)"
_MOVE_POSITIONS: Final = (
    "UPDATE positions SET cursor = $4, gpos = $5"
    " WHERE consumer = $1 AND source = $2 AND partition = $3"
)
_END_TIMERS: Final = "DELETE FROM timers WHERE id = ANY($1)"
_SET_TIMERS: Final = (
    "INSERT INTO timers VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT (id) DO UPDATE SET"
    " clock = excluded.clock, shard = excluded.shard, due_at = excluded.due_at,"
    " kind = excluded.kind, key = excluded.key, payload = excluded.payload"
)
_NEW_DOCUMENTS: Final = "INSERT INTO documents VALUES ($1,$2,$3,$4)"
_CHANGE_DOCUMENTS: Final = (
    "UPDATE documents SET version = $3, data = $4 WHERE kind = $1 AND key = $2"
)
_END_DOCUMENTS: Final = "DELETE FROM documents WHERE kind = $1 AND key = $2"
_INSERT_EVENTS: Final = (
    f"INSERT INTO events ({EVENT_COLUMNS})"  # noqa: S608
    " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)"
)
_WRITTEN: Final = (
    "UPDATE shards s SET recorded_at = w.recorded_at, head = w.head"
    " FROM unnest($1::int[], $2::bigint[], $3::bigint[]) w(shard, recorded_at, head)"
    " WHERE s.shard = w.shard"
)


class PostgresWriter:
    """Turns batches of commits into transactions of one connection."""

    def __init__(
        self, *, source: str, shards: int, clock: Clock, ids: Ids, projection: Projection
    ) -> None:
        self._shards = shards
        self._clock = clock
        self._numbering = Numbering(source=source, shards=shards, ids=ids, projection=projection)

    async def write(self, connection: Connection, batch: Sequence[Commit]) -> list[Outcome]:
        """Record what stands of a batch, durably; one outcome for each commit of it.

        Raises what asyncpg raises if the transaction as a whole was not taken.
        """
        async with connection.transaction():
            known = await self._known(connection, batch)
            await self._take_shards(connection, batch, known)
            writes = Writes()
            outcomes = [self._judged(commit, known, writes) for commit in batch]
            await self._write(connection, writes, known)
        return outcomes

    def _judged(self, commit: Commit, known: Known, writes: Writes) -> Outcome:
        try:
            judge(commit, known)
        except Exception as refusal:  # noqa: BLE001 - goes to whoever asked for this commit
            return refusal
        writes.add(commit)
        return self._numbering.record(commit, writes)

    # -- what it rests on ------------------------------------------------------------------

    async def _known(self, connection: Connection, batch: Sequence[Commit]) -> Known:
        known = Known()
        if claims := [claim_key(c.claim) for c in batch if c.claim is not None]:
            rows = await connection.fetch(CLAIMS, *columns(claims))
            known.claims = {claim_key(found): found for found in map(claim_of, rows)}
        places = [
            (c.advance.expected.consumer, c.advance.expected.source, c.advance.expected.partition)
            for c in batch
            if c.advance is not None
        ]
        if places:
            rows = await connection.fetch(_POSITIONS, *columns(places))
            known.positions = {(r[0], r[1], r[2]): (r[3], r[4]) for r in rows}
            known.stored_positions = frozenset(known.positions)
        if timers := sorted({timer.id for c in batch for timer in c.fired_timers}):
            known.timers = {r[0]: r[1] for r in await connection.fetch(_TIMERS, timers)}
        read = (d for c in batch for d in (*c.documents, *c.unchanged))
        if documents := {(d.kind, d.key) for d in read}:
            rows = await connection.fetch(_DOCUMENTS, *columns(sorted(documents)))
            known.documents = {(r[0], r[1]): r[2] for r in rows}
            known.stored_documents = frozenset(known.documents)
        return known

    async def _take_shards(
        self, connection: Connection, batch: Sequence[Commit], known: Known
    ) -> None:
        appends = [append for commit in batch for append in commit.appends]
        if not appends:
            return
        shards = sorted({shard_of(append.key, self._shards) for append in appends})
        streams = sorted({append.stream for append in appends})
        count = sum(len(append.events) for append in appends)
        row = await connection.fetchrow(_SHARDS, shards, streams, count)
        known.versions = dict(zip(streams, row["versions"], strict=True))
        recorded_at = dict(zip(shards, row["recorded_at"], strict=True))
        # After the locks: who waited for them must not record an earlier time than who had them.
        self._numbering.take(recorded_at, row["gpos"], self._clock.now())

    # -- writing ---------------------------------------------------------------------------

    async def _write(self, connection: Connection, writes: Writes, known: Known) -> None:
        await _write_rows(connection, writes, known)
        if writes.events:
            await connection.executemany(_INSERT_EVENTS, writes.events)
            await connection.execute(_WRITTEN, *columns(self._numbering.written))
        for group in writes.groups:
            statement, names = numbered(group.sql)
            rows = [arguments(names, values) for values in group.values]
            if len(rows) == 1:
                await connection.execute(statement, *rows[0])
            else:
                await connection.executemany(statement, rows)


async def _write_rows(connection: Connection, writes: Writes, known: Known) -> None:
    await _many(connection, _INSERT_CLAIMS, [claim_row(claim) for claim in writes.claims])
    there = known.stored_positions
    moved = [(*place, *new) for place, new in writes.positions.items()]
    await _many(connection, _NEW_POSITIONS, [row for row in moved if row[:3] not in there])
    await _many(connection, _MOVE_POSITIONS, [row for row in moved if row[:3] in there])
    if ended := [timer_id for timer_id, timer in writes.timers.items() if timer is None]:
        await connection.execute(_END_TIMERS, ended)
    timers = [timer for timer in writes.timers.values() if timer is not None]
    rows = [timer_row(timer) for timer in sorted(timers, key=lambda timer: timer.id)]
    await _many(connection, _SET_TIMERS, rows)
    await _write_documents(connection, writes, known)


async def _write_documents(connection: Connection, writes: Writes, known: Known) -> None:
    fresh, changed, ended = [], [], []
    for name, (version, data) in writes.documents.items():
        if data is None:
            ended.append(name)
        elif name in known.stored_documents:
            changed.append((*name, version, data))
        else:
            fresh.append((*name, version, data))
    await _many(connection, _NEW_DOCUMENTS, sorted(fresh))
    await _many(connection, _CHANGE_DOCUMENTS, changed)
    await _many(connection, _END_DOCUMENTS, ended)


async def _many(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await connection.executemany(sql, rows)
