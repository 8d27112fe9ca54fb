"""What one transaction on PostgreSQL is to do: several commits judged and merged in memory.

First everything that commits rest on is read and locked, then each commit is judged in order as if
those before it were already done, and then the sum of what stood is written with few statements.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.clock import to_ms
from shared.eventlog.ports import (
    AlreadyClaimed,
    Append,
    Claim,
    Commit,
    PositionMoved,
    Projection,
    Statement,
    Timer,
    TimerGone,
    VersionConflict,
)
from shared.eventlog.rows import event_rows
from shared.eventlog.shards import shard_of
from shared.eventlog.sql import tables
from shared.events.envelope import Event, Fact, Recorded
from shared.ids import Ids

ClaimKey = tuple[str, str, str]
Place = tuple[str, str, int]
DocumentKey = tuple[str, str]


@dataclass(slots=True)
class Known:
    """What the transaction holds, read under its locks; changed as commits are judged."""

    claims: dict[ClaimKey, Claim] = field(default_factory=dict)
    positions: dict[Place, tuple[int, int]] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)
    """Due time in ms by id, of those that are to be fired."""
    documents: dict[DocumentKey, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    stored_positions: frozenset[Place] = frozenset()
    stored_documents: frozenset[DocumentKey] = frozenset()
    """Rows that exist, whatever the commits make of them."""


def judge(commit: Commit, known: Known) -> None:
    """Raise what stands against a commit; else take it into what is known."""
    if commit.claim is not None and (taken := known.claims.get(claim_key(commit.claim))):
        raise AlreadyClaimed(taken)
    if commit.advance is not None:
        old = commit.advance.expected
        place = (old.consumer, old.source, old.partition)
        if known.positions.get(place, (0, 0)) != (old.cursor, old.gpos):
            raise PositionMoved(f"{old.consumer} on {old.source}/{old.partition}")
    for timer in commit.fired_timers:
        if known.timers.get(timer.id) != to_ms(timer.due_at):
            raise TimerGone(timer.id)
    for document in (*commit.documents, *commit.unchanged):
        if known.documents.get((document.kind, document.key), 0) != document.version:
            raise VersionConflict(f"document {document.kind} {document.key}")
    versions = _versions_after(commit.appends, known.versions)
    _take_in(commit, known, versions)


def _versions_after(appends: Sequence[Append], known: Mapping[str, int]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for append in appends:
        version = versions.get(append.stream, known.get(append.stream, 0))
        if version != append.expected_version:
            raise VersionConflict(append.stream)
        versions[append.stream] = version + len(append.events)
    return versions


def _take_in(commit: Commit, known: Known, versions: Mapping[str, int]) -> None:
    if commit.claim is not None:
        known.claims[claim_key(commit.claim)] = commit.claim
    if commit.advance is not None:
        new = commit.advance.new
        known.positions[new.consumer, new.source, new.partition] = (new.cursor, new.gpos)
    for timer in commit.fired_timers:
        known.timers.pop(timer.id, None)
    for timer_id in commit.cancelled_timers:
        known.timers.pop(timer_id, None)
    for timer in commit.timers:
        known.timers[timer.id] = to_ms(timer.due_at)
    for document in commit.documents:
        gone = document.data is None
        known.documents[document.kind, document.key] = 0 if gone else document.version + 1
    known.versions.update(versions)


def claim_key(claim: Claim) -> ClaimKey:
    """What a claim is unique by."""
    return (claim.principal, claim.operation, claim.key)


@dataclass(slots=True)
class Group:
    """Equal statements to be run together, in order, and the rows they touch."""

    sql: str
    values: list[Mapping[str, Any]]
    rows: set[str | None]

    def may_touch(self, row: str | None) -> bool:
        """Whether one of them touches this row, as far as is known."""
        return row is None or None in self.rows or row in self.rows


@dataclass(slots=True)
class Writes:
    """The sum of several commits: the last word on each row, statements in groups."""

    claims: list[Claim] = field(default_factory=list)
    positions: dict[Place, tuple[int, int]] = field(default_factory=dict)
    timers: dict[str, Timer | None] = field(default_factory=dict)
    """By id; None: it goes."""
    documents: dict[DocumentKey, tuple[int, bytes | None]] = field(default_factory=dict)
    """By kind and key: the version and data it is to have; no data: it goes."""
    events: list[tuple[Any, ...]] = field(default_factory=list)
    groups: list["Group"] = field(default_factory=list)

    def add(self, commit: Commit) -> None:
        """Take in a commit that stood, but for its events."""
        if commit.claim is not None:
            self.claims.append(commit.claim)
        if commit.advance is not None:
            new = commit.advance.new
            self.positions[new.consumer, new.source, new.partition] = (new.cursor, new.gpos)
        for timer in commit.fired_timers:
            self.timers[timer.id] = None
        for timer_id in commit.cancelled_timers:
            self.timers[timer_id] = None
        for timer in commit.timers:
            self.timers[timer.id] = timer
        for document in commit.documents:
            row = (document.version + 1, document.data)
            self.documents[document.kind, document.key] = row
        for statement in commit.statements:
            self.run(statement)

    def run(self, statement: Statement) -> None:
        """Join a statement to an equal one before it, past those that touch other rows.

        The order of statements on different tables, or on different rows of one, is free; it is
        kept where one might see what another did.
        """
        touched = tables(statement.sql)
        for group in reversed(self.groups):
            if group.sql == statement.sql:
                group.values.append(statement.values)
                group.rows.add(statement.row)
                return
            if touched & tables(group.sql) and group.may_touch(statement.row):
                break
        self.groups.append(Group(statement.sql, [statement.values], {statement.row}))


class Numbering:
    """Gives the events of a transaction their place and time, and makes their rows."""

    def __init__(self, *, source: str, shards: int, ids: Ids, projection: Projection) -> None:
        self._source = source
        self._shards = shards
        self._ids = ids
        self._projection = projection
        self._recorded_ms: dict[int, int] = {}
        self._gpos: Iterator[int] = iter(())
        self._heads: dict[int, int] = {}

    def take(self, recorded_at: Mapping[int, int], gpos: Sequence[int], now: datetime) -> None:
        """What the locked shards allow: time never goes back, positions are given in order.

        `now` was read after the shards were locked.
        """
        self._recorded_ms = {s: max(last, to_ms(now)) for s, last in recorded_at.items()}
        self._gpos = iter(sorted(gpos))
        self._heads = {}

    @property
    def written(self) -> list[tuple[int, int, int]]:
        """The shards that were given events: shard, time in ms, last gpos."""
        return [(s, self._recorded_ms[s], head) for s, head in sorted(self._heads.items())]

    def record(self, commit: Commit, writes: Writes) -> list[Recorded]:
        """Number a commit's events; adds their rows and what their projection says."""
        facts: list[Fact[Event]] = []
        for append in commit.appends:
            self._append(append, writes, facts)
        for statement in self._projection(facts):
            writes.run(statement)
        return [fact.recorded for fact in facts]

    def _append(self, append: Append, writes: Writes, facts: list[Fact[Event]]) -> None:
        shard = shard_of(append.key, self._shards)
        for fact, row in event_rows(
            append,
            source=self._source,
            shard=shard,
            recorded_ms=self._recorded_ms[shard],
            gpos=self._gpos,
            new_id=self._ids.new,
        ):
            self._heads[shard] = fact.recorded.gpos
            facts.append(fact)
            writes.events.append(row)
