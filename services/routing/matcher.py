"""The matcher: gives waiting cases to specialists. Exactly one is active per service.

It works from a memory of queue, specialists and loads that follows routing's own log: whatever an
event touched is read again from its committed document, so the memory is never ahead of what is
recorded. A decision checks what it rests on once more inside its own commit; where somebody was
faster nothing is recorded, and the next pass decides anew.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from services.routing import documents
from services.routing.documents import CaseDocument, Consumer, Load
from services.routing.domain.assignment_terms import Choice, Decide
from services.routing.domain.choice import matched, unmatched
from services.routing.domain.eligibility import (
    Objection,
    Waiting,
    outcome_without_candidate,
    waiting_of,
)
from services.routing.domain.matching import Match, Solver, Staffing, in_order, one_round
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.specialists import Specialist
from services.routing.keeping import decide_case
from shared.clock import BusinessClock
from shared.codec import unpack
from shared.eventlog.ports import EventLog, VersionConflict
from shared.unit_of_work import UnitOfWork

T = TypeVar("T")

_IDLE_SECONDS: Final = 1.0
_TAIL: Final = 500
_AT_ONCE: Final = 64
"""How many decisions are offered to one group commit."""


@dataclass(slots=True)
class Memory:
    """What the matcher knows, as committed."""

    specialists: dict[str, Specialist] = field(default_factory=dict)
    loads: dict[str, int] = field(default_factory=dict)
    queue: dict[str, Waiting] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    positions: dict[str, dict[str, int]] = field(default_factory=dict)
    objections: dict[str, tuple[Objection, ...]] = field(default_factory=dict)

    @property
    def staffing(self) -> Staffing:
        """Who could be given work, copied: a round is computed on one picture."""
        return Staffing(specialists=dict(self.specialists), loads=dict(self.loads))


class Matcher:
    """A `Worker`. `step` follows the log and, where something moved, matches until nothing does."""

    def __init__(
        self, log: EventLog, clock: BusinessClock, policy: RoutingPolicy, solver: Solver
    ) -> None:
        self._log = log
        self._clock = clock
        self._policy = policy
        self._solver = solver
        self._signal = log.watch()
        self._memory = Memory()
        self._cursors: dict[int, int] | None = None
        self._stale = True
        self._undecided: set[str] = set()

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "routing.matcher"

    @property
    def memory(self) -> Memory:
        """What it knows now."""
        return self._memory

    async def wait(self) -> None:
        """See `Worker.wait`."""
        await self._signal.wait(_IDLE_SECONDS)

    async def step(self) -> bool:
        """Follow the log, then match if anything moved. False: nothing did."""
        if self._cursors is None:
            await self._fill()
        await self._follow()
        if not self._stale:
            return False
        self._stale = False
        await self._match()
        return True

    async def _fill(self) -> None:
        """Read everything once; what is committed meanwhile lies behind the heads taken first."""
        heads = await self._log.heads()
        memory = self._memory = Memory()
        for key, consumer in await self._all(documents.CONSUMER, Consumer):
            memory.objections[key] = consumer.objections
        for key, specialist in await self._all(documents.SPECIALIST, Specialist):
            memory.specialists[key] = specialist
        for key, load in await self._all(documents.LOAD, Load):
            memory.loads[key] = load.total
        for _, case in await self._all(documents.CASE, CaseDocument):
            self._take_case(case)
        self._cursors = dict(enumerate(heads))

    async def _all(self, kind: str, cls: type[T]) -> list[tuple[str, T]]:
        found = await self._log.documents(kind)
        return [(one.key, unpack(one.data, cls)) for one in found if one.data is not None]

    async def _follow(self) -> None:
        """Read again whatever the own log says was touched."""
        cases: dict[str, None] = {}
        staff: dict[str, None] = {}
        cursors = self._cursors or {}
        for shard in cursors:
            while records := await self._log.tail(shard, cursors[shard], limit=_TAIL):
                cursors[shard] = records[-1].gpos
                for record in records:
                    kind, _, identity = record.stream.partition("-")
                    if kind == "assignment":
                        cases[identity] = None
                    elif kind == "specialist":
                        staff[identity] = None
        for complaint_id in cases:
            await self._reload_case(complaint_id)
        for specialist_id in staff:
            await self._reload_specialist(specialist_id)

    async def _reload_case(self, complaint_id: str) -> None:
        document = await self._log.document(documents.CASE, complaint_id)
        if document.data is None:
            return
        case = unpack(document.data, CaseDocument)
        consumer_id = case.case.consumer_id
        consumer = await self._log.document(documents.CONSUMER, consumer_id)
        if consumer.data is not None:
            self._memory.objections[consumer_id] = unpack(consumer.data, Consumer).objections
        before = self._memory.holders.get(complaint_id)
        self._take_case(case)
        after = self._memory.holders.get(complaint_id)
        for specialist_id in {before, after} - {None}:
            await self._reload_load(str(specialist_id))
        self._stale = True

    def _take_case(self, document: CaseDocument) -> None:
        complaint_id = document.case.complaint_id
        memory = self._memory
        memory.queue.pop(complaint_id, None)
        memory.holders.pop(complaint_id, None)
        memory.positions.pop(complaint_id, None)
        self._undecided.discard(complaint_id)
        if document.held is not None:
            memory.holders[complaint_id] = document.held.specialist_id
        if document.queued is not None:
            objections = memory.objections.get(document.case.consumer_id, ())
            memory.queue[complaint_id] = waiting_of(
                document.case, document.queued, objections, self._policy
            )
            memory.positions[complaint_id] = document.positions
            self._undecided.add(complaint_id)

    async def _reload_load(self, specialist_id: str) -> None:
        document = await self._log.document(documents.LOAD, specialist_id)
        total = 0 if document.data is None else unpack(document.data, Load).total
        self._memory.loads[specialist_id] = total

    async def _reload_specialist(self, specialist_id: str) -> None:
        document = await self._log.document(documents.SPECIALIST, specialist_id)
        if document.data is None:
            return
        specialist = unpack(document.data, Specialist)
        before = self._memory.specialists.get(specialist_id)
        self._memory.specialists[specialist_id] = specialist
        if before is None or before.profile != specialist.profile:
            self._undecided.update(self._memory.queue)
        self._stale = True

    async def _match(self) -> None:
        """Round after round until nothing moves, then say of the rest why it waits.

        The queue is put in order once per pass; what joins it meanwhile has the next pass.
        """
        now = self._clock.now()
        waiting = in_order([*self._memory.queue.values()], now, self._policy)
        order = [one.case.complaint_id for one in waiting]
        number = 1
        while order:
            staffing = self._memory.staffing
            queue = [self._memory.queue[one] for one in order]
            found = one_round(queue, staffing, now, self._policy, self._solver, number)
            if not found:
                break
            if not await self._record_matches(found, staffing, now):
                self._stale = True
                return
            await self._follow()
            order = [one for one in order if one in self._memory.queue]
            number += 1
        await self._record_unmatched()

    async def _record_matches(
        self, found: Sequence[Match], staffing: Staffing, now: datetime
    ) -> bool:
        """Record a round. True if at least one of its decisions stood."""
        stood = False
        for start in range(0, len(found), _AT_ONCE):
            results = await asyncio.gather(
                *(self._record_match(m, staffing, now) for m in found[start : start + _AT_ONCE])
            )
            stood = stood or any(results)
        return stood

    async def _record_match(self, match: Match, staffing: Staffing, now: datetime) -> bool:
        complaint_id = match.waiting.case.complaint_id
        specialist_id = match.specialist.specialist_id
        positions = self._positions(complaint_id)
        choice = matched(match, staffing, now, self._policy, positions)
        work = UnitOfWork(self._log)
        specialist = await documents.read_specialist(work, specialist_id)
        load = await documents.read_load(work, specialist_id)
        gone = specialist is None or not specialist.online or specialist.absent
        if gone or load.total != match.load:
            await self._reload_specialist(specialist_id)
            await self._reload_load(specialist_id)
            return False
        return await self._record(work, match.waiting, choice, now)

    async def _record_unmatched(self) -> None:
        """Record the outcome for cases nobody can take now, where it is not yet known."""
        now = self._clock.now()
        staffing = self._memory.staffing
        todo = [
            waiting
            for complaint_id in sorted(self._undecided)
            if (waiting := self._memory.queue.get(complaint_id)) is not None
        ]
        self._undecided.clear()
        for start in range(0, len(todo), _AT_ONCE):
            portion = todo[start : start + _AT_ONCE]
            await asyncio.gather(*(self._record_waiting(w, staffing, now) for w in portion))

    async def _record_waiting(self, waiting: Waiting, staffing: Staffing, now: datetime) -> None:
        outcome = outcome_without_candidate(waiting, staffing.specialists.values())
        if outcome is waiting.queued.outcome:
            return
        positions = self._positions(waiting.case.complaint_id)
        choice = unmatched(waiting, staffing, now, self._policy, positions)
        await self._record(UnitOfWork(self._log), waiting, choice, now)

    async def _record(
        self, work: UnitOfWork, waiting: Waiting, choice: Choice, now: datetime
    ) -> bool:
        """Commit one decision if its case still is as it was decided on."""
        complaint_id = waiting.case.complaint_id
        document = await documents.read_case(work, complaint_id)
        if document is None or document.queued != waiting.queued:
            await self._reload_case(complaint_id)
            return False
        command = Decide(
            now=now,
            complaint_id=complaint_id,
            cycle=waiting.queued.cycle,
            after_n=waiting.queued.n,
            choice=choice,
        )
        await decide_case(work, document, command, self._policy)
        try:
            await work.commit()
        except VersionConflict:
            await self._reload_case(complaint_id)
            return False
        return True

    def _positions(self, complaint_id: str) -> Mapping[str, int]:
        own = max((self._cursors or {}).values(), default=0)
        return {**self._memory.positions.get(complaint_id, {}), "routing": own}
