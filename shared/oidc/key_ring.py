"""The issuer's keys in hand: how old they may get, and how often the key server is asked."""

import asyncio
import math
from typing import Final

from shared.auth import UNCHECKED
from shared.clock import MonotonicClock
from shared.observability import Metrics, log
from shared.oidc.key_server import KeyServer, KeysNotFetched
from shared.oidc.keys import KeyName, Keys
from shared.oidc.settings import OidcSettings
from shared.problems import Problem

PAUSE_SECONDS: Final = 5.0
"""Between two questions to the key server, whatever comes in: real time."""


class KeyRing:
    """Keys by name, as last published.

    Younger than `refresh_after` they are simply used. Older ones are used while they are asked for
    again, for which nobody waits; up to `max_key_age`, from where on everybody waits, and is told
    503 if the key server does not answer. A key that is not there is asked for at once, unless
    somebody asked less than `PAUSE_SECONDS` ago: so made-up key ids cost the key server nothing.
    """

    def __init__(
        self,
        server: KeyServer,
        settings: OidcSettings,
        monotonic: MonotonicClock,
        metrics: Metrics,
    ) -> None:
        self._server = server
        self._refresh_after = settings.refresh_after.total_seconds()
        self._max_age = settings.max_key_age.total_seconds()
        self._monotonic = monotonic
        self._unavailable = metrics.key_server_unavailable
        self._keys: Keys = {}
        self._fetched_at = -math.inf
        self._asked_at = -math.inf
        self._failed = False
        self._asking: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Ask for the keys now, so that whoever calls first need not wait. Never fails."""
        self._ask()

    async def current(self) -> Keys:
        """The keys; the same object until they change. Raises `Problem` 503 `keys_unavailable`."""
        age = self._age()
        if age < self._refresh_after:
            return self._keys
        if age < self._max_age:
            self._ask()
            return self._keys
        await self._asked()
        if self._age() >= self._max_age:
            raise self._not_now()
        return self._keys

    async def having(self, name: KeyName) -> Keys:
        """The keys, asked for again if this one is not among them.

        Raises `Problem` 503 `keys_unavailable` if it is not, and the key server does not answer: it
        may have been published meanwhile.
        """
        keys = await self.current()
        if name in keys or self._age() < PAUSE_SECONDS:
            return keys
        await self._asked()
        if name not in self._keys and self._failed:
            raise self._not_now()
        return self._keys

    def _age(self) -> float:
        return self._monotonic.seconds() - self._fetched_at

    def _ask(self) -> asyncio.Task[None] | None:
        """What asks the key server, if it is time to."""
        now = self._monotonic.seconds()
        if self._asking is None and now - self._asked_at >= PAUSE_SECONDS:
            self._asked_at = now
            # A task of its own: who called for it may hang up, and others wait for it too.
            self._asking = asyncio.create_task(self._fetch(), name="oidc-keys")
        return self._asking

    async def _asked(self) -> None:
        asking = self._ask()
        if asking is not None:
            await asyncio.wait({asking})

    async def _fetch(self) -> None:
        # From before the question: the answer may be that old when it comes.
        asked_at = self._asked_at
        try:
            keys = await self._server.keys()
        except KeysNotFetched as error:
            self._note_failure(str(error))
        except Exception as error:  # noqa: BLE001 - nobody awaits its outcome: it is told here
            log.error("key_server_failed", exc_info=error)
            self._note_failure(type(error).__name__)
        else:
            self._take(keys, asked_at)
        finally:
            self._asking = None

    def _take(self, keys: Keys, asked_at: float) -> None:
        if keys != self._keys or self._failed:
            log.info("keys_taken", keys=sorted(key_id for key_id, _ in keys))
        if keys != self._keys:
            self._keys = keys
        self._fetched_at = asked_at
        self._failed = False
        self._unavailable.set(0)

    def _note_failure(self, reason: str) -> None:
        if not self._failed:
            log.error("key_server_unavailable", reason=reason)
        self._failed = True
        self._unavailable.set(1)

    def _not_now(self) -> Problem:
        left = self._asked_at + PAUSE_SECONDS - self._monotonic.seconds()
        return Problem(
            UNCHECKED,
            "The key server does not answer. Nothing was recorded; try again.",
            headers={"Retry-After": str(max(1, math.ceil(left)))},
        )
