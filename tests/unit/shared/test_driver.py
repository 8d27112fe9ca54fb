"""A worker is driven until told to stop, whatever fails on the way."""

import asyncio
from collections.abc import Callable

import pytest

from shared.eventlog.ports import StorageUnavailable
from shared.service import Driver


class Instant:
    """A clock on which every pause is over at once."""

    def seconds(self) -> float:
        """Stands still."""
        return 0.0

    async def sleep(self, _seconds: float) -> None:
        """Lets others run."""
        await asyncio.sleep(0)


class Shaky:
    """Fails in its step or in its wait, three times each, then works on."""

    name = "shaky"

    def __init__(self, error: Exception, *, in_wait: bool) -> None:
        self.done = 0
        self._error = error
        self._in_wait = in_wait
        self._failures = 3

    def _fail(self) -> None:
        if self._failures:
            self._failures -= 1
            raise self._error

    async def step(self) -> bool:
        """Work, or fail."""
        if not self._in_wait:
            self._fail()
        self.done += 1
        return False

    async def wait(self) -> None:
        """Wait, or fail: timers look into the store for how long."""
        await asyncio.sleep(0)
        if self._in_wait:
            self._fail()


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


@pytest.mark.parametrize("in_wait", [True, False], ids=["wait", "step"])
@pytest.mark.parametrize("error", [StorageUnavailable("away"), RuntimeError("a mistake")])
async def test_a_worker_goes_on_after_it_failed(error: Exception, *, in_wait: bool) -> None:
    worker = Shaky(error, in_wait=in_wait)
    driver = Driver(worker, Instant())
    driver.start()
    await until(lambda: worker.done > 10)
    await driver.stop()
