"""The port to a service's own database: its event log and what changes together with it.

Everything a service records goes through one `Commit`: events of any number of streams, the
position of a feed, timers, an idempotency claim and rows of views, in one transaction or not at
all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.clock import ClockName
from shared.crypto.keyring import KeyRing
from shared.events.envelope import Actor, Event, Fact, Recorded


class VersionConflict(Exception):
    """A stream is not at the expected version: somebody was faster. Reload and decide again."""


class PositionMoved(Exception):
    """The stored position is not the expected one: another owner moved on. Drop the batch."""


class TimerGone(Exception):
    """A timer that was to be fired no longer exists: it was cancelled or fired elsewhere."""


class StorageUnavailable(Exception):
    """The database did not take the transaction (disk full, gone). Nothing was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Events for one stream, if the stream still is at `expected_version` (0: does not exist)."""

    stream: str
    expected_version: int
    key: str
    events: tuple[Event, ...]
    actor: Actor
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement in the subset that SQLite and PostgreSQL share, with `:named` values.

    `row` names the one row it touches in its tables, if it is only one: statements on different
    rows may be run in another order, and so many at once.
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    row: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far `consumer` has read one partition of one source.

    `cursor` belongs to the feed (where to read on); `gpos` is the last event counted.
    """

    consumer: str
    source: str
    partition: int
    cursor: int = 0
    gpos: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """Move a position, if it still is where it was believed to be."""

    expected: Position
    new: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something to do at `due_at` of the named clock. Setting an existing id moves it."""

    id: str
    clock: ClockName
    due_at: datetime
    kind: str
    key: str
    shard: int = 0
    payload: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """State that a service keeps by key beside its log, replaced as a whole.

    `version` is the one it was read at (0: did not exist); a commit stores it as `version + 1`
    and conflicts if somebody else was faster. `data` None deletes it.
    """

    kind: str
    key: str
    version: int
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An idempotency key, taken together with what it caused.

    `operation` is method and path. `created_at` is real time; claims are kept 7 days.
    """

    principal: str
    operation: str
    key: str
    body_sha256: str
    status: int
    id: str
    version: int
    created_at: datetime


class AlreadyClaimed(Exception):
    """This idempotency key was used before; `claim` holds what it caused then."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(claim.key)
        self.claim = claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One atomic change. Fails as a whole, with one of this module's exceptions.

    `unchanged` are documents it rests on without changing them: it conflicts if one of them is at
    another version by then. Their data does not matter.
    """

    appends: tuple[Append, ...] = ()
    documents: tuple[Document, ...] = ()
    unchanged: tuple[Document, ...] = ()
    advance: Advance | None = None
    timers: tuple[Timer, ...] = ()
    cancelled_timers: tuple[str, ...] = ()
    fired_timers: tuple[Timer, ...] = ()
    claim: Claim | None = None
    statements: tuple[Statement, ...] = ()


Projection = Callable[[Sequence[Fact[Event]]], Iterable[Statement]]
"""How a service's own events change its views: pure, so that views can be rebuilt.

It is given the events of a commit together, in order. However the same events are divided among
calls, the rows come out the same.
"""


def one_by_one(project: Callable[[Fact[Event]], Iterable[Statement]]) -> Projection:
    """The projection that looks at each event by itself."""

    def projection(facts: Sequence[Fact[Event]]) -> Iterator[Statement]:
        for fact in facts:
            yield from project(fact)

    return projection


def no_projection(_: object) -> tuple[Statement, ...]:
    """For a log without views."""
    return ()


Row = Mapping[str, Any]


class Signal(Protocol):
    """Wakes whoever waits for news of a log."""

    def set(self) -> None:
        """There is news."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when the log may have grown since the last wait, or after this long."""
        ...


class EventLog(Protocol):
    """A service's own event log and the tables beside it."""

    @property
    def source(self) -> str:
        """Name of the owning service."""
        ...

    @property
    def shards(self) -> int:
        """Number of shards, fixed when the store was created."""
        ...

    @property
    def keys(self) -> KeyRing:
        """The keys of persons that the owning service seals and opens texts with."""
        ...

    async def commit(self, commit: Commit) -> list[Recorded]:
        """Record all of it durably and return the events as stored, or raise and record nothing.

        Raises `VersionConflict`, `PositionMoved`, `TimerGone`, `AlreadyClaimed` or
        `StorageUnavailable`.
        """
        ...

    async def read(self, stream: str, *, up_to: int | None = None) -> list[Recorded]:
        """A stream from its beginning (to version `up_to`, included), in order of version."""
        ...

    async def tail(
        self, shard: int, after_gpos: int, *, topic: str | None = None, limit: int = 500
    ) -> list[Recorded]:
        """What was recorded in a shard after a position (of one topic), in order of gpos.

        Nothing committed later ever has a smaller gpos than what was seen.
        """
        ...

    async def horizon(self) -> datetime:
        """Business time before which nothing can still be recorded, by any process."""
        ...

    async def position(self, consumer: str, source: str, partition: int) -> Position:
        """The stored position, or the beginning."""
        ...

    async def document(self, kind: str, key: str) -> Document:
        """The document as committed; version 0 and no data if there is none."""
        ...

    async def documents(self, kind: str) -> list[Document]:
        """All documents of a kind, in order of key: to fill a memory at start."""
        ...

    async def claimed(self, principal: str, operation: str, key: str) -> Claim | None:
        """What an idempotency key caused, if it was used."""
        ...

    async def forget_claims(self, before: datetime) -> None:
        """Let go of the claims made before then. Raises `StorageUnavailable`."""
        ...

    async def scrub(self) -> None:
        """Let what was deleted until now leave the disk too, as far as that is up to the store.

        Not only its rows: pages that they lay on, and copies of those. It may take some seconds; if
        the database is too busy for it, that is told to the log. Raises `StorageUnavailable`.
        """
        ...

    async def fetch(self, query: Statement, *, brief: bool = False) -> list[Row]:
        """Rows of this service's own tables, as committed.

        `brief`: it is found in an index in microseconds, so that it is not worth a thread.
        """
        ...

    async def heads(self) -> Sequence[int]:
        """Per shard the gpos of its last committed event, 0 if there is none."""
        ...

    def watch(self, signal: Signal | None = None) -> Signal:
        """Be woken by every commit from now on, through a new signal or one that exists."""
        ...

    async def close(self) -> None:
        """Finish what is in hand and let go of the database."""
        ...


class Timers(Protocol):
    """Durable timers, set and cancelled by `Commit`s of the same log."""

    async def due(
        self,
        clock: ClockName,
        until: datetime,
        *,
        shards: Collection[int] = (0,),
        limit: int = 500,
    ) -> list[Timer]:
        """Timers of these shards due at or before `until`, earliest first, ties by id."""
        ...

    async def next_due(
        self, clock: ClockName, *, shards: Collection[int] = (0,)
    ) -> datetime | None:
        """When the earliest timer of these shards is due."""
        ...


class Leases(Protocol):
    """Who may do what only one may do, among all processes of a service."""

    async def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Take or keep the lease of that name for so long (real time); False: another has it."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give a lease back at once, if it is this owner's."""
        ...


class Store(EventLog, Timers, Leases, Protocol):
    """What a service is given: its log and its timers, which change in one transaction."""
