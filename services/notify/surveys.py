"""The follow-up after a resolution: scheduling, sending, reminding, answering, lapsing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notify.application import SURVEY, Cause, PostOffice
from services.notify.domain.addresses import spoken
from services.notify.domain.case import Case
from services.notify.domain.events import FollowUpCancelled, FollowUpScheduled
from services.notify.domain.follow_up import FOLLOW_UP, follow_up_id, stream_of
from services.notify.domain.follow_up_terms import (
    Cancel,
    Command,
    HandOver,
    Lapse,
    Open,
    Overtake,
    Remind,
    Schedule,
    Unsent,
)
from services.notify.domain.notices import Nature, Notice, consumer
from services.notify.erased import ERASED, is_gone
from services.notify.links import SurveyLinks
from services.notify.memory import case_of
from shared.codec import pack, unpack
from shared.eventlog.ports import Timer
from shared.events.clocks import ClockBreached, ClockStarted
from shared.events.complaints import ComplaintReopened, ComplaintResolved
from shared.events.envelope import Recorded
from shared.unit_of_work import UnitOfWork

SURVEY_TIMER: Final = "survey"
REMINDER_TIMER: Final = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDue:
    """What a reminder's timer carries: the start of the window that causes it, and its end."""

    follow_up_id: str
    cause_id: str
    started_at: datetime
    window_ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveys:
    """The use cases of follow-ups."""

    post: PostOffice
    links: SurveyLinks
    base_url: str

    async def schedule(
        self, work: UnitOfWork, event: ComplaintResolved, case: Case, cause: Recorded
    ) -> None:
        """A complaint was resolved: its survey is due after a while."""
        settings = self.post.settings
        follow_up = follow_up_id(event.complaint_id, event.cycle)
        due_at = event.occurred_at + settings.survey_delay
        scheduled = FollowUpScheduled(
            occurred_at=self.post.business.now(),
            complaint_id=event.complaint_id,
            cycle=event.cycle,
            follow_up_id=follow_up,
            consumer_id=case.consumer_id,
            language=spoken(case.language),
            due_at=due_at,
            expires_at=due_at + settings.survey_link_lifetime,
            cause_id=cause.id,
        )
        stream = stream_of(follow_up)
        command = Schedule(scheduled=scheduled)
        scheduled_now = await work.decide(
            FOLLOW_UP, stream, event.complaint_id, command, caused_by=cause
        )
        if await self._is_gone(work, case, cause.recorded_at):
            await self.cancel(work, event.complaint_id, event.cycle, ERASED, cause)
        elif scheduled_now:
            work.set_timer(
                Timer(
                    id=f"survey-{follow_up}",
                    clock="business",
                    due_at=due_at,
                    kind=SURVEY_TIMER,
                    key=event.complaint_id,
                    payload=follow_up.encode(),
                )
            )

    async def send(self, work: UnitOfWork, follow_up: str) -> None:
        """The survey is due: hand it over, unless it lost its purpose."""
        state = (await work.load(FOLLOW_UP, stream_of(follow_up))).state
        if not isinstance(state, Unsent) or state.notification_id is not None:
            return
        plan = state.plan
        case = await self._case(work, plan)
        if await self._is_gone(work, case, plan.occurred_at):
            cancel = Cancel(now=self.post.business.now(), reason=ERASED)
            await work.decide(FOLLOW_UP, stream_of(follow_up), plan.complaint_id, cancel)
            return
        notice = self._notice(SURVEY, plan, case)
        cause = Cause(id=plan.cause_id, cycle=plan.cycle, occurred_at=plan.occurred_at)
        queued = await self.post.compose(work, notice, case, cause)
        hand_over = HandOver(now=self.post.business.now(), notification_id=queued.notification_id)
        await work.decide(FOLLOW_UP, stream_of(follow_up), plan.complaint_id, hand_over)
        await self.post.dispatch(work, queued, cause)

    async def _case(self, work: UnitOfWork, plan: FollowUpScheduled) -> Case:
        case = await case_of(work, plan.complaint_id)
        if case is None:
            raise LookupError(f"no case behind follow-up {plan.follow_up_id}")
        return case

    async def _is_gone(self, work: UnitOfWork, case: Case, since: datetime) -> bool:
        return await is_gone(work, consumer(case), case, since)

    def _notice(
        self, template: str, plan: FollowUpScheduled, case: Case, due_at: datetime | None = None
    ) -> Notice:
        token = self.links.token(plan.follow_up_id, plan.expires_at)
        return Notice(
            template=template,
            to=consumer(case),
            nature=Nature.SURVEY,
            values={"link": f"{self.base_url.rstrip('/')}/v1/surveys/{token}"},
            due_at=due_at,
        )

    async def window_opened(self, work: UnitOfWork, event: ClockStarted, cause: Recorded) -> None:
        """The time for answering runs: remind once, after half of it."""
        follow_up = follow_up_id(event.complaint_id, event.cycle)
        state = (await work.load(FOLLOW_UP, stream_of(follow_up))).state
        if event.due_at is None or not isinstance(state, Open) or state.overtaken:
            return
        reminder = ReminderDue(
            follow_up_id=follow_up,
            cause_id=cause.id,
            started_at=event.started_at,
            window_ends_at=event.due_at,
        )
        work.set_timer(
            Timer(
                id=reminder_id(follow_up),
                clock="business",
                due_at=event.started_at + (event.due_at - event.started_at) / 2,
                kind=REMINDER_TIMER,
                key=event.complaint_id,
                payload=pack(reminder),
            )
        )

    async def remind(self, work: UnitOfWork, payload: bytes) -> None:
        """Half of the window has gone by."""
        reminder = unpack(payload, ReminderDue)
        stream = stream_of(reminder.follow_up_id)
        state = (await work.load(FOLLOW_UP, stream)).state
        if not isinstance(state, Open):
            return
        case = await self._case(work, state.plan)
        if await self._is_gone(work, case, state.plan.occurred_at):
            return
        remind = Remind(
            now=self.post.business.now(),
            window_ends_at=reminder.window_ends_at,
            cause_id=reminder.cause_id,
        )
        if await work.decide(FOLLOW_UP, stream, state.plan.complaint_id, remind):
            ends_at = reminder.window_ends_at
            notice = self._notice("survey_reminder", state.plan, case, ends_at)
            cause = Cause(
                id=reminder.cause_id, cycle=state.plan.cycle, occurred_at=reminder.started_at
            )
            await self.post.announce(work, notice, case, cause)

    async def overtake(self, work: UnitOfWork, event: ComplaintReopened, cause: Recorded) -> None:
        """A new cycle began: the survey of the one before is cancelled, or takes ratings only."""
        command = Overtake(now=self.post.business.now())
        await self._end(work, event.complaint_id, event.cycle - 1, command, cause)

    async def cancel(
        self, work: UnitOfWork, complaint_id: str, cycle: int, reason: str, cause: Recorded
    ) -> None:
        """The complaint ended in this cycle, or nobody is left to ask: nothing more is sent."""
        command = Cancel(now=self.post.business.now(), reason=reason)
        await self._end(work, complaint_id, cycle, command, cause)

    async def _end(
        self,
        work: UnitOfWork,
        complaint_id: str,
        cycle: int,
        command: Command,
        cause: Recorded,
    ) -> None:
        follow_up = follow_up_id(complaint_id, cycle)
        stream = stream_of(follow_up)
        before = (await work.load(FOLLOW_UP, stream)).state
        events = await work.decide(FOLLOW_UP, stream, complaint_id, command, caused_by=cause)
        for recorded in events:
            if isinstance(recorded, FollowUpCancelled) and isinstance(before, Unsent):
                work.cancel_timer(f"survey-{follow_up}")
                if before.notification_id is not None:
                    await self.post.suppress(work, before.notification_id, recorded.reason)
        work.cancel_timer(reminder_id(follow_up))

    async def lapse(self, work: UnitOfWork, event: ClockBreached, cause: Recorded) -> None:
        """The window is over: the survey lapses unless it was answered."""
        follow_up = follow_up_id(event.complaint_id, event.cycle)
        command = Lapse(now=self.post.business.now())
        await work.decide(
            FOLLOW_UP, stream_of(follow_up), event.complaint_id, command, caused_by=cause
        )
        work.cancel_timer(reminder_id(follow_up))


def reminder_id(follow_up: str) -> str:
    """The timer of a survey's one reminder."""
    return f"reminder-{follow_up}"


async def fire(surveys: Surveys, timer: Timer, work: UnitOfWork) -> None:
    """What a timer of the business clock is for."""
    if timer.kind == SURVEY_TIMER:
        await surveys.send(work, timer.payload.decode())
    elif timer.kind == REMINDER_TIMER:
        await surveys.remind(work, timer.payload)
    else:
        raise ValueError(f"unknown timer kind {timer.kind}")
