"""Takes batches from a feed and makes each count once, whatever crashes.

The handler's changes and the new position are one commit; the position moves by compare-and-set on
its previous value (ADR 0003). An event that cannot be handled parks its whole key: the events
behind it are kept in order, other keys flow on. Nothing is ever logged and skipped.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from shared.clock import EPOCH, MonotonicClock
from shared.eventlog.ports import (
    EventLog,
    Position,
    PositionMoved,
    StorageUnavailable,
    VersionConflict,
)
from shared.feed.counting import Item, conflict_waits, uncounted
from shared.feed.dead_letters import DeadLetters
from shared.feed.handling import Handle, Handling
from shared.feed.held import Changes, HeldRecord
from shared.feed.ports import Batch, Feed, Quiet
from shared.feed.replay import Replay
from shared.feed.requests import Asked, Drop, Requests
from shared.observability import Metrics, log
from shared.unit_of_work import UnitOfWork

RETRY_SECONDS: Final = (0.05, 0.2, 1.0)
"""How long to wait (monotonic) before each further try at an event that failed."""

_IDLE_SECONDS: Final = 0.25
_LOOK_SECONDS: Final = 1.0


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
        self._monotonic = monotonic
        self._dead_letters = dead_letters
        self._handling = Handling(name, log, handle, metrics)
        self._replay = Replay(name, self._handling, dead_letters, monotonic)
        self._requests = Requests(name, log, monotonic)
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
        return self._handling.held.parked

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
            await self._look_after_held()
            polled = await self._feed.poll()
            if self._feed.assignment.generation != self._generation:
                return True  # what was polled may be another's by now
            if isinstance(polled, Quiet):
                self._quiet_at = max(self._quiet_at, polled.polled_at)
                self._caught_up = self._caught_up or polled.polled_at > EPOCH
                return False
            await self._count_batch(polled)
            return True

    async def _take_up(self) -> None:
        """Forget what was known under another assignment: others may have moved on since."""
        generation = self._feed.assignment.generation
        if generation != self._generation:
            self._read.clear()
            self._quiet_at = EPOCH
            await self._handling.begin_anew()
            self._generation = generation

    async def _look_after_held(self) -> None:
        """Once a second: see what others did to the rows, and do what is asked of their owner."""
        now = self._monotonic.seconds()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        await self._handling.load()
        try:
            for asked in await self._requests.open():
                if self._owns(asked.key):
                    await self._requests.answer(asked, await self._replay.do(asked))
            for key in await self._replay.cut_short():
                if self._owns(key):
                    await self._replay.do(Asked(key))
        except PositionMoved:
            self._generation = None  # another process counts that partition now: it will do it

    def _owns(self, key: str) -> bool:
        """Whether what is parked of a key is ours to handle; also if nothing of it is parked."""
        held = self._handling.held.records_of(key)
        return {record.partition for record in held} <= self.partitions

    async def _count_batch(self, batch: Batch) -> None:
        place = (batch.source, batch.partition)
        position = await self._handling.position(*place)
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

    async def _count(self, batch: Batch, todo: Sequence[Item], final: Position) -> None:
        """Count all of `todo`; around a poison event, what lies before it and behind it."""
        while True:
            try:
                await self._attempt(batch, todo, final)
            except _Poison as poison:
                before = todo[: poison.index]
                if before:
                    await self._count(batch, before, await self._up_to(final, before[-1]))
                await self._count_alone(batch, todo[poison.index], poison.reason, final)
                todo = todo[poison.index + 1 :]
                continue
            except _Contended:
                half = todo[: len(todo) // 2]
                await self._count(batch, half, await self._up_to(final, half[-1]))
                todo = todo[len(half) :]
                continue
            return

    async def _up_to(self, final: Position, item: Item) -> Position:
        """Counted up to a record inside a batch."""
        here = await self._handling.position(final.source, final.partition)
        return replace(here, cursor=item.cursor, gpos=max(here.gpos, item.record.gpos))

    async def _count_alone(self, batch: Batch, item: Item, reason: str, final: Position) -> None:
        up_to = await self._up_to(final, item)
        for seconds in RETRY_SECONDS:
            await self._monotonic.sleep(seconds)
            try:
                await self._attempt(batch, [item], up_to)
            except _Poison as poison:
                reason = poison.reason
            else:
                return
        held = _in_hand(batch, item)
        fault = reason.partition(":")[0]
        log.error("poison_event", consumer=self._name, event_id=held.record.id, fault=fault)
        work = UnitOfWork(self._log)
        changes = Changes()
        changes.keep(held)
        attempts = len(RETRY_SECONDS) + 1
        work.write(self._dead_letters.parked(self._name, held, reason, attempts))
        await self._handling.commit(work, changes, up_to)

    async def _attempt(self, batch: Batch, todo: Sequence[Item], new: Position) -> None:
        """Handle and commit, again after every conflict.

        Raises `_Poison`, `PositionMoved`, or `_Contended` if several met a conflict.
        """
        for wait in conflict_waits():
            work = UnitOfWork(self._log)
            changes = Changes()
            for index, item in enumerate(todo):
                try:
                    await self._handling.take(_in_hand(batch, item), work, changes)
                except (StorageUnavailable, asyncio.CancelledError):
                    raise
                except Exception as error:
                    raise _Poison(index, f"{type(error).__name__}: {error}") from error
            try:
                await self._handling.commit(work, changes, new)
            except VersionConflict as error:
                if len(todo) > 1:
                    raise _Contended from error
                await self._monotonic.sleep(wait)
                continue
            return

    async def close(self) -> None:
        """Leave: others take over at once."""
        await self._feed.close()

    async def redrive(self, key: str) -> int | None:
        """Handle the parked events of a key again, in order; how many could be handled.

        Stops at the first that fails again: it and those behind it stay parked. If another process
        owns the key's partition, that one is asked. None: no process answered; the request stays,
        and is done by the next that owns the partition.
        """
        return await self._done(Asked(key))

    async def drop(self, key: str, drop: Drop) -> int | None:
        """Skip the record of a dead letter for good, then go on as `redrive`."""
        return await self._done(Asked(key, drop))

    async def _done(self, asked: Asked) -> int | None:
        async with self._one_at_a_time:
            await self._take_up()
            await self._handling.load()
            if self._owns(asked.key):
                try:
                    return await self._replay.do(asked)
                except PositionMoved:
                    self._generation = None  # another process counts that partition now: ask it
        handled = await self._requests.ask(asked)
        async with self._one_at_a_time:
            await self._handling.load()
        return handled


def _in_hand(batch: Batch, item: Item) -> HeldRecord:
    return HeldRecord(
        record=item.record,
        source=batch.source,
        partition=batch.partition,
        position=item.position,
    )
