"""Saying things: from a notice to a queued text in the right language on the right channel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.notify.domain.addresses import spoken
from services.notify.domain.case import Case
from services.notify.domain.events import NotificationAttemptFailed, NotificationQueued
from services.notify.domain.follow_up import FOLLOW_UP, follow_up_id
from services.notify.domain.follow_up import stream_of as follow_up_stream
from services.notify.domain.follow_up_terms import Cancel, ConfirmDelivery
from services.notify.domain.notices import SUPPRESSIBLE, Notice, Recipient
from services.notify.domain.notification import (
    NOTIFICATION,
    Command,
    ConfirmSent,
    Dead,
    Queue,
    RecordFailure,
    Redrive,
    Suppress,
    Waiting,
    stream_of,
)
from services.notify.domain.retry import RetryPolicy
from services.notify.erased import ERASED, is_gone, lasting
from services.notify.memory import NoAddress, address_of, profile_of
from services.notify.settings import NotifySettings
from services.notify.templates import Templates
from shared.clock import Clock
from shared.eventlog.ports import Timer
from shared.events.envelope import Event, Recorded
from shared.events.followups import NotificationFailed
from shared.events.personal import Personal
from shared.events.vocabulary import NotificationChannel, Role
from shared.ids import derived_id
from shared.unit_of_work import UnitOfWork

SURVEY: Final = "survey"
"""Name of the template whose delivery makes a follow-up sent."""

MAIL_TIMER: Final = "mail"
_INBOX_ONLY: Final = frozenset({Role.SUPERVISOR, Role.OPS, Role.SERVICE, Role.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The event because of which something is said; `recorded` where it is at hand."""

    id: str
    cycle: int
    occurred_at: datetime
    recorded: Recorded | None = None

    @property
    def known_at(self) -> datetime:
        """When it was recorded, or took place where that is not at hand."""
        return self.occurred_at if self.recorded is None else self.recorded.recorded_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """Queues, delivers to the inbox, and records what became of mails.

    `mail_configured` False sends everything to the inbox.
    """

    settings: NotifySettings
    templates: Templates
    business: Clock
    real: Clock
    mail_configured: bool

    @property
    def _policy(self) -> RetryPolicy:
        return RetryPolicy(
            attempts=self.settings.attempts,
            first=self.settings.first_pause,
            longest=self.settings.longest_pause,
        )

    async def announce(
        self, work: UnitOfWork, notice: Notice, case: Case, cause: Cause
    ) -> NotificationQueued:
        """Say something once: repeating it for the same cause changes nothing."""
        queued = await self.compose(work, notice, case, cause)
        gone = await is_gone(work, notice.to, case, cause.known_at)
        pointless = ERASED if gone else self._pointless(notice, cause)
        await self.dispatch(work, queued, cause, pointless)
        return queued

    async def compose(
        self, work: UnitOfWork, notice: Notice, case: Case, cause: Cause
    ) -> NotificationQueued:
        """The notification of a notice: language, text, channel and id.

        The text belongs to whom it quotes, or else to the consumer: it goes when they are erased.
        """
        quote = await lasting(work, notice.quote, cause.known_at)
        await work.open(quote)
        language = await self._language(work, notice.to, case)
        text = self.templates.render(
            notice.template,
            language,
            {
                "complaint": case.complaint_id,
                "quote": quote.text if quote else "",
                **notice.values,
            },
            due_at=notice.due_at,
        )
        channel = await self._channel(work, notice.to, case)
        owner = quote.subject if quote else case.consumer_id
        return NotificationQueued(
            occurred_at=self.business.now(),
            complaint_id=case.complaint_id,
            cycle=cause.cycle,
            notification_id=notification_id(cause.id, notice.to, channel),
            cause_id=cause.id,
            recipient_role=notice.to.role,
            recipient_id=notice.to.id,
            channel=channel,
            template=text.template,
            language=language,
            subject=Personal(owner, text.subject),
            text=Personal(owner, text.body),
            text_sha256=text.sha256,
        )

    async def _language(self, work: UnitOfWork, to: Recipient, case: Case) -> str:
        profile = await profile_of(work, to)
        theirs = () if profile is None else profile.languages
        # A specialist who speaks the complaint's language gets the mail in it, next to the case.
        if not theirs or spoken(case.language) in {spoken(language) for language in theirs}:
            return spoken(case.language)
        return spoken(*theirs)

    async def _channel(self, work: UnitOfWork, to: Recipient, case: Case) -> NotificationChannel:
        if to.role in _INBOX_ONLY or not self.mail_configured:
            return NotificationChannel.INBOX
        try:
            await address_of(work, to, case.complaint_id)
        except NoAddress as missing:
            if missing.final:
                return NotificationChannel.INBOX
        return NotificationChannel.EMAIL

    def _pointless(self, notice: Notice, cause: Cause) -> str | None:
        if notice.nature not in SUPPRESSIBLE:
            return None
        if self.business.now() - cause.occurred_at > self.settings.stale_after:
            return "stale"
        return notice.overtaken

    async def dispatch(
        self,
        work: UnitOfWork,
        queued: NotificationQueued,
        cause: Cause | None,
        pointless: str | None = None,
    ) -> None:
        """Queue, then deliver to the inbox, leave to the mail sender, or record why not."""
        caused_by = None if cause is None else cause.recorded
        if not await self._decide(work, queued, Queue(queued=queued), caused_by):
            return
        if pointless is not None:
            suppress = Suppress(now=self.business.now(), reason=pointless)
            await self._decide(work, queued, suppress, caused_by)
        elif queued.channel is NotificationChannel.INBOX:
            await self.confirm(work, queued, caused_by)
        else:
            work.set_timer(self._mail_timer(queued, self.real.now()))

    async def confirm(
        self, work: UnitOfWork, queued: NotificationQueued, caused_by: Recorded | None = None
    ) -> None:
        """The channel has accepted it."""
        now = self.business.now()
        await self._decide(work, queued, ConfirmSent(now=now), caused_by)
        if template_name(queued.template) == SURVEY:
            stream = follow_up_stream(follow_up_id(queued.complaint_id, queued.cycle))
            await work.decide(FOLLOW_UP, stream, queued.complaint_id, ConfirmDelivery(now=now))

    async def record_failure(
        self, work: UnitOfWork, queued: NotificationQueued, reason: str, *, permanent: bool
    ) -> None:
        """An attempt at a mail failed: try later, or give up and deliver to the inbox."""
        failure = RecordFailure(
            now=self.business.now(),
            real_now=self.real.now(),
            reason=reason,
            permanent=permanent,
            policy=self._policy,
        )
        for event in await self._decide(work, queued, failure):
            if isinstance(event, NotificationAttemptFailed):
                work.set_timer(self._mail_timer(queued, event.retry_at))
            if isinstance(event, NotificationFailed):
                await self.dispatch(work, self._for_inbox(queued), None)

    def _for_inbox(self, queued: NotificationQueued) -> NotificationQueued:
        to = Recipient(role=queued.recipient_role, id=queued.recipient_id)
        inbox = NotificationChannel.INBOX
        return replace(
            queued,
            occurred_at=self.business.now(),
            notification_id=notification_id(queued.cause_id, to, inbox),
            channel=inbox,
        )

    async def suppress(self, work: UnitOfWork, waiting_id: str, reason: str) -> bool:
        """Do not send this any more. False: it was no longer waiting, nothing changes."""
        state = (await work.load(NOTIFICATION, stream_of(waiting_id))).state
        if not isinstance(state, Waiting):
            return False
        command = Suppress(now=self.business.now(), reason=reason)
        await self._decide(work, state.queued, command)
        work.cancel_timer(_timer_id(waiting_id))
        return True

    async def withhold(self, work: UnitOfWork, queued: NotificationQueued) -> None:
        """Whom it is for was erased, or whose words it holds: it is not said, by no channel."""
        now = self.business.now()
        await self._decide(work, queued, Suppress(now=now, reason=ERASED))
        if template_name(queued.template) == SURVEY:
            stream = follow_up_stream(follow_up_id(queued.complaint_id, queued.cycle))
            cancel = Cancel(now=now, reason=ERASED)
            await work.decide(FOLLOW_UP, stream, queued.complaint_id, cancel)

    async def redrive(self, work: UnitOfWork, dead_id: str) -> bool:
        """Try a dead mail again. False: it is not dead."""
        state = (await work.load(NOTIFICATION, stream_of(dead_id))).state
        if not isinstance(state, Dead):
            return False
        await self._decide(work, state.queued, Redrive(now=self.business.now()))
        work.set_timer(self._mail_timer(state.queued, self.real.now()))
        return True

    async def _decide(
        self,
        work: UnitOfWork,
        queued: NotificationQueued,
        command: Command,
        caused_by: Recorded | None = None,
    ) -> Sequence[Event]:
        stream = stream_of(queued.notification_id)
        return await work.decide(
            NOTIFICATION, stream, queued.complaint_id, command, caused_by=caused_by
        )

    def _mail_timer(self, queued: NotificationQueued, due_at: datetime) -> Timer:
        return Timer(
            id=_timer_id(queued.notification_id),
            clock="real",
            due_at=due_at,
            kind=MAIL_TIMER,
            key=queued.complaint_id,
            payload=queued.notification_id.encode(),
        )


def notification_id(cause_id: str, to: Recipient, channel: NotificationChannel) -> str:
    """The one notification of a cause to a recipient by a channel."""
    return derived_id("notification", cause_id, to.key, channel)


def template_name(template: str) -> str:
    """`name` of `name@version`."""
    return template.partition("@")[0]


def _timer_id(mail_id: str) -> str:
    return f"mail-{mail_id}"
