"""Amends as a process of its own: started, killed without warning, started again."""

import asyncio
import os
import signal
import socket
import sys
from datetime import timedelta
from pathlib import Path

import httpx

from amends.data_directory import DataDirectory
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PlatformProcess:
    """`amends up` on a folder; the folder outlives every kill. `clock_rate`: of the next start."""

    def __init__(self, data: Path, *, smtp_port: int, clock_rate: int) -> None:
        self.data = data
        self.url = f"http://127.0.0.1:{free_port()}"
        self.killed_at: list[float] = []
        self._smtp_port = smtp_port
        self.clock_rate = clock_rate
        self._process: asyncio.subprocess.Process | None = None
        self._tokens = EmbeddedTokens(DataDirectory(data).secret(), WallClock())

    def token(self, role: str, subject: str) -> str:
        """A token for this store."""
        return self._tokens.issue(
            Principal(role=Role(role), subject=subject), lifetime=timedelta(days=1)
        )

    def url_of(self, path: str) -> str:
        """Everything has one address."""
        return self.url + path

    async def start(self) -> None:
        """Start, and return once it answers."""
        log = self.data / "stderr.log"
        with log.open("ab") as stderr:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "amends.cli", "up"),
                *("--data", str(self.data), "--port", self.url.rpartition(":")[2]),
                *("--clock-rate", str(self.clock_rate)),
                *("--smtp-host", "127.0.0.1", "--smtp-port", str(self._smtp_port)),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=stderr,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        await self._until_it_answers("/healthz")

    async def _until_it_answers(self, path: str) -> None:
        assert self._process is not None
        async with httpx.AsyncClient(base_url=self.url) as http:
            for _ in range(600):
                assert self._process.returncode is None, (self.data / "stderr.log").read_text()
                try:
                    if (await http.get(path)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"{path} never answered")

    async def until_caught_up(self) -> None:
        """Return once every consumer has read everything."""
        await self._until_it_answers("/readyz")

    async def kill(self) -> None:
        """`kill -9`: no warning, no clean-up."""
        assert self._process is not None
        self.killed_at.append(asyncio.get_running_loop().time())
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, and return once it has, cleanly."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await self._process.wait()
        assert self._process.returncode == 0, (self.data / "stderr.log").read_text()

    async def abandon(self) -> None:
        """Leave nothing running, however the test went."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
