"""One record after the other to a service's handler; what came of them in one commit.

A commit holds the handler's changes, what is kept back or let go, and the position, which moves by
compare-and-set (ADR 0003).
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from shared.codec import fact as decode_fact
from shared.eventlog.ports import Advance, EventLog, Position
from shared.events.envelope import Event, Fact
from shared.events.registry import COMPLAINTS
from shared.feed.held import Changes, Held, HeldRecord
from shared.observability import Metrics
from shared.unit_of_work import UnitOfWork

Handle = Callable[[Fact[Event], UnitOfWork], Awaitable[None]]


class NotYet(Exception):
    """This fact came before its cause. Raise it before recording anything for the fact.

    `waits_for` is `event:<id>` (the fact with that id was handled) or `complaint:<id>` (the first
    fact of that complaint's own stream was handled).
    """

    def __init__(self, waits_for: str) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for


class Handling:
    """What one consumer knows of its rows, and how it changes them."""

    def __init__(self, name: str, log: EventLog, handle: Handle, metrics: Metrics) -> None:
        self.log = log
        self.held = Held(name, log)
        self._name = name
        self._handle = handle
        self._metrics = metrics
        self._positions: dict[tuple[str, int], Position] = {}

    async def begin_anew(self) -> None:
        """Forget positions, and read what is kept back: others may have changed both."""
        self._positions.clear()
        await self.load()

    async def load(self) -> None:
        """Read what is kept back."""
        await self.held.load()
        self._show_held()

    async def position(self, source: str, partition: int) -> Position:
        """Where this consumer is, as it last knew."""
        position = self._positions.get((source, partition))
        if position is None:
            position = await self.log.position(self._name, source, partition)
            self._positions[source, partition] = position
        return position

    async def take(self, held: HeldRecord, work: UnitOfWork, changes: Changes) -> None:
        """A record that just came: handle it, or keep it if its key is parked, or it is early."""
        if held.record.key in self.held.parked:
            changes.keep(held)
        else:
            await self.hand_over(held, work, changes)

    async def hand_over(self, held: HeldRecord, work: UnitOfWork, changes: Changes) -> None:
        """Let the service handle a record, and what that sets free; keep it if it is early.

        Raises whatever the handler raises, and `Undecodable`.
        """
        record = held.record
        behind = self.held.waits_behind(held, changes)
        if behind is not None:
            changes.keep(replace(held, waits_for=behind))
            return
        try:
            await self._handle(decode_fact(record), work)
        except NotYet as early:
            changes.keep(replace(held, waits_for=early.waits_for))
            return
        arrived = [f"event:{record.id}"]
        if record.topic == COMPLAINTS:
            arrived.append(f"complaint:{record.key}")
        for free in self.held.waiting_for(arrived, changes):
            changes.let_go(free)
            await self.hand_over(free, work, changes)

    async def commit(self, work: UnitOfWork, changes: Changes, new: Position) -> None:
        """Commit together with the position, which may stay where it is, if it still is there.

        Raises as `EventLog.commit`.
        """
        work.write(*self.held.statements(changes))
        place = (new.source, new.partition)
        await work.commit(advance=Advance(self._positions[place], new))
        self._positions[place] = new
        self.held.apply(changes)
        self._show_held()

    def _show_held(self) -> None:
        self._metrics.parked.labels(self._name).set(len(self.held.parked))
        self._metrics.pending.labels(self._name).set(self.held.pending_count)
