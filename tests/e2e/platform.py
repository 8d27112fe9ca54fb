"""`amends up` as a process of its own, on a folder that outlives it."""

import asyncio
import os
import signal
import socket
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from amends.data_directory import DataDirectory
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role

_LONGEST_START_SECONDS = 60
_LONGEST_GOODBYE_SECONDS = 20


class Platform:
    """Started, asked to end, started again at the same address."""

    def __init__(self, data: Path) -> None:
        self._data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: asyncio.subprocess.Process | None = None
        self._tokens = EmbeddedTokens(DataDirectory(data).secret(), WallClock())

    def token(self, role: str, subject: str) -> str:
        """A token for this store."""
        principal = Principal(role=Role(role), subject=subject)
        return self._tokens.issue(principal, lifetime=timedelta(days=1))

    async def start(self) -> None:
        """Start, and return once it has caught up."""
        with (self._data / "stderr.log").open("ab") as stderr:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "amends.cli", "up"),
                *("--data", str(self._data), "--port", str(self._port)),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=stderr,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        async with asyncio.timeout(_LONGEST_START_SECONDS), httpx.AsyncClient() as http:
            while not await self._ready(http):  # noqa: ASYNC110 - another process cannot set an event
                await asyncio.sleep(0.1)

    async def _ready(self, http: httpx.AsyncClient) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, (self._data / "stderr.log").read_text()
        try:
            return (await http.get(f"{self.url}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    async def stop(self) -> None:
        """Ask it to end; it ends by itself, and cleanly."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_LONGEST_GOODBYE_SECONDS):
            await self._process.wait()
        assert self._process.returncode == 0, (self._data / "stderr.log").read_text()
        self._process = None

    async def act(self, role: str, subject: str, method: str, path: str, body: Any) -> Any:
        """Call as somebody; it must succeed."""
        headers = {"Authorization": f"Bearer {self.token(role, subject)}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers) as http:
            answer = await http.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()
