"""Of a worker that several processes have, one works; the next takes over when it ends or hangs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from shared.clock import ProcessClock
from shared.eventlog.ports import Leases, Store
from shared.exclusive import Exclusive
from tests.support.stores import postgres_stores, sqlite_stores
from tests.support.time import VirtualTime


class Moody(Leases):
    """Leases that now and then fail as nothing should."""

    def __init__(self, store: Store) -> None:
        self.failures = 0
        self._store = store

    async def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Fails as often as was asked for."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no one knows why")
        return await self._store.lease(name, owner, seconds)

    async def release(self, name: str, owner: str) -> None:
        """As the store."""
        await self._store.release(name, owner)


class Job:
    """Counts its steps."""

    name = "job"

    def __init__(self) -> None:
        self.steps = 0

    async def step(self) -> bool:
        """Work."""
        self.steps += 1
        return False

    async def wait(self) -> None:
        """Never waits."""


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return once it holds."""
    for _ in range(200):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to that")


async def _now(value: bool) -> bool:
    return value


@pytest.fixture
async def store(tmp_path: Path, time: VirtualTime) -> AsyncIterator[Store]:
    async with sqlite_stores(tmp_path, time) as open_store:
        yield await open_store()


async def test_one_works_and_the_other_takes_over_when_it_ends(store: Store) -> None:
    jobs = Job(), Job()
    first, second = [Exclusive(j, store, f"p{i}", ProcessClock()) for i, j in enumerate(jobs)]
    for _ in range(3):
        await first.step()
        await second.step()
    assert (jobs[0].steps, jobs[1].steps) == (3, 0)
    assert (first.held, second.held) == (True, False)
    await first.close()
    await until(lambda: _now(second.held))
    await second.step()
    assert (jobs[0].steps, jobs[1].steps) == (3, 1)
    await second.close()


async def test_who_lost_the_lease_is_told_before_working_again(store: Store) -> None:
    told: list[str] = []

    async def forget() -> None:
        told.append("forget")

    job, rival = Job(), "another process"
    worker = Exclusive(job, store, "p1", ProcessClock(), on_loss=forget)
    await worker.step()
    await store.release("job", "p1")
    assert await store.lease("job", rival, 60)
    await until(lambda: _now(not worker.held))
    await worker.step()
    assert (job.steps, told) == (1, ["forget"])
    await store.release("job", rival)

    async def works_again() -> bool:
        await worker.step()
        return job.steps > 1

    await until(works_again)
    assert told == ["forget"]
    await worker.close()


async def test_on_postgresql_a_lease_that_is_not_renewed_runs_out(
    postgres_url: str, time: VirtualTime
) -> None:
    async with postgres_stores(postgres_url, time) as open_store:
        store = await open_store()
        assert await store.lease("job", "hangs", 0.3)
        assert not await store.lease("job", "waits", 5)
        await until(lambda: store.lease("job", "waits", 5))
        assert not await store.lease("job", "hangs", 5)


async def test_whatever_fails_the_lease_is_asked_for_again(store: Store) -> None:
    leases, job = Moody(store), Job()
    worker = Exclusive(job, leases, "p1", ProcessClock())
    leases.failures = 1
    await worker.step()
    assert not worker.held
    await until(lambda: _now(worker.held))
    leases.failures = 2
    await until(lambda: _now(not leases.failures))
    before = job.steps
    await until(lambda: _now(worker.held))
    await worker.step()
    assert job.steps == before + 1
    await worker.close()
