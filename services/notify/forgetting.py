"""Letting go of a person whom intake has erased.

What they wrote is sealed wherever notify keeps it: in its events under its own key of them, which
is destroyed, in documents also under that of the service that wrote it. What was kept in clear by a
version before that is taken out of the documents. Events stay as they are.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.notify.application import PostOffice
from services.notify.domain.case import Case
from services.notify.domain.notices import Recipient, consumer
from services.notify.domain.notification import NOTIFICATION, Waiting
from services.notify.domain.notification import stream_of as notification_stream
from services.notify.domain.subject import SUBJECT, Forget, stream_of
from services.notify.erased import ERASED, is_gone
from services.notify.memory import Profile, case_of, keep_case, keep_profile, profile_of
from services.notify.surveys import Surveys
from shared.eventlog.ports import Statement
from shared.events.envelope import Recorded
from shared.events.subjects import SubjectErased
from shared.events.vocabulary import Role
from shared.unit_of_work import UnitOfWork

_CASES: Final = "SELECT complaint_id FROM complaint_access WHERE consumer_id = :subject ORDER BY 1"
_UNSENT: Final = (
    "SELECT notification_id FROM notifications "
    "WHERE recipient_id = :subject AND state = 'queued' ORDER BY 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What notify does once a person was erased.

    What is on its way to them in the very batch that says so is not seen here: it is found to be
    pointless when it is due.
    """

    post: PostOffice
    surveys: Surveys

    async def forget(self, work: UnitOfWork, event: SubjectErased, cause: Recorded) -> None:
        """Destroy the key, record it, and call off what is still to be sent."""
        subject = event.subject_id
        await work.destroy_key(subject)
        command = Forget(
            now=self.post.business.now(), subject_id=subject, erased_at=cause.recorded_at
        )
        await work.decide(SUBJECT, stream_of(subject), subject, command, caused_by=cause)
        for row in await work.log.fetch(Statement(_CASES, {"subject": subject})):
            await self._case(work, row["complaint_id"], cause)
        for row in await work.log.fetch(Statement(_UNSENT, {"subject": subject})):
            await self._unsent(work, row["notification_id"])
        for role in (Role.MERCHANT, Role.SPECIALIST):
            await _profile(work, Recipient(role=role, id=subject), cause.recorded_at)

    async def _case(self, work: UnitOfWork, complaint_id: str, cause: Recorded) -> None:
        case = await case_of(work, complaint_id)
        if case is None or not await _is_theirs(work, case, cause.recorded_at):
            return
        await keep_case(work, replace(case, contact=None))
        for cycle in range(1, case.cycle + 1):
            await self.surveys.cancel(work, complaint_id, cycle, ERASED, cause)

    async def _unsent(self, work: UnitOfWork, notification_id: str) -> None:
        state = (await work.load(NOTIFICATION, notification_stream(notification_id))).state
        if not isinstance(state, Waiting):
            return
        queued = state.queued
        to = Recipient(role=queued.recipient_role, id=queued.recipient_id)
        case = await case_of(work, queued.complaint_id)
        if await is_gone(work, to, case, queued.occurred_at):
            await self.post.suppress(work, notification_id, ERASED)


async def _is_theirs(work: UnitOfWork, case: Case, since: datetime) -> bool:
    """Not if the consumer came back before this was read, and filed it then."""
    return await is_gone(work, consumer(case), case, since)


async def _profile(work: UnitOfWork, to: Recipient, erased_at: datetime) -> None:
    profile = await profile_of(work, to)
    if profile is not None and (profile.recorded_at is None or profile.recorded_at <= erased_at):
        await keep_profile(work, to, Profile(contact=None, recorded_at=profile.recorded_at))
