"""What a service is made of, what it is given from outside, and how it runs and stops."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from fastapi import APIRouter
from sqlmodel import SQLModel

from shared.claims import ClaimRetention
from shared.clock import BusinessClock, Clock, ClockName, MonotonicClock
from shared.eventlog.ports import EventLog, Projection, StorageUnavailable, Store
from shared.exclusive import Exclusive
from shared.feed.consumer import Consumer
from shared.feed.dead_letters import DeadLetters
from shared.feed.handling import Handle
from shared.feed.ports import Feed
from shared.ids import Ids
from shared.observability import Metrics, log
from shared.timers import Fire, TimerRunner, rate_of
from shared.worker import Worker


class MailRefused(Exception):
    """The mail server will never take this message."""


class MailUnavailable(Exception):
    """The mail server could not be reached or said: later. Try again."""


class MailTransport(Protocol):
    """Hands messages to a mail server."""

    async def send(self, *, sender: str, recipient: str, message: bytes) -> None:
        """Return once the server has accepted. Raises `MailRefused` or `MailUnavailable`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class OpenLog(Protocol):
    """Opens a service's own store."""

    def __call__(
        self, service: str, projection: Projection, tables: Sequence[type[SQLModel]]
    ) -> Awaitable[Store]:
        """The store of `service`, with its views' tables."""
        ...


OpenFeed = Callable[[str, Sequence[str], EventLog], Feed]
"""Consumer name, topics, own log → a feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Everything a service touches outside itself. Given by the composition root, never looked up.

    `secret` signs links; `base_url` is the public address that links start with; `files_url` is
    where files lie unless a service is told otherwise.
    """

    business: BusinessClock
    real: Clock
    monotonic: MonotonicClock
    ids: Ids
    open_log: OpenLog
    open_feed: OpenFeed
    metrics: Metrics
    mail: MailTransport
    base_url: str
    secret: bytes
    files_url: str = ""

    def consumer(
        self, name: str, topics: Sequence[str], store: EventLog, handle: Handle
    ) -> Consumer:
        """A consumer of these topics whose changes go to `store`."""
        return Consumer(
            name=name,
            feed=self.open_feed(name, topics, store),
            log=store,
            handle=handle,
            monotonic=self.monotonic,
            dead_letters=DeadLetters(self.real),
            metrics=self.metrics,
        )

    def claims(self, store: EventLog) -> ClaimRetention:
        """What lets go of the store's old idempotency keys."""
        return ClaimRetention(store, self.real, self.monotonic)

    def timers(  # noqa: PLR0913 - as the runner's
        self,
        name: str,
        clock_name: ClockName,
        store: Store,
        fire: Fire,
        *,
        shards: Callable[[], Collection[int]] = lambda: (0,),
        until: Callable[[int], datetime] | None = None,
        held: Callable[[], Collection[str]] = frozenset,
    ) -> TimerRunner:
        """A runner of the store's timers on the named clock."""
        return TimerRunner(
            name=name,
            clock_name=clock_name,
            clock=self.business if clock_name == "business" else self.real,
            rate=rate_of(clock_name, self.business),
            log=store,
            fire=fire,
            monotonic=self.monotonic,
            metrics=self.metrics,
            shards=shards,
            until=until,
            held=held,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One built service. `facade` is what its `api` finds at `app.state.<name>`.

    Of `exclusive` workers only one may be at work among all processes of the service. `let_go` is
    called once its workers have ended.
    """

    name: str
    log: Store
    router: APIRouter
    facade: object
    consumers: tuple[Consumer, ...] = ()
    workers: tuple[Worker, ...] = ()
    exclusive: tuple[Worker, ...] = ()
    let_go: tuple[Callable[[], Awaitable[None]], ...] = ()

    @property
    def all_workers(self) -> tuple[Worker, ...]:
        """Everything that runs in the background."""
        return (*self.consumers, *self.workers, *self.exclusive)


_PAUSE_SECONDS: Final = 1.0
"""Pause after a worker failed unexpectedly or the store was unavailable, before it goes on."""


class Driver:
    """Runs one worker until told to stop: what is in hand is finished, nothing new is taken."""

    def __init__(self, worker: Worker, monotonic: MonotonicClock) -> None:
        self._worker = worker
        self._monotonic = monotonic
        self._stopping = False
        self._idle = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._worker.name)

    async def _run(self) -> None:
        while not self._stopping:
            busy = await self._guarded(self._worker.step)
            if busy or self._stopping:
                # A busy worker must not keep the loop from others.
                await asyncio.sleep(0)
                continue
            self._idle = True
            await self._guarded(self._worker.wait)  # some look into the store for how long
            self._idle = False

    async def _guarded(self, work: Callable[[], Awaitable[bool | None]]) -> bool:
        """Whether there may be more to do. A failure is told, and paused after."""
        try:
            return bool(await work())
        except StorageUnavailable as error:
            log.error("storage_unavailable", worker=self._worker.name, error=str(error))
        except Exception as error:  # noqa: BLE001 - a worker never dies silently: it goes on, loudly
            log.error("worker_failed", worker=self._worker.name, exc_info=error)
        self._idle = True
        await self._monotonic.sleep(_PAUSE_SECONDS)
        self._idle = False
        return True

    async def stop(self) -> None:
        """Finish what is in hand and end."""
        self._stopping = True
        if self._task is None:
            return
        if self._idle:
            self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            if not self._task.cancelled():
                raise


Exclude = Callable[[Service, Worker], Exclusive]
"""Puts a worker of a service under a lease, where the service has other processes."""


async def drive(
    services: Sequence[Service],
    monotonic: MonotonicClock,
    stop: asyncio.Event,
    exclude: Exclude | None = None,
) -> None:
    """Run every worker of these services until `stop`; then leave feeds, leases and logs."""
    workers: list[Worker] = [worker for s in services for worker in (*s.consumers, *s.workers)]
    alone = [(service, worker) for service in services for worker in service.exclusive]
    leased = [] if exclude is None else [exclude(*one) for one in alone]
    workers += leased if exclude is not None else [worker for _, worker in alone]
    drivers = [Driver(worker, monotonic) for worker in workers]
    for driver in drivers:
        driver.start()
    await stop.wait()
    await asyncio.gather(*(driver.stop() for driver in drivers))
    await asyncio.gather(*(one.close() for one in leased))
    await asyncio.gather(*(c.close() for service in services for c in service.consumers))
    for service in services:
        for let_go in service.let_go:
            await let_go()
        await service.log.close()
