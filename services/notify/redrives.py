"""Dead mails that somebody without access to this process wants to be tried again."""

from typing import Final

from services.notify.application import PostOffice
from shared.clock import MonotonicClock
from shared.eventlog.ports import EventLog
from shared.feed.requests import Requests
from shared.observability import log
from shared.unit_of_work import transact

MAILS: Final = "notify.mail"
"""Requests for this name are keyed by the id of a dead mail."""

_LOOK_SECONDS: Final = 1.0


class MailRedrives:
    """A `Worker`: looks once a second for what is asked, and answers."""

    def __init__(self, store: EventLog, post: PostOffice, monotonic: MonotonicClock) -> None:
        self._store = store
        self._post = post
        self._monotonic = monotonic
        self._requests = Requests(MAILS, store, monotonic)
        self._looked_at = -_LOOK_SECONDS

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "notify.redrives"

    async def step(self) -> bool:
        """Do what is asked. Met twice, after a crash, it finds nothing left to do."""
        now = self._monotonic.seconds()
        if now - self._looked_at < _LOOK_SECONDS:
            return False
        self._looked_at = now
        asked = await self._requests.open()
        for one in asked:
            await self._requests.answer(one, int(await self._redriven(one.key)))
        return bool(asked)

    async def _redriven(self, mail: str) -> bool:
        redriven = await transact(self._store, lambda work: self._post.redrive(work, mail))
        log.info("mail_redriven", notification_id=mail, redriven=redriven)
        return redriven

    async def wait(self) -> None:
        """See `Worker.wait`."""
        await self._monotonic.sleep(_LOOK_SECONDS)
