"""What runs in the background of a service: one portion at a time, so that tests can pump it."""

from typing import Protocol


class Worker(Protocol):
    """A background activity: the runner calls `step` until it says no, then `wait`."""

    @property
    def name(self) -> str:
        """For logs and metrics."""
        ...

    async def step(self) -> bool:
        """Do one portion of what can be done now, never waiting. False: there was nothing."""
        ...

    async def wait(self) -> None:
        """Return when there may be something to do again."""
        ...
