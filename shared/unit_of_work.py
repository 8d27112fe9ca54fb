"""What one command, one batch of facts or one batch of timers is going to record, all at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from shared.codec import decode
from shared.crypto.finding import personal_in
from shared.crypto.ports import StoredKey, SubjectKey
from shared.crypto.sealing import opened, sealed, text_key
from shared.decider import Decider
from shared.eventlog.ports import (
    Advance,
    Append,
    Claim,
    Commit,
    Document,
    EventLog,
    Statement,
    Timer,
    VersionConflict,
)
from shared.eventlog.subject_keys import key_document
from shared.events.envelope import Actor, Event, Recorded
from shared.events.vocabulary import Role

S = TypeVar("S")
C = TypeVar("C")
T = TypeVar("T")

ATTEMPTS: Final = 12
"""How often a decision is taken anew after somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """The state of a stream, including what this unit of work already recorded for it."""

    state: S
    version: int


@dataclass(slots=True)
class _Stream:
    state: Any
    version: int


class UnitOfWork:
    """Collects events, documents, timers and rows; `commit` records them in one transaction.

    Reading through it sees what it already collected, so several decisions about one stream
    in one batch build on each other. It is used once and belongs to one task.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        actor: Actor | None = None,
        correlation_id: str | None = None,
        traceparent: str | None = None,
    ) -> None:
        self.log = log
        self._actor = actor or Actor(role=Role.SYSTEM, id=log.source)
        self._correlation_id = correlation_id
        self._traceparent = traceparent
        self._streams: dict[str, _Stream] = {}
        self._appends: list[Append] = []
        self._documents: dict[tuple[str, str], Document] = {}
        self._read_documents: dict[tuple[str, str], Document] = {}
        self._rested: set[tuple[str, str]] = set()
        self._timers: dict[str, Timer] = {}
        self._cancelled: dict[str, None] = {}
        self._statements: list[Statement] = []
        self._keys: dict[str, StoredKey] = {}
        """Keys of persons that this rests on, by person, as they were read."""
        self._new_keys: dict[str, StoredKey] = {}
        """What is to be in their place."""

    @property
    def empty(self) -> bool:
        """Nothing would be recorded."""
        return not (
            self._appends
            or self._documents
            or self._new_keys
            or self._timers
            or self._cancelled
            or self._statements
        )

    async def load(self, decider: Decider[C, S], stream: str) -> Loaded[S]:
        """Fold a stream. A stream nobody wrote to has version 0 and the initial state."""
        held = self._streams.get(stream)
        if held is None:
            recorded = await self.log.read(stream)
            state = decider.fold(decode(entry) for entry in recorded)
            held = self._streams[stream] = _Stream(state, len(recorded))
        return Loaded(held.state, held.version)

    def continue_at(self, stream: str, version: int) -> None:
        """Take it that a stream is at `version`, as a document kept with it says; do not read it.

        The commit conflicts if it is not. What is recorded for it is not folded.
        """
        self._streams.setdefault(stream, _Stream(None, version))

    def begin(self, decider: Decider[C, S], stream: str) -> None:
        """Take a stream as new without reading it: for an id that was only just given out.

        If somebody did write to it, the commit conflicts.
        """
        self._streams[stream] = _Stream(decider.initial, 0)

    async def decide(
        self,
        decider: Decider[C, S],
        stream: str,
        key: str,
        command: C,
        *,
        caused_by: Recorded | None = None,
        actor: Actor | None = None,
    ) -> list[Event]:
        """Load, decide, and keep the result for recording. Raises what `decide` raises."""
        loaded = await self.load(decider, stream)
        events = decider.decide(command, loaded.state)
        if events:
            await self.seal(events)
            self.record(stream, key, events, decider, caused_by=caused_by, actor=actor)
        return events

    def record(
        self,
        stream: str,
        key: str,
        events: Sequence[Event],
        decider: Decider[C, S],
        *,
        caused_by: Recorded | None = None,
        actor: Actor | None = None,
    ) -> None:
        """Keep events for recording. The stream must have been loaded in this unit of work.

        For events without personal texts; others are sealed first (`seal`, `decide`).
        """
        held = self._streams[stream]
        correlation = self._correlation_id or (caused_by.correlation_id if caused_by else key)
        self._appends.append(
            Append(
                stream=stream,
                expected_version=held.version,
                key=key,
                events=tuple(events),
                actor=actor or self._actor,
                correlation_id=correlation,
                causation_id=caused_by.id if caused_by else None,
                traceparent=caused_by.traceparent if caused_by else self._traceparent,
            )
        )
        held.state = decider.fold(events, held.state)
        held.version += len(events)

    async def seal(self, value: object) -> None:
        """Seal every personal text in a value that is still in clear, before it is recorded.

        Each under its person's key, which is made if there is none. The commit conflicts if the
        person is erased meanwhile. Raises `StorageUnavailable`.
        """
        for text in personal_in(value):
            if text.sealed is None:
                key = await self._key_of(text.subject)
                if key.key is not None:  # it always has one
                    text.seal(sealed(text.text, text.subject, key.id, key.key))

    async def open(self, *values: object) -> None:
        """As `KeyRing.open`, also what was sealed here under a key that is not recorded yet.

        What was sealed under a key that this destroys stays closed. Raises `StorageUnavailable`.
        """
        others = []
        for text in personal_in(values):
            new = self._new_keys.get(text.subject)
            if text.sealed is None or text.value is not None:
                continue
            if new is None or new.key is None or new.key.id != text.sealed[0]:
                others.append(text)
            elif new.key.key is not None:
                key = text_key(new.key.key, text.sealed[1])
                text.show(opened(text.sealed, text.subject, key))
        await self.log.keys.open(others)

    async def rest_on_key(self, subject: str) -> None:
        """Let the commit conflict if this person is erased meanwhile."""
        await self._key_of(subject)

    async def suspend_key(self, subject: str) -> None:
        """Announce that a person is about to be erased: whoever uses the key calls that off.

        So what is looked at after this is recorded is still so when the key is destroyed.
        """
        key = (await self._stored_key(subject)).key
        alive = key if key is not None and key.key is not None else self.log.keys.fresh()
        self._renew_key(subject, replace(alive, closing=True))

    async def destroy_key(self, subject: str) -> bool:
        """Let nobody open anything any more that this service sealed for a person.

        Whether that was announced, and nobody called it off since.
        """
        stored, new = await self._stored_key(subject), self._new_keys.get(subject)
        # A key that was made here, for texts of the same batch, goes as well.
        key = stored.key if new is None else new.key
        if key is not None:
            self._renew_key(subject, SubjectKey(id=key.id, key=None))
        return key is not None and key.closing

    async def _stored_key(self, subject: str) -> StoredKey:
        stored = self._keys[subject] = await self.log.keys.own_anew(subject)
        return stored

    def _renew_key(self, subject: str, key: SubjectKey) -> None:
        self._new_keys[subject] = StoredKey(key, self._keys[subject].version)

    async def _key_of(self, subject: str) -> SubjectKey:
        new = self._new_keys.get(subject)
        if new is not None and new.key is not None and new.key.key is not None:
            return new.key
        # What is destroyed here seals nothing more, though it is still stored.
        stored = self._keys.get(subject) if new is None else new
        if stored is None:
            stored = self._keys[subject] = await self.log.keys.own(subject)
        key = stored.key
        if key is not None and key.key is not None and not key.closing:
            return key
        # The first text of this person (since an erasure), or one about to be erased: not now.
        key = (
            self.log.keys.fresh() if key is None or key.key is None else replace(key, closing=False)
        )
        self._renew_key(subject, key)
        return key

    async def document(self, kind: str, key: str) -> bytes | None:
        """A document's data, or None if there is none."""
        name = (kind, key)
        pending = self._documents.get(name)
        if pending is not None:
            return pending.data
        if name not in self._read_documents:
            self._read_documents[name] = await self.log.document(kind, key)
        return self._read_documents[name].data

    async def put(self, kind: str, key: str, data: bytes | None) -> None:
        """Replace (or with None delete) a document when this unit of work commits."""
        await self.document(kind, key)
        self._documents[kind, key] = replace(self._read_version(kind, key), data=data)

    def _read_version(self, kind: str, key: str) -> Document:
        return self._read_documents[kind, key]

    async def rest_on(self, kind: str, key: str) -> bytes | None:
        """A document's data; the commit conflicts if it has changed by then."""
        self._rested.add((kind, key))
        return await self.document(kind, key)

    def set_timer(self, timer: Timer) -> None:
        """Set, or move, a timer."""
        self._cancelled.pop(timer.id, None)
        self._timers[timer.id] = timer

    def cancel_timer(self, timer_id: str) -> None:
        """Cancel a timer; no harm if there is none."""
        self._timers.pop(timer_id, None)
        self._cancelled[timer_id] = None

    def write(self, *statements: Statement) -> None:
        """Change rows of this service's own tables."""
        self._statements.extend(statements)

    async def commit(
        self,
        *,
        claim: Claim | None = None,
        advance: Advance | None = None,
        fired: Sequence[Timer] = (),
    ) -> list[Recorded]:
        """Record everything. Raises as `EventLog.commit`; then this unit of work is spent."""
        try:
            recorded = await self.log.commit(self._commit(claim, advance, fired))
        except VersionConflict:
            self.log.keys.forget(self._keys)  # perhaps they were it
            raise
        for subject, new in self._new_keys.items():
            self.log.keys.learned(subject, StoredKey(new.key, new.version + 1))
        return recorded

    def _commit(
        self, claim: Claim | None, advance: Advance | None, fired: Sequence[Timer]
    ) -> Commit:
        new = [key_document(subject, stored) for subject, stored in self._new_keys.items()]
        kept = [
            key_document(subject, stored)
            for subject, stored in self._keys.items()
            if subject not in self._new_keys
        ]
        rested = [self._read_documents[n] for n in sorted(self._rested - self._documents.keys())]
        return Commit(
            appends=tuple(self._appends),
            documents=(*self._documents.values(), *new),
            unchanged=(*kept, *rested),
            advance=advance,
            timers=tuple(self._timers.values()),
            cancelled_timers=tuple(self._cancelled),
            fired_timers=tuple(fired),
            claim=claim,
            statements=tuple(self._statements),
        )


async def transact(
    log: EventLog,
    act: Callable[[UnitOfWork], Awaitable[T]],
    *,
    actor: Actor | None = None,
) -> T:
    """Run `act` and commit; after a conflict take the decision anew, at most `ATTEMPTS` times.

    Raises `VersionConflict` if somebody was faster every time, and whatever `act` raises.
    """
    for attempt in range(ATTEMPTS):
        work = UnitOfWork(log, actor=actor)
        result = await act(work)
        if work.empty:
            return result
        try:
            await work.commit()
        except VersionConflict:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return result
    raise AssertionError("unreachable")
