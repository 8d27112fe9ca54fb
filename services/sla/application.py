"""Use cases of sla: load the case, let the domain decide, record.

A case is kept as a document beside the stream of its clocks and changes in the same commit: the
document holds facts of other services, which the stream alone could not give back.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from services.sla.domain.case import Case
from services.sla.domain.firing import fire, next_firing
from services.sla.domain.observing import ComplaintFact, LaterFact, observe, opened
from services.sla.domain.policies import Policies
from shared.codec import pack, unpack
from shared.decider import Decider
from shared.eventlog.ports import EventLog, Timer
from shared.eventlog.shards import shard_of
from shared.events.clocks import ClockBreached, ClockEvent, ClockWarned
from shared.events.complaints import ComplaintFiled
from shared.events.envelope import Event, Fact, Recorded
from shared.unit_of_work import UnitOfWork

CASE: Final = "case"
"""Kind of the documents; key: complaint."""


def stream_of(complaint_id: str) -> str:
    """The stream that holds every event of a complaint's clocks."""
    return f"clocks-{complaint_id}"


def _keep_nothing(state: None, _: Event) -> None:
    return state


def _ask_nothing(_: None, __: None) -> list[Event]:
    return []


_CLOCKS: Final[Decider[None, None]] = Decider(None, _ask_nothing, _keep_nothing)
"""The stream of clocks is written from the case, never folded."""


class CaseUnknown(LookupError):
    """A fact of a complaint whose filing was never seen."""


class ClockKeeping:
    """Keeps the clocks of all complaints.

    `settle` is business time: how long after an instant facts that took place by then may still
    be recorded.
    """

    def __init__(self, policies: Policies, settle: timedelta) -> None:
        self.policies = policies
        self.settle = settle

    async def observe(self, fact: Fact[ComplaintFact], work: UnitOfWork) -> None:
        """Count one fact. Raises `CaseUnknown` if the complaint's filing was not seen before."""
        recorded, event = fact.recorded, fact.event
        known = await stored_case(work, event.complaint_id)
        if isinstance(event, ComplaintFiled):
            if known is not None:
                return
            case, events = opened(
                event,
                recorded_at=recorded.recorded_at,
                cause_id=recorded.id,
                policies=self.policies,
            )
            await _keep(work, case, events, recorded)
            _set_timer(work, case)
            return
        if known is None:
            raise CaseUnknown(event.complaint_id)
        await self._observe_later(known, event, recorded, work)

    async def _observe_later(
        self, known: Case, event: LaterFact, recorded: Recorded, work: UnitOfWork
    ) -> None:
        case, events = observe(
            known,
            event,
            recorded_at=recorded.recorded_at,
            cause_id=recorded.id,
            settle=self.settle,
            policies=self.policies,
        )
        if case == known:
            return
        await _keep(work, case, events, recorded)
        if next_firing(case) != next_firing(known):
            _set_timer(work, case)

    async def fire(self, timer: Timer, work: UnitOfWork) -> None:
        """Say what fell due, and set the timer for what comes next."""
        case = await stored_case(work, timer.key)
        if case is None:
            return
        case, events = fire(case, timer.due_at)
        if events:
            await _keep(work, case, events, None)
        _set_timer(work, case)


async def stored_case(work: UnitOfWork, complaint_id: str) -> Case | None:
    """The case as this unit of work sees it."""
    data = await work.document(CASE, complaint_id)
    return None if data is None else unpack(data, Case)


async def committed_case(log: EventLog, complaint_id: str) -> Case | None:
    """The case as last committed."""
    document = await log.document(CASE, complaint_id)
    return None if document.data is None else unpack(document.data, Case)


async def _keep(
    work: UnitOfWork, case: Case, events: Sequence[ClockEvent], cause: Recorded | None
) -> None:
    """Keep the case and what is to be published. Time alone causes warnings and breaches."""
    stream = stream_of(case.complaint_id)
    work.continue_at(stream, case.published - len(events))
    for by_time, together in groupby(events, _by_time):
        work.record(
            stream,
            case.complaint_id,
            list(together),
            _CLOCKS,
            caused_by=None if by_time else cause,
        )
    await work.put(CASE, case.complaint_id, pack(case))


def _by_time(event: ClockEvent) -> bool:
    return isinstance(event, ClockWarned | ClockBreached)


def _set_timer(work: UnitOfWork, case: Case) -> None:
    timer_id = f"sla-{case.complaint_id}"
    due_at = next_firing(case)
    if due_at is None:
        work.cancel_timer(timer_id)
        return
    work.set_timer(
        Timer(
            id=timer_id,
            clock="business",
            due_at=due_at,
            kind="clock",
            key=case.complaint_id,
            shard=shard_of(case.complaint_id, work.log.shards),
        )
    )
