"""Sends queued mails: outside any transaction, several at a time, each outcome recorded at once.

The server's acceptance comes first, the record of it second. A crash in between sends the mail
again, with the same Message-ID; it never loses one.
"""

import asyncio
from datetime import timedelta
from typing import Final

from services.notify.application import PostOffice
from services.notify.domain.events import NotificationQueued
from services.notify.domain.notices import Recipient
from services.notify.domain.notification import NOTIFICATION, Waiting, stream_of
from services.notify.erased import is_gone
from services.notify.memory import NoAddress, address_of, case_of
from services.notify.messages import mail, sender_address
from shared.eventlog.ports import StorageUnavailable, Store, Timer, TimerGone, VersionConflict
from shared.observability import log
from shared.service import MailRefused, MailTransport, MailUnavailable
from shared.unit_of_work import ATTEMPTS, UnitOfWork

_ROUNDS: Final = 4
_IDLE_SECONDS: Final = 1.0


class _Failed(Exception):
    """The mail was not accepted. `permanent`: it never will be."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class _Erased(Exception):
    """Whom it is for was erased, or whose words it holds: it is not to be sent."""


class MailSender:
    """A `Worker` on the timers of the real clock: each is one attempt at one mail."""

    def __init__(self, *, store: Store, post: PostOffice, transport: MailTransport) -> None:
        self._store = store
        self._post = post
        self._transport = transport
        self._slots = asyncio.Semaphore(post.settings.concurrency)
        self._signal = store.watch()

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "notify.mail"

    async def step(self) -> bool:
        """Attempt what is due. False: nothing is due."""
        limit = self._post.settings.concurrency * _ROUNDS
        timers = await self._store.due("real", self._post.real.now(), limit=limit)
        if not timers:
            return False
        # Every attempt is seen to its end: a mail given up halfway would be sent twice.
        results = await asyncio.gather(
            *(self._attempt(timer) for timer in timers), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return True

    async def wait(self) -> None:
        """See `Worker.wait`."""
        due = await self._store.next_due("real")
        seconds = _IDLE_SECONDS
        if due is not None:
            ahead = (due - self._post.real.now()) / timedelta(seconds=1)
            seconds = min(_IDLE_SECONDS, max(ahead, 0.001))
        await self._signal.wait(seconds)

    async def _attempt(self, timer: Timer) -> None:
        async with self._slots:
            loaded = await UnitOfWork(self._store).load(
                NOTIFICATION, stream_of(timer.payload.decode())
            )
            if not isinstance(loaded.state, Waiting):
                await self._record(timer, None, None)
                return
            queued = loaded.state.queued
            try:
                await self._send(queued)
            except (_Failed, _Erased) as trouble:
                await self._record(timer, queued, trouble)
            else:
                await self._record(timer, queued, None)

    async def _send(self, queued: NotificationQueued) -> None:
        settings = self._post.settings
        to = Recipient(role=queued.recipient_role, id=queued.recipient_id)
        read = UnitOfWork(self._store)
        try:
            await self._look(read, to, queued)
            address = await address_of(read, to, queued.complaint_id)
            await self._transport.send(
                sender=sender_address(settings.sender),
                recipient=address,
                message=mail(queued, settings.sender, address),
            )
        except NoAddress as missing:
            raise _Failed(missing.reason, permanent=missing.final) from missing
        except MailRefused as refused:
            raise _Failed(str(refused) or "refused", permanent=True) from refused
        except MailUnavailable as away:
            raise _Failed(str(away) or "unavailable", permanent=False) from away
        except (_Erased, StorageUnavailable, asyncio.CancelledError):
            raise
        except Exception as error:
            # One mail that cannot be made must not hold up the others for ever.
            log.error("mail_failed", notification_id=queued.notification_id, exc_info=error)
            raise _Failed(type(error).__name__, permanent=False) from error

    async def _look(self, read: UnitOfWork, to: Recipient, queued: NotificationQueued) -> None:
        """Make the text readable. Raises `_Erased` if it must not be sent, or cannot be read.

        It is looked at as late as this: the erasure may have come after the mail was queued.
        """
        case = await case_of(read, queued.complaint_id)
        await read.open(queued)
        unreadable = queued.subject.value is None or queued.text.value is None
        if unreadable or await is_gone(read, to, case, queued.occurred_at):
            raise _Erased

    async def _record(
        self, timer: Timer, queued: NotificationQueued | None, trouble: _Failed | _Erased | None
    ) -> None:
        """Record an outcome, and the timer as fired. It may have been cancelled meanwhile."""
        fired: tuple[Timer, ...] = (timer,)
        for _ in range(ATTEMPTS):
            work = UnitOfWork(self._store)
            if queued is not None:
                await self._outcome(work, queued, trouble)
            try:
                await work.commit(fired=fired)
            except VersionConflict:
                continue
            except TimerGone:
                fired = ()
                continue
            return
        raise VersionConflict(timer.id)

    async def _outcome(
        self, work: UnitOfWork, queued: NotificationQueued, trouble: _Failed | _Erased | None
    ) -> None:
        match trouble:
            case None:
                await self._post.confirm(work, queued)
            case _Failed():
                await self._post.record_failure(
                    work, queued, trouble.reason, permanent=trouble.permanent
                )
            case _Erased():
                await self._post.withhold(work, queued)
