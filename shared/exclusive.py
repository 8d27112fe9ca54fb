"""Workers of which only one may be at work among all processes of a service."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from shared.clock import MonotonicClock
from shared.eventlog.ports import Leases, StorageUnavailable
from shared.observability import log
from shared.worker import Worker

LEASE_SECONDS: Final = 5.0
"""How long a process that hangs or died keeps others waiting (real time)."""

_RENEW_SECONDS: Final = 1.0
_ASK_SECONDS: Final = 0.5


class Exclusive:
    """A `Worker` that works while its process holds the lease named after it.

    The lease is renewed beside the work, however long a step takes, and given back at the end. It
    keeps two from doing the same in vain; what is recorded is guarded by expected versions anyway.
    `on_loss` is awaited after the lease was lost, before the next step, and at the end.
    """

    def __init__(
        self,
        worker: Worker,
        leases: Leases,
        owner: str,
        monotonic: MonotonicClock,
        *,
        on_loss: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._worker = worker
        self._leases = leases
        self._owner = owner
        self._monotonic = monotonic
        self._on_loss = on_loss
        self._held_until = -1.0
        self._had = False
        self._keeping: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """For logs and metrics, and the lease's name."""
        return self._worker.name

    @property
    def held(self) -> bool:
        """Whether this process may work now."""
        return self._monotonic.seconds() < self._held_until

    async def step(self) -> bool:
        """See `Worker.step`. False too while another process has the lease."""
        if self._keeping is None:
            await self._renew()
            self._keeping = asyncio.create_task(self._keep(), name=f"{self.name}-lease")
        if not self.held:
            if self._had and self._on_loss is not None:
                await self._on_loss()
            self._had = False
            return False
        self._had = True
        return await self._worker.step()

    async def _keep(self) -> None:
        while True:
            await self._monotonic.sleep(_RENEW_SECONDS if self.held else _ASK_SECONDS)
            await self._renew()

    async def _renew(self) -> None:
        # From before the question on: the answer may have been long under way.
        asked = self._monotonic.seconds()
        held = self.held
        try:
            given = await self._leases.lease(self.name, self._owner, LEASE_SECONDS)
        except StorageUnavailable:
            return
        except Exception as error:  # noqa: BLE001 - whoever stops asking never works again
            log.error("lease_not_renewed", worker=self.name, exc_info=error)
            return
        self._held_until = asked + LEASE_SECONDS if given else -1.0
        if given != held:
            log.info("lease_taken" if given else "lease_lost", worker=self.name, owner=self._owner)

    async def wait(self) -> None:
        """See `Worker.wait`."""
        if self.held:
            await self._worker.wait()
        else:
            await self._monotonic.sleep(_ASK_SECONDS)

    async def close(self) -> None:
        """Stop renewing and give the lease back."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._on_loss is not None:
            await self._on_loss()
        try:
            await self._leases.release(self.name, self._owner)
        except StorageUnavailable:
            return
