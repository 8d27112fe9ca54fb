"""What the facts of intake and sla mean for routing."""

from dataclasses import dataclass, replace

from services.routing import documents
from services.routing.application import reason_of
from services.routing.documents import CaseDocument
from services.routing.domain import assignment_terms
from services.routing.domain.assessment import assess
from services.routing.domain.case import Case, follow, observe_clock, open_case
from services.routing.domain.cooperation import learn, ruling, score_ppm
from services.routing.domain.eligibility import Objection
from services.routing.domain.merchants import NoteConduct, NoteTimeliness
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.specialists import Specialist
from services.routing.handing import hand_over
from services.routing.keeping import decide_case, decide_merchant
from shared.access import access_statements
from shared.events.casework import ComplaintReclassified
from shared.events.checking import OrderChecked
from shared.events.clocks import ClockEvent
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintReopened,
)
from shared.events.envelope import Event, Fact, Recorded
from shared.events.merging import ComplaintUnmerged
from shared.events.registry import CLOCKS, COMPLAINTS
from shared.events.subjects import SubjectErased
from shared.events.teamwork import ComplaintHandedOver
from shared.events.violations import ViolationDecided
from shared.events.vocabulary import ClockKind, Party, ReopenReason, Turn, ViolationOutcome
from shared.feed.handling import NotYet
from shared.unit_of_work import UnitOfWork

TOPICS = (COMPLAINTS, CLOCKS)
"""What routing reads."""


_REASSESSED = (ComplaintReclassified, OrderChecked)
_ASSESSED = (ComplaintAccepted, ComplaintReopened, ComplaintUnmerged, *_REASSESSED)


