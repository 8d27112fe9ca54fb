"""What notify's HTTP edge, and the platform's list of dead letters, can ask of it."""

from dataclasses import dataclass
from typing import Any

from services.notify import listings
from services.notify.application import PostOffice
from services.notify.domain.events import FollowUpScheduled
from services.notify.domain.follow_up import FOLLOW_UP, stream_of
from services.notify.domain.follow_up_terms import Answer, Planned, Unscheduled
from services.notify.domain.notices import Recipient
from services.notify.erased import is_gone
from services.notify.links import BadLink, ExpiredLink, SurveyLinks
from services.notify.memory import case_of
from services.notify.surveys import reminder_id
from shared.eventlog.ports import EventLog
from shared.events.envelope import Actor
from shared.events.vocabulary import Role
from shared.problems import Problem
from shared.unit_of_work import UnitOfWork, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyFacade:
    """Found at `app.state.notify`."""

    log: EventLog
    post: PostOffice
    links: SurveyLinks

    def opened_by(self, token: str) -> str:
        """The follow-up a link opens. Raises `Problem` `not_found` or `survey_closed`."""
        try:
            return self.links.follow_up(token, self.post.business.now())
        except BadLink as error:
            raise Problem("not_found", "This link does not open any survey.") from error
        except ExpiredLink as error:
            raise Problem("survey_closed", "This link has expired.") from error

    async def survey(self, follow_up: str) -> Planned:
        """Where a survey stands. Raises `Problem` `not_found` or `survey_closed`."""
        work = UnitOfWork(self.log)
        state = (await work.load(FOLLOW_UP, stream_of(follow_up))).state
        if isinstance(state, Unscheduled):
            raise Problem("not_found", "This link does not open any survey.")
        await self._needs_consumer(work, state.plan)
        return state

    async def _needs_consumer(self, work: UnitOfWork, plan: FollowUpScheduled) -> None:
        """Raises `Problem` `survey_closed` if the consumer was erased: nothing is theirs to say."""
        case = await case_of(work, plan.complaint_id)
        to = Recipient(role=Role.CONSUMER, id=plan.consumer_id)
        if await is_gone(work, to, case, plan.occurred_at):
            raise Problem("survey_closed", "This survey is over.")

    async def answer(self, follow_up: str, answer: Answer) -> Planned:
        """Take the consumer's answer. Raises `Refused` `survey_closed` or `validation_failed`."""
        plan = (await self.survey(follow_up)).plan

        async def act(work: UnitOfWork) -> None:
            await self._needs_consumer(work, plan)
            await work.decide(FOLLOW_UP, stream_of(follow_up), plan.complaint_id, answer)
            work.cancel_timer(reminder_id(follow_up))

        await transact(self.log, act, actor=Actor(role=Role.CONSUMER, id=plan.consumer_id))
        return await self.survey(follow_up)

    async def dead_mails(self) -> list[dict[str, Any]]:
        """Mails that were given up, oldest first, for the list of dead letters."""
        return await listings.dead_mails(self.log)

    async def redrive_mail(self, letter_id: str) -> bool:
        """Try a dead mail again. False: there is no such dead mail."""

        async def act(work: UnitOfWork) -> bool:
            return await self.post.redrive(work, letter_id)

        return await transact(self.log, act)
