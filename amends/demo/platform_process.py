"""The platform in a process of its own, so that the people of the demo do not slow it down."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Final

import uvloop

from amends.data_directory import DataDirectory
from amends.embedded import EmbeddedSettings, serve
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role
from shared.observability import configure_logging

_READY: Final = "ready"
_TOKEN_LIFETIME: Final = timedelta(days=30)
_LONGEST_GOODBYE_SECONDS: Final = 30.0


class PlatformFailed(Exception):
    """The platform did not start, or ended by itself; says why."""


@dataclass(slots=True)
class RunningPlatform:
    """A platform that answers at `url`; `ended` is set when it does no longer."""

    url: str
    ended: asyncio.Event
    tokens: EmbeddedTokens

    def token(
        self,
        role: str,
        subject: str,
        *,
        team_id: str | None = None,
        merchant_id: str | None = None,
        scopes: frozenset[str] = frozenset(),
    ) -> str:
        """A bearer token, valid for 30 days of real time."""
        principal = Principal(
            role=Role(role),
            subject=subject,
            team_id=team_id,
            merchant_id=merchant_id,
            scopes=scopes,
        )
        return self.tokens.issue(principal, lifetime=_TOKEN_LIFETIME)


@asynccontextmanager
async def running_platform(settings: EmbeddedSettings) -> AsyncIterator[RunningPlatform]:
    """Start the platform; stop it in the end, whatever happens. Raises `PlatformFailed`."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_run, args=(settings, theirs), name="amends-platform")
    process.start()
    theirs.close()
    ended = asyncio.Event()
    try:
        said = await asyncio.to_thread(_heard, ours)
        if said != _READY:
            raise PlatformFailed(said)
        asyncio.get_running_loop().add_reader(ours.fileno(), ended.set)
        tokens = EmbeddedTokens(DataDirectory(settings.data).secret(), WallClock())
        yield RunningPlatform(settings.url, ended, tokens)
    finally:
        asyncio.get_running_loop().remove_reader(ours.fileno())
        ours.close()
        await asyncio.to_thread(process.join, _LONGEST_GOODBYE_SECONDS)
        if process.is_alive():
            process.kill()


def _heard(connection: Connection) -> str:
    try:
        return str(connection.recv())
    except EOFError:
        return "The platform ended while it was starting."


def _run(settings: EmbeddedSettings, parent: Connection) -> None:
    """What the process does: serve until the parent lets go of its end of the pipe, or dies."""
    configure_logging(level="WARNING")
    try:
        uvloop.run(_serve(settings, parent))
    except SystemExit:
        parent.send(f"It could not listen on port {settings.port}; is that free?")
    except Exception as error:  # noqa: BLE001 - told to the parent, which reports it
        parent.send(f"{type(error).__name__}: {error}")


async def _serve(settings: EmbeddedSettings, parent: Connection) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(parent.fileno(), stop.set)
    await serve(settings, on_ready=lambda _: parent.send(_READY), stop=stop)
