"""Routing's use cases: load, decide, and keep what follows from it in one unit of work."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.routing import documents
from services.routing.documents import CaseDocument
from services.routing.domain import assignment_terms, merchants, specialists
from services.routing.domain.assignment_terms import Held, Queued
from services.routing.domain.choice import chosen_by_supervisor
from services.routing.domain.eligibility import waiting_of
from services.routing.domain.events import Absence
from services.routing.domain.merchants import MERCHANT
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.specialists import SPECIALIST, Specialist
from services.routing.keeping import (
    decide_case,
    decide_merchant,
    merchant_stream,
    specialist_stream,
)
from shared.clock import BusinessClock, Clock, from_ms, to_ms
from shared.decider import Refused
from shared.eventlog.ports import Timer
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import UnassignReason
from shared.unit_of_work import Loaded, UnitOfWork

GRACE: Final = "presence"
"""Kind of the real-time timer that ends the grace of somebody offline."""

ROSTER: Final = "roster"
"""Kind of the business timer at which a shift or leave begins or ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A specialist after an act. `version` is that of the stream; `changed`: events came of it."""

    specialist: Specialist
    version: int
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The acts that people and timers ask for. `grace` is real time."""

    business: BusinessClock
    real: Clock
    policy: RoutingPolicy
    grace: timedelta

    async def specialist(
        self, work: UnitOfWork, specialist_id: str, command: specialists.Command
    ) -> Kept:
        """Decide about a specialist.

        Whatever makes them absent releases the cases whose turn is theirs, in the same commit.
        Raises as the domain refuses.
        """
        stream = specialist_stream(specialist_id)
        before = (await work.load(SPECIALIST, stream)).state
        if isinstance(command, specialists.Register | specialists.ChangeProfile):
            await work.log.keys.open(before)  # to be compared with what is said now
        events = await work.decide(SPECIALIST, stream, specialist_id, command)
        loaded = await work.load(SPECIALIST, stream)
        state = registered(loaded)
        if events:
            await documents.put_specialist(work, state)
            self._set_timers(work, state, command)
        was_absent = before.absent if isinstance(before, Specialist) else frozenset()
        if state.absent - was_absent:
            await self.release_absent(work, state, command.now)
        return Kept(specialist=state, version=loaded.version, changed=bool(events))

    def _set_timers(
        self, work: UnitOfWork, state: Specialist, command: specialists.Command
    ) -> None:
        match command:
            case specialists.SetPresence():
                if state.online:
                    work.cancel_timer(f"{GRACE}-{state.specialist_id}")
                else:
                    self._set_grace(work, state)
            case specialists.Register() | specialists.ChangeProfile():
                self.set_roster_timer(work, state, command.now)
            case specialists.EndGrace() | specialists.CheckRoster():
                pass

    def _set_grace(self, work: UnitOfWork, state: Specialist) -> None:
        work.set_timer(
            Timer(
                id=f"{GRACE}-{state.specialist_id}",
                clock="real",
                due_at=self.real.now() + self.grace,
                kind=GRACE,
                key=state.specialist_id,
                payload=str(to_ms(state.since)).encode(),
            )
        )

    @staticmethod
    def set_roster_timer(work: UnitOfWork, state: Specialist, after: datetime) -> None:
        """Be woken when a shift or leave of theirs begins or ends next."""
        timer_id = f"{ROSTER}-{state.specialist_id}"
        due_at = state.profile.next_change(after)
        if due_at is None:
            work.cancel_timer(timer_id)
        else:
            work.set_timer(
                Timer(
                    id=timer_id,
                    clock="business",
                    due_at=due_at,
                    kind=ROSTER,
                    key=state.specialist_id,
                )
            )

    async def release_absent(self, work: UnitOfWork, state: Specialist, now: datetime) -> None:
        """Take from an absent specialist every case that waits for them.

        Their load is put back even if nothing changed: a decision for them that is under way, taken
        when they were still there, then conflicts and is taken anew.
        """
        load = await documents.read_load(work, state.specialist_id)
        await documents.put_load(work, state.specialist_id, load)
        for complaint_id in sorted(load.cases):
            document = await documents.read_case(work, complaint_id)
            if document is not None and document.case.needs_its_specialist:
                release = assignment_terms.Release(
                    now=now,
                    complaint_id=complaint_id,
                    specialist_id=state.specialist_id,
                    reason=reason_of(state),
                )
                await decide_case(work, document, release, self.policy)

    async def fire(self, timer: Timer, work: UnitOfWork) -> None:
        """A grace is over, or a shift or leave began or ended."""
        if timer.kind == ROSTER:
            check = specialists.CheckRoster(now=timer.due_at)
            checked = await self.specialist(work, timer.key, check)
            self.set_roster_timer(work, checked.specialist, timer.due_at)
            return
        end = specialists.EndGrace(now=self.business.now(), since=from_ms(int(timer.payload)))
        kept = await self.specialist(work, timer.key, end)
        if Absence.OFFLINE in kept.specialist.absent and not kept.changed:
            # Somebody already absent was given a case by a supervisor: that grace is over too.
            await self.release_absent(work, kept.specialist, end.now)

    async def merchant(
        self, work: UnitOfWork, merchant_id: str, profile: merchants.Profile
    ) -> list[Event]:
        """Register a merchant or replace its profile; what was recorded."""
        put = merchants.PutProfile(
            now=self.business.now(), merchant_id=merchant_id, profile=profile
        )
        before = (await work.load(MERCHANT, merchant_stream(merchant_id))).state
        await work.log.keys.open(before)  # to be compared with what is said now
        return await decide_merchant(work, merchant_id, put)

    async def decline(
        self, work: UnitOfWork, complaint_id: str, specialist_id: str, reason: str
    ) -> None:
        """Give a complaint back. Raises `Refused` `not_assigned`, `not_found`."""
        document = await self._known(work, complaint_id)
        decline = assignment_terms.Decline(
            now=self.business.now(),
            complaint_id=complaint_id,
            specialist_id=specialist_id,
            reason=Personal(document.case.consumer_id, reason),
        )
        await decide_case(work, document, decline, self.policy)

    async def reassign(
        self,
        work: UnitOfWork,
        complaint_id: str,
        specialist_id: str,
        supervisor_id: str,
        reason: str,
    ) -> None:
        """Give a complaint to somebody, whatever the filters say.

        Somebody offline is given the usual grace to come. Raises `Refused`: `not_found` for an
        unknown complaint or specialist, `wrong_status` when the complaint is over.
        """
        document = await self._known(work, complaint_id)
        specialist = await documents.read_specialist(work, specialist_id)
        if specialist is None:
            raise Refused("not_found", "There is no such specialist.")
        held = document.held
        queued = document.queued or (None if held is None else as_queued(held))
        if queued is None or document.case.is_over:
            raise Refused("wrong_status", "Nobody is to be assigned to this complaint now.")
        consumer = await documents.read_consumer(work, document.case.consumer_id)
        now = self.business.now()
        choice = chosen_by_supervisor(
            waiting=waiting_of(document.case, queued, consumer.objections, self.policy),
            specialist=specialist,
            load=(await documents.read_load(work, specialist_id)).total,
            supervisor_id=supervisor_id,
            now=now,
            policy=self.policy,
            positions=document.positions,
        )
        command = assignment_terms.Reassign(
            now=now,
            complaint_id=complaint_id,
            supervisor_id=supervisor_id,
            reason=Personal(document.case.consumer_id, reason),
            choice=choice,
        )
        await decide_case(work, document, command, self.policy)
        if not specialist.online:
            self._set_grace(work, specialist)

    @staticmethod
    async def _known(work: UnitOfWork, complaint_id: str) -> CaseDocument:
        document = await documents.read_case(work, complaint_id)
        if document is None:
            raise Refused("not_found", "There is no such complaint.")
        return document


def registered(loaded: Loaded[specialists.State]) -> Specialist:
    """The specialist of a stream. Raises `Refused` `not_found` if it has none."""
    match loaded.state:
        case specialists.Unregistered():
            raise Refused("not_found", "There is no such specialist.")
        case Specialist():
            return loaded.state


def reason_of(state: Specialist) -> UnassignReason:
    """Why an absent specialist's cases are taken: `shift_end` if that is all there is to it."""
    if state.absent == {Absence.SHIFT_END}:
        return UnassignReason.SHIFT_END
    return UnassignReason.ABSENT


def as_queued(held: Held) -> Queued:
    """The complaint as it would wait if its specialist were released."""
    return Queued(
        cycle=held.cycle,
        n=held.n,
        since=held.since,
        needs=held.needs,
        declined_by=held.declined_by,
    )