def react(
    event: ComplaintEvent,
    before: Case,
    after: Case,
    *,
    cooperation_ppm: int,
    holder: Specialist | None,
    policy: RoutingPolicy,
) -> list[assignment_terms.Command]:
    """What a complaint's event asks of its assignment.

    Nothing waits for somebody who is not there: a turn that comes back to an absent holder
    releases the case at once. (The echo of the assignment is no such return: whoever assigned
    knew, and the grace timer runs.)
    """
    if after.is_over:
        return [assignment_terms.End(now=event.occurred_at, complaint_id=after.complaint_id)]
    unmerged = before.is_over and isinstance(event, ComplaintUnmerged)
    if isinstance(event, ComplaintAccepted | ComplaintReopened) or (unmerged and after.opened_at):
        return [
            assignment_terms.Assess(
                now=event.occurred_at,
                complaint_id=after.complaint_id,
                cycle=after.cycle,
                assessment=assess(after, cooperation_ppm, policy),
                came_back=unmerged,
            )
        ]
    if isinstance(event, _REASSESSED):
        return [
            assignment_terms.Reassess(
                now=event.occurred_at,
                complaint_id=after.complaint_id,
                assessment=assess(after, cooperation_ppm, policy),
            )
        ]
    came_back = after.turn is Turn.SPECIALIST and before.turn is not Turn.SPECIALIST
    if holder is None or not came_back or isinstance(event, ComplaintAssigned):
        return []
    if not holder.absent:
        return []
    return [
        assignment_terms.Release(
            now=event.occurred_at,
            complaint_id=after.complaint_id,
            specialist_id=holder.specialist_id,
            reason=reason_of(holder),
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """Handles every fact of the topics routing reads, in order."""

    policy: RoutingPolicy

    async def handle(self, fact: Fact[Event], work: UnitOfWork) -> None:
        """Count one fact. Raises `NotYet` for a clock whose complaint is still unknown."""
        event = fact.event
        if isinstance(event, ClockEvent):
            await self._clock(event, fact.recorded, work)
            return
        work.write(*access_statements(fact))
        if isinstance(event, ComplaintFiled):
            await self._filed(event, fact.recorded, work)
        elif isinstance(event, ComplaintEvent):
            await self._complaint(event, fact.recorded, work)
        elif isinstance(event, ViolationDecided):
            await self._conduct(event, fact.recorded, work)
        elif isinstance(event, SubjectErased):
            await work.destroy_key(event.subject_id)  # what routing itself sealed for them

    async def _conduct(self, event: ViolationDecided, recorded: Recorded, work: UnitOfWork) -> None:
        """Only what a supervisor confirmed counts, from then on."""
        if event.outcome is not ViolationOutcome.CONFIRMED:
            return
        note = NoteConduct(
            now=event.occurred_at,
            merchant_id=event.merchant_id,
            complaint_id=event.complaint_id,
            violation_id=event.violation_id,
            severity=event.severity,
            cause_id=recorded.id,
            policy=self.policy,
        )
        await decide_merchant(work, event.merchant_id, note, recorded)

    async def _filed(self, event: ComplaintFiled, recorded: Recorded, work: UnitOfWork) -> None:
        positions = {COMPLAINTS: recorded.gpos}
        document = CaseDocument(case=open_case(event), positions=positions)
        await documents.put_case(work, document)

    async def _complaint(self, event: ComplaintEvent, recorded: Recorded, work: UnitOfWork) -> None:
        document = await documents.read_case(work, event.complaint_id)
        if document is None:
            raise LookupError(f"{event.complaint_id} was never filed")
        before, after = document.case, follow(document.case, event)
        if after != before:
            document = _seen(document, after, COMPLAINTS, recorded)
            await documents.put_case(work, document)
        if isinstance(event, ComplaintReopened):
            await self._note_objection(event, after, work)
        commands = react(
            event,
            before,
            after,
            cooperation_ppm=await self._cooperation(event, after, work),
            holder=await self._holder(document, work),
            policy=self.policy,
        )
        for command in commands:
            document = await decide_case(work, document, command, self.policy, recorded)
        if isinstance(event, ComplaintHandedOver):
            await hand_over(work, document, event, recorded, self.policy)

    async def _cooperation(self, event: ComplaintEvent, case: Case, work: UnitOfWork) -> int:
        if not isinstance(event, _ASSESSED):
            return 0
        merchant = await documents.read_merchant(work, case.merchant_id)
        return score_ppm(merchant.days, event.occurred_at, self.policy)

    @staticmethod
    async def _holder(document: CaseDocument, work: UnitOfWork) -> Specialist | None:
        if document.held is None:
            return None
        return await documents.read_specialist(work, document.held.specialist_id)

    @staticmethod
    async def _note_objection(event: ComplaintReopened, case: Case, work: UnitOfWork) -> None:
        objected_to = event.previous_specialist_id
        if event.reason is not ReopenReason.OBJECTION or objected_to is None:
            return
        consumer = await documents.read_consumer(work, case.consumer_id)
        objection = Objection(complaint_id=case.complaint_id, specialist_id=objected_to)
        more = replace(consumer, objections=(*consumer.objections, objection))
        await documents.put_consumer(work, case.consumer_id, more)

    async def _clock(self, event: ClockEvent, recorded: Recorded, work: UnitOfWork) -> None:
        document = await documents.read_case(work, event.complaint_id)
        if document is None:
            raise NotYet(f"complaint:{event.complaint_id}")
        after = observe_clock(document.case, event)
        if after != document.case:
            document = _seen(document, after, CLOCKS, recorded)
            await documents.put_case(work, document)
            note = assignment_terms.NoteUrgency(
                now=event.occurred_at,
                complaint_id=after.complaint_id,
                resolution_due_at=after.resolution_due_at,
                breached=after.breached,
            )
            await decide_case(work, document, note, self.policy, recorded)
        if event.kind is ClockKind.MERCHANT_RESPONSE and event.party is Party.MERCHANT:
            await self._timeliness(event, after.merchant_id, recorded, work)

    async def _timeliness(
        self, event: ClockEvent, merchant_id: str, recorded: Recorded, work: UnitOfWork
    ) -> None:
        before = await documents.read_request(work, event.clock_id)
        after = learn(before, event)
        if after == before:
            return
        await documents.put_request(work, event.clock_id, after)
        note = NoteTimeliness(
            now=event.occurred_at,
            merchant_id=merchant_id,
            complaint_id=event.complaint_id,
            clock_id=event.clock_id,
            before=ruling(before),
            after=ruling(after),
            cause_id=recorded.id,
            policy=self.policy,
        )
        await decide_merchant(work, merchant_id, note, recorded)


def _seen(document: CaseDocument, case: Case, topic: str, recorded: Recorded) -> CaseDocument:
    positions = {**document.positions, topic: recorded.gpos}
    return replace(document, case=case, positions=positions)
