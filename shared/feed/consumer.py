"""Takes batches from a feed and makes each count once, whatever crashes.

The handler's changes and the new position are one commit; the position moves by compare-and-set on
its previous value (ADR 0003). An event that cannot be handled parks its whole key: the events
behind it are kept in order, other keys flow on. Nothing is ever logged and skipped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from shared.clock import EPOCH, MonotonicClock
from shared.codec import fact as decode_fact
from shared.eventlog.ports import (
    Advance,
    EventLog,
    Position,
    PositionMoved,
    StorageUnavailable,
    VersionConflict,
)
from shared.events.envelope import Event, Fact, Recorded
from shared.events.registry import COMPLAINTS
from shared.feed.counting import Item, conflict_waits, uncounted
from shared.feed.dead_letters import DeadLetters
from shared.feed.held import Changes, Held, HeldRecord
from shared.feed.ports import Batch, Feed, Quiet
from shared.feed.redrives import Redrives
from shared.observability import Metrics, log
from shared.unit_of_work import UnitOfWork

Handle = Callable[[Fact[Event], UnitOfWork], Awaitable[None]]

RETRY_SECONDS: Final = (0.05, 0.2, 1.0)
"""How long to wait (monotonic) before each further try at an event that failed."""

_IDLE_SECONDS: Final = 0.25
_LOOK_SECONDS: Final = 1.0


class NotYet(Exception):
    """This fact came before its cause. Raise it before recording anything for the fact.

    `waits_for` is `event:<id>` (the fact with that id was handled) or `complaint:<id>` (the first
    fact of that complaint's own stream was handled).
    """

    def __init__(self, waits_for: str) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for


class _Poison(Exception):
    """Handling the record at `index` of a batch failed."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


class _Contended(Exception):
    """Somebody else changed what a batch rests on: the fewer go together, the sooner they win."""


class Consumer:
    """A `Worker`: the only place where facts of other services enter a service."""

    def __init__(  # noqa: PLR0913 - given by one composition root
        self,
        *,
        name: str,
        feed: Feed,
        log: EventLog,
        handle: Handle,
        monotonic: MonotonicClock,
        dead_letters: DeadLetters,
        metrics: Metrics,
    ) -> None:
        self._name = name
        self._feed = feed
        self._log = log
        self._handle = handle
        self._monotonic = monotonic
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._held = Held(name, log)
        self._redrives = Redrives(name, log, monotonic)
        self._positions: dict[tuple[str, int], Position] = {}
        self._read: dict[tuple[str, int], datetime] = {}
        self._quiet_at = EPOCH
        self._caught_up = False
        self._generation: int | None = None
        self._looked_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    @property
    def name(self) -> str:
        """Name of the consumer: its positions are stored under it."""
        return self._name

    @property
    def sources(self) -> tuple[str, ...]:
        """The topics it reads."""
        return self._feed.sources

    @property
    def partitions(self) -> frozenset[int]:
        """The shards whose facts this process counts now, and whose timers are its to fire."""
        assignment = self._feed.assignment
        return assignment.partitions if assignment.generation == self._generation else frozenset()

    @property
    def parked(self) -> frozenset[str]:
        """Keys behind a poison event."""
        return self._held.parked

    @property
    def caught_up(self) -> bool:
        """Whether everything had been read at least once since the start.

        A member that has nothing to read, because others read it all, is as ready as it can be.
        """
        return self._caught_up or self._feed.assignment.spare

    def read_up_to(self, shard: int = 0) -> datetime:
        """Business time up to which everything of this shard has been counted."""
        read = min(self._read.get((source, shard), EPOCH) for source in self._feed.sources)
        return max(self._quiet_at, read)

    async def wait(self) -> None:
        """See `Worker.wait`."""
        await self._feed.wait(_IDLE_SECONDS)

    async def step(self) -> bool:
        """Count one batch. False: everything had been read."""
        async with self._one_at_a_time:
            await self._take_up()
            polled = await self._feed.poll()
            if self._feed.assignment.generation != self._generation:
                return True  # what was polled may be another's by now
            if isinstance(polled, Quiet):
                self._quiet_at = max(self._quiet_at, polled.polled_at)
                self._caught_up = self._caught_up or polled.polled_at > EPOCH
                await self._look_after_held()
                return False
            await self._count_batch(polled)
            return True

    async def _take_up(self) -> None:
        """Forget what was known under another assignment: others may have moved on since."""
        generation = self._feed.assignment.generation
        if generation != self._generation:
            self._positions.clear()
            self._read.clear()
            self._quiet_at = EPOCH
            await self._held.load()
            self._show_held()
            self._generation = generation

    async def _look_after_held(self) -> None:
        """Once a second: see what others did to the rows, and do what others ask of us."""
        now = self._monotonic.seconds()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        await self._held.load()
        self._show_held()
        for key in await self._redrives.asked():
            if self._owns(key):
                await self._redrives.answer(key, await self._redrive_all(key))

    def _owns(self, key: str) -> bool:
        """Whether what is parked of a key is ours to handle; also if nothing of it is parked."""
        return {held.partition for held in self._held.records_of(key)} <= self.partitions

    async def _count_batch(self, batch: Batch) -> None:
        place = (batch.source, batch.partition)
        position = await self._position(*place)
        if batch.cursor != position.cursor:
            self._feed.seek(*place, position.cursor)
            return
        todo = uncounted(batch, position.gpos)
        gpos = max(position.gpos, *(record.gpos for record in batch.records))
        final = replace(position, cursor=batch.next_cursor, gpos=gpos)
        try:
            await self._count(batch, todo, final)
        except PositionMoved:
            # Another owner of the partition, or an answer to our own commit that got lost.
            log.warning("position_moved", consumer=self._name, source=batch.source)
            self._generation = None
            return
        self._feed.seek(*place, final.cursor)
        self._read[place] = max(self._read.get(place, EPOCH), batch.records[-1].recorded_at)

    async def _position(self, source: str, partition: int) -> Position:
        position = self._positions.get((source, partition))
        if position is None:
            position = await self._log.position(self._name, source, partition)
            self._positions[source, partition] = position
        return position

    async def _count(self, batch: Batch, todo: Sequence[Item], final: Position) -> None:
        """Count all of `todo`; around a poison event, what lies before it and behind it."""
        while True:
            try:
                await self._attempt(batch, todo, final)
            except _Poison as poison:
                before = todo[: poison.index]
                if before:
                    await self._count(batch, before, self._up_to(final, before[-1]))
                await self._count_alone(batch, todo[poison.index], poison.reason, final)
                todo = todo[poison.index + 1 :]
                continue
            except _Contended:
                half = todo[: len(todo) // 2]
                await self._count(batch, half, self._up_to(final, half[-1]))
                todo = todo[len(half) :]
                continue
            return

    def _up_to(self, final: Position, item: Item) -> Position:
        """Counted up to a record inside a batch."""
        record, cursor = item
        here = self._positions[final.source, final.partition]
        return replace(here, cursor=cursor, gpos=max(here.gpos, record.gpos))

    async def _count_alone(self, batch: Batch, item: Item, reason: str, final: Position) -> None:
        up_to = self._up_to(final, item)
        for seconds in RETRY_SECONDS:
            await self._monotonic.sleep(seconds)
            try:
                await self._attempt(batch, [item], up_to)
            except _Poison as poison:
                reason = poison.reason
            else:
                return
        record, _ = item
        log.error("poison_event", consumer=self._name, event_id=record.id, reason=reason)
        work = UnitOfWork(self._log)
        changes = Changes(kept=[HeldRecord(record, batch.source, batch.partition, None)])
        work.write(
            self._dead_letters.statement(
                self._name, batch.source, record, reason, len(RETRY_SECONDS) + 1
            )
        )
        await self._commit(work, changes, up_to)

    async def _attempt(self, batch: Batch, todo: Sequence[Item], new: Position) -> None:
        """Handle and commit, again after every conflict.

        Raises `_Poison`, `PositionMoved`, or `_Contended` if several met a conflict.
        """
        for wait in conflict_waits():
            work = UnitOfWork(self._log)
            changes = Changes()
            for index, (record, _) in enumerate(todo):
                try:
                    await self._take(batch, record, work, changes)
                except (StorageUnavailable, asyncio.CancelledError):
                    raise
                except Exception as error:
                    raise _Poison(index, f"{type(error).__name__}: {error}") from error
            try:
                await self._commit(work, changes, new)
            except VersionConflict as error:
                if len(todo) > 1:
                    raise _Contended from error
                await self._monotonic.sleep(wait)
                continue
            return

    async def _take(
        self, batch: Batch, record: Recorded, work: UnitOfWork, changes: Changes
    ) -> None:
        if record.key in self._held.parked:
            changes.kept.append(HeldRecord(record, batch.source, batch.partition, None))
            return
        behind = self._held.waits_behind(batch.source, record.key, changes)
        if behind is not None:
            changes.kept.append(HeldRecord(record, batch.source, batch.partition, behind))
            return
        held = HeldRecord(record, batch.source, batch.partition, None)
        await self._handle_or_keep(held, work, changes)

    async def _handle_or_keep(self, held: HeldRecord, work: UnitOfWork, changes: Changes) -> None:
        record = held.record
        try:
            await self._handle(decode_fact(record), work)
        except NotYet as early:
            changes.kept.append(replace(held, waits_for=early.waits_for))
            return
        arrived = [f"event:{record.id}"]
        if record.topic == COMPLAINTS:
            arrived.append(f"complaint:{record.key}")
        for free in self._held.waiting_for(arrived, changes):
            changes.let_go.append(free)
            await self._handle_or_keep(free, work, changes)

    async def _commit(self, work: UnitOfWork, changes: Changes, new: Position) -> None:
        """Commit together with the position, which may stay where it is, if it still is there."""
        work.write(*self._held.statements(changes))
        place = (new.source, new.partition)
        await work.commit(advance=Advance(self._positions[place], new))
        self._positions[place] = new
        self._held.apply(changes)
        self._show_held()

    def _show_held(self) -> None:
        self._metrics.parked.labels(self._name).set(len(self._held.parked))
        self._metrics.pending.labels(self._name).set(self._held.pending_count)

    async def close(self) -> None:
        """Leave: others take over at once."""
        await self._feed.close()

    async def redrive(self, key: str) -> int:
        """Handle the parked events of a key again, in order; how many could be handled.

        Stops at the first that fails again: it and those behind it stay parked. If another process
        owns the key's partition, that one is asked; raises `NobodyAnswers` if there is none.
        """
        async with self._one_at_a_time:
            await self._take_up()
            await self._held.load()
            if self._owns(key):
                return await self._redrive_all(key)
        handled = await self._redrives.ask(key)
        async with self._one_at_a_time:
            await self._held.load()
        return handled

    async def _redrive_all(self, key: str) -> int:
        handled = 0
        for held in self._held.records_of(key):
            if not await self._redrive_one(held):
                break
            handled += 1
        return handled

    async def _redrive_one(self, held: HeldRecord) -> bool:
        for wait in conflict_waits():
            work = UnitOfWork(self._log)
            changes = Changes(let_go=[held])
            try:
                await self._handle_or_keep(held, work, changes)
            except (StorageUnavailable, asyncio.CancelledError):
                raise
            except Exception as error:  # noqa: BLE001 - it stays parked, with the new reason
                log.error("redrive_failed", consumer=self._name, reason=str(error))
                return False
            work.write(self._dead_letters.redriven(self._name, held.record))
            try:
                await self._commit(work, changes, await self._position(held.source, held.partition))
            except PositionMoved:
                self._generation = None  # another process counts that partition now
                return False
            except VersionConflict:
                await self._monotonic.sleep(wait)
                continue
            return True
        raise AssertionError("conflict waits never end")
