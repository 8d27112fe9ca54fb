"""What other services' facts make notify do. Each fact is handled once, in its topic's order."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.notify.application import Cause, PostOffice
from services.notify.domain.case import Case, after, opened
from services.notify.domain.clock_notices import breach, correction, warning
from services.notify.domain.complaint_notices import STARTS_A_CLOCK, held, notices
from services.notify.domain.notices import Held, Nature, Notice, Recipient, ops
from services.notify.erased import lasting
from services.notify.forgetting import Forgetting
from services.notify.memory import (
    Profile,
    Told,
    case_of,
    hold,
    keep_case,
    keep_profile,
    keep_told,
    take_held,
    told_of,
)
from services.notify.surveys import Surveys
from shared.access import access_statements
from shared.events.assignments import AssignmentDecided, AssignmentEvent
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockStarted,
    ClockStopped,
    ClockWarned,
)
from shared.events.complaints import (
    ComplaintClosed,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
)
from shared.events.envelope import Event, Fact, Recorded
from shared.events.profiles import MerchantProfile, SpecialistProfile
from shared.events.registry import ASSIGNMENTS, CLOCKS, COMPLAINTS, MERCHANTS, SPECIALISTS
from shared.events.subjects import SubjectErased
from shared.events.violations import ViolationEvent
from shared.events.vocabulary import ClockKind, Outcome, Role
from shared.feed.handling import NotYet
from shared.unit_of_work import UnitOfWork

TOPICS = (COMPLAINTS, CLOCKS, ASSIGNMENTS, SPECIALISTS, MERCHANTS)

# Clocks whose start completes a message that was held for its deadline.
_MESSAGE_CLOCKS = frozenset(
    {
        ClockKind.MERCHANT_RESPONSE,
        ClockKind.CONSUMER_REPLY,
        ClockKind.REMEDY,
        ClockKind.APPEAL_WINDOW,
        ClockKind.APPROVAL,
        ClockKind.SUPERIOR_REVIEW,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """The handler of notify's one consumer."""

    post: PostOffice
    surveys: Surveys
    forgetting: Forgetting

    async def handle(self, fact: Fact[Event], work: UnitOfWork) -> None:
        """Handle one fact. Raises `NotYet` if it came before the one it builds on."""
        event = fact.event
        if isinstance(event, ComplaintEvent):
            work.write(*access_statements(fact))
            await self._complaint(event, fact.recorded, work)
        elif isinstance(event, ViolationEvent):
            await self._violation(event, fact.recorded, work)
        elif isinstance(event, ClockEvent):
            await self._clock(event, fact.recorded, work)
        elif isinstance(event, AssignmentEvent):
            await self._assignment(event, fact.recorded, work)
        elif isinstance(event, SubjectErased):
            await self.forgetting.forget(work, event, fact.recorded)
        elif isinstance(event, SpecialistProfile | MerchantProfile):
            await self._profile(event, fact.recorded, work)

    async def _complaint(self, event: ComplaintEvent, cause: Recorded, work: UnitOfWork) -> None:
        before = await case_of(work, event.complaint_id)
        if isinstance(event, ComplaintFiled):
            case = opened(event, cause.recorded_at)
            contact = await lasting(work, case.contact, cause.recorded_at)
            case = replace(case, contact=contact)
        elif before is None:
            raise NotYet(f"complaint:{event.complaint_id}")
        else:
            case = after(before, event)
        if case != before:
            await keep_case(work, case)
        if isinstance(event, STARTS_A_CLOCK):
            await self._hold(held(event, case), cause, work)
        for notice in notices(event, case):
            await self.post.announce(work, notice, case, _cause(cause, event.cycle))
        await self._follow_up(event, case, cause, work)

    async def _hold(self, message: Held | None, cause: Recorded, work: UnitOfWork) -> None:
        if message is not None:
            quote = await lasting(work, message.quote, cause.recorded_at)
            message = replace(message, quote=quote)
        await hold(work, cause.id, message, cause.recorded_at)

    async def _profile(
        self, event: SpecialistProfile | MerchantProfile, cause: Recorded, work: UnitOfWork
    ) -> None:
        match event:
            case SpecialistProfile():
                to = Recipient(role=Role.SPECIALIST, id=event.specialist_id)
                contact, languages = event.email, event.languages
            case MerchantProfile():
                to = Recipient(role=Role.MERCHANT, id=event.merchant_id)
                contact, languages = event.contact, ()
        contact = await lasting(work, contact, cause.recorded_at)
        profile = Profile(contact=contact, languages=languages, recorded_at=cause.recorded_at)
        await keep_profile(work, to, profile)

    async def _violation(self, event: ViolationEvent, cause: Recorded, work: UnitOfWork) -> None:
        """Its stream is its own; whom it concerns is known from the complaint it was found in."""
        case = await case_of(work, event.complaint_id)
        if case is None:
            raise NotYet(f"complaint:{event.complaint_id}")
        for notice in notices(event, case):
            await self.post.announce(work, notice, case, _cause(cause, case.cycle))

    async def _follow_up(
        self, event: ComplaintEvent, case: Case, cause: Recorded, work: UnitOfWork
    ) -> None:
        if isinstance(event, ComplaintResolved):
            await self.surveys.schedule(work, event, case, cause)
        elif isinstance(event, ComplaintReopened):
            await self.surveys.overtake(work, event, cause)
        elif isinstance(event, ComplaintClosed):
            await self._cancel_survey(event, "closed", cause, work)
        elif isinstance(event, ComplaintWithdrawn):
            await self._cancel_survey(event, "withdrawn", cause, work)

    async def _cancel_survey(
        self, event: ComplaintEvent, reason: str, cause: Recorded, work: UnitOfWork
    ) -> None:
        await self.surveys.cancel(work, event.complaint_id, event.cycle, reason, cause)

    async def _clock(self, event: ClockEvent, cause: Recorded, work: UnitOfWork) -> None:
        case = await case_of(work, event.complaint_id)
        if case is None:
            raise NotYet(f"complaint:{event.complaint_id}")
        if isinstance(event, ClockStarted):
            await self._started(event, case, cause, work)
        elif isinstance(event, ClockWarned):
            await self._tell(warning(event, case), event, case, cause, work)
        elif isinstance(event, ClockBreached):
            await self._tell(breach(event, case), event, case, cause, work)
            if event.kind is ClockKind.SURVEY_WINDOW:
                await self.surveys.lapse(work, event, cause)
        elif isinstance(event, ClockStopped | ClockCancelled):
            await self._ended(event, work)
        elif isinstance(event, ClockCorrected):
            await self._corrected(event, case, cause, work)

    async def _started(
        self, event: ClockStarted, case: Case, cause: Recorded, work: UnitOfWork
    ) -> None:
        if event.kind is ClockKind.SURVEY_WINDOW:
            await self.surveys.window_opened(work, event, cause)
        if event.kind not in _MESSAGE_CLOCKS:
            return
        waiting = await take_held(work, event.cause_id)
        if waiting is None:
            raise NotYet(f"event:{event.cause_id}")
        if waiting.held is not None:
            quote = await lasting(work, waiting.held.quote, waiting.written_at)
            message = replace(waiting.held, quote=quote).release(event.due_at)
            await self._tell([message], event, case, cause, work)

    async def _tell(
        self,
        found: list[Notice],
        event: ClockEvent,
        case: Case,
        cause: Recorded,
        work: UnitOfWork,
    ) -> None:
        """Say it, and remember who was told, in case the clock is stopped or corrected."""
        if not found:
            return
        told = await told_of(work, event.clock_id)
        for notice in found:
            queued = await self.post.announce(work, notice, case, _cause(cause, event.cycle))
            told = (
                *told,
                Told(
                    notification_id=queued.notification_id,
                    to=notice.to,
                    nature=notice.nature,
                    due_at=notice.due_at,
                ),
            )
        await keep_told(work, event.clock_id, told)

    async def _ended(self, event: ClockStopped | ClockCancelled, work: UnitOfWork) -> None:
        """Warnings still unsent are pointless. Alerts stay known: a breach may be withdrawn."""
        told = await told_of(work, event.clock_id)
        for entry in told:
            if entry.nature is Nature.WARNING:
                await self.post.suppress(work, entry.notification_id, "clock_stopped")
        alerts = tuple(entry for entry in told if entry.nature is Nature.ALERT)
        if alerts != told:
            await keep_told(work, event.clock_id, alerts)

    async def _corrected(
        self, event: ClockCorrected, case: Case, cause: Recorded, work: UnitOfWork
    ) -> None:
        """Put right what people were told; what has not reached them yet is suppressed instead."""
        last: dict[Recipient, datetime | None] = {}
        for entry in await told_of(work, event.clock_id):
            if (entry.nature is Nature.ALERT) is not event.breach_withdrawn:
                continue
            if event.breach_withdrawn and await self.post.suppress(
                work, entry.notification_id, "breach_withdrawn"
            ):
                continue
            last[entry.to] = entry.due_at
        right = [correction(event, to, due_at) for to, due_at in last.items()]
        found = [notice for notice in right if notice is not None]
        await self._tell(found, event, case, cause, work)

    async def _assignment(self, event: AssignmentEvent, cause: Recorded, work: UnitOfWork) -> None:
        if not isinstance(event, AssignmentDecided) or event.outcome is not Outcome.UNROUTABLE:
            return
        case = await case_of(work, event.complaint_id)
        if case is None:
            raise NotYet(f"complaint:{event.complaint_id}")
        sentence = event.sentence.get(case.language) or next(iter(event.sentence.values()), "")
        notice = Notice(
            template="unroutable", to=ops(), nature=Nature.ALERT, values={"sentence": sentence}
        )
        await self.post.announce(work, notice, case, _cause(cause, event.cycle))


def _cause(recorded: Recorded, cycle: int) -> Cause:
    return Cause(id=recorded.id, cycle=cycle, occurred_at=recorded.occurred_at, recorded=recorded)
