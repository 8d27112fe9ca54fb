"""Fires durable timers in batches: never early, each exactly once, together with what it causes."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from shared.clock import BusinessClock, Clock, ClockName, MonotonicClock
from shared.eventlog.ports import StorageUnavailable, Store, Timer, TimerGone, VersionConflict
from shared.observability import Metrics, log
from shared.unit_of_work import UnitOfWork

Fire = Callable[[Timer, UnitOfWork], Awaitable[None]]

_BATCH: Final = 200
_GATED_SECONDS: Final = 0.05
_IDLE_SECONDS: Final = 1.0
_BACKOFF_SECONDS: Final = (0.2, 1.0, 5.0, 30.0)


class TimerRunner:
    """A `Worker` for the timers of one clock in one store.

    `shards` are those whose timers it fires now; `until` bounds for each of them what may fire
    besides the clock itself (knowledge may lag behind time); `held` names keys whose timers wait.
    A timer whose firing fails is tried again with backoff and never dropped; others fire meanwhile.
    """

    def __init__(  # noqa: PLR0913 - given by one composition root
        self,
        *,
        name: str,
        clock_name: ClockName,
        clock: Clock,
        rate: float,
        log: Store,
        fire: Fire,
        monotonic: MonotonicClock,
        metrics: Metrics,
        shards: Callable[[], Collection[int]] = lambda: (0,),
        until: Callable[[int], datetime] | None = None,
        held: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._name = name
        self._clock_name = clock_name
        self._clock = clock
        self._rate = rate
        self._store = log
        self._fire = fire
        self._monotonic = monotonic
        self._metrics = metrics
        self._shards = shards
        self._until = until
        self._held = held
        self._failing: dict[str, tuple[int, float]] = {}
        self._signal = log.watch()

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return self._name

    @property
    def failing(self) -> int:
        """How many timers could not be fired when last tried."""
        return len(self._failing)

    def _limits(self) -> dict[datetime, list[int]]:
        """Up to when may be fired now, and in which shards."""
        now = self._clock.now()
        limits: dict[datetime, list[int]] = {}
        for shard in sorted(self._shards()):
            limit = now if self._until is None else min(now, self._until(shard))
            limits.setdefault(limit, []).append(shard)
        return limits

    async def _due(self) -> list[Timer]:
        held = self._held()
        spare = len(self._failing) + len(held) * 4
        now = self._monotonic.seconds()
        due: list[Timer] = []
        for limit, shards in self._limits().items():
            due += [
                timer
                for timer in await self._store.due(
                    self._clock_name, limit, shards=shards, limit=_BATCH + spare
                )
                if timer.key not in held and self._failing.get(timer.id, (0, 0.0))[1] <= now
            ]
        return sorted(due, key=lambda timer: (timer.due_at, timer.id))[:_BATCH]

    async def step(self) -> bool:
        """Fire one batch. False: nothing is due."""
        timers = await self._due()
        if not timers:
            return False
        try:
            await self._fire_together(timers)
        except (VersionConflict, TimerGone):
            return True
        except (StorageUnavailable, asyncio.CancelledError):
            raise
        except Exception:  # noqa: BLE001 - find out below which of them it was
            for timer in timers:
                await self._fire_alone(timer)
        return True

    async def _fire_together(self, timers: list[Timer]) -> None:
        work = UnitOfWork(self._store)
        for timer in timers:
            await self._fire(timer, work)
        await work.commit(fired=timers)
        for timer in timers:
            self._failing.pop(timer.id, None)
        self._metrics.timers_fired.labels(self._store.source, self._clock_name).inc(len(timers))

    async def _fire_alone(self, timer: Timer) -> None:
        try:
            await self._fire_together([timer])
        except (VersionConflict, TimerGone):
            return
        except (StorageUnavailable, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the timer stays and is tried again
            tries = self._failing.get(timer.id, (0, 0.0))[0] + 1
            pause = _BACKOFF_SECONDS[min(tries, len(_BACKOFF_SECONDS)) - 1]
            self._failing[timer.id] = (tries, self._monotonic.seconds() + pause)
            log.error(
                "timer_failed", runner=self._name, timer=timer.id, tries=tries, exc_info=error
            )

    async def wait(self) -> None:
        """See `Worker.wait`: until the next timer is due, or the log has news."""
        due = await self._store.next_due(self._clock_name, shards=self._shards())
        seconds = _IDLE_SECONDS
        if due is not None:
            ahead = (due - self._clock.now()) / timedelta(seconds=1) / self._rate
            seconds = min(_IDLE_SECONDS, max(ahead, _GATED_SECONDS if ahead <= 0 else 0.001))
        await self._signal.wait(seconds)


def rate_of(clock_name: ClockName, business: BusinessClock) -> float:
    """Seconds of the named clock per real second."""
    return business.rate if clock_name == "business" else 1.0
