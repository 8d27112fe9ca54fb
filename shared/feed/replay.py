"""What is parked of a key, handled again in order; one record of it dropped, if ops say so.

A key stays parked behind an open dead letter and nothing else. So whatever cuts a replay short, a
parked key whose first record has no open letter tells where to go on.
"""

import asyncio

from shared.clock import MonotonicClock
from shared.eventlog.ports import StorageUnavailable, VersionConflict
from shared.feed.counting import conflict_waits
from shared.feed.dead_letters import DeadLetters, letter_id, letters
from shared.feed.handling import Handling
from shared.feed.held import Changes, HeldRecord
from shared.feed.requests import Asked, Drop
from shared.observability import log
from shared.unit_of_work import UnitOfWork


class Replay:
    """Of one consumer. Everything here raises `PositionMoved` if another owns the partition."""

    def __init__(
        self, name: str, handling: Handling, dead_letters: DeadLetters, monotonic: MonotonicClock
    ) -> None:
        self._name = name
        self._handling = handling
        self._dead_letters = dead_letters
        self._monotonic = monotonic

    async def do(self, asked: Asked) -> int:
        """Drop what is to be dropped, then handle what is parked; how much could be handled.

        Stops at the first record that fails again: it and those behind it stay parked.
        """
        if asked.drop is not None:
            await self._drop(asked.key, asked.drop)
        handled = 0
        for held in self._handling.held.records_of(asked.key):
            if not await self._handle_again(held):
                break
            handled += 1
        return handled

    async def cut_short(self) -> list[str]:
        """Parked keys that no open letter holds up."""
        first = self._handling.held.first_of_each_key()
        if not first:
            return []
        open_letters = {found.id for found in await letters(self._handling.log)}
        return [
            key
            for key, held in first.items()
            if letter_id(self._name, held.record) not in open_letters
        ]

    async def _drop(self, key: str, drop: Drop) -> None:
        """No effect if the record is not parked any more: dropped before, or handled."""
        for held in self._handling.held.records_of(key):
            if letter_id(self._name, held.record) == drop.letter:
                work = UnitOfWork(self._handling.log)
                work.write(self._dead_letters.dropped(drop))
                changes = Changes()
                changes.let_go(held)
                await self._commit(work, changes, held)
                log.warning(
                    "dead_letter_dropped", consumer=self._name, letter=drop.letter, by=drop.by
                )

    async def _handle_again(self, held: HeldRecord) -> bool:
        for wait in conflict_waits():
            work = UnitOfWork(self._handling.log)
            changes = Changes()
            changes.let_go(held)
            try:
                await self._handling.hand_over(held, work, changes)
            except (StorageUnavailable, asyncio.CancelledError):
                raise
            except Exception as error:  # noqa: BLE001 - it stays parked, with the new reason
                await self._failed_again(held, error)
                return False
            work.write(self._dead_letters.redriven(self._name, held.record))
            try:
                await self._commit(work, changes, held)
            except VersionConflict:
                await self._monotonic.sleep(wait)
                continue
            return True
        raise AssertionError("conflict waits never end")

    async def _failed_again(self, held: HeldRecord, error: Exception) -> None:
        fault = type(error).__name__
        log.error("redrive_failed", consumer=self._name, event_id=held.record.id, fault=fault)
        work = UnitOfWork(self._handling.log)
        work.write(self._dead_letters.parked(self._name, held, f"{fault}: {error}", 1))
        await self._commit(work, Changes(), held)

    async def _commit(self, work: UnitOfWork, changes: Changes, held: HeldRecord) -> None:
        position = await self._handling.position(held.source, held.partition)
        await self._handling.commit(work, changes, position)
