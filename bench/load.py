"""A lean HTTP/1.1 load: many connections, each with one request under way."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from amends.data_directory import DataDirectory
from shared.auth import EmbeddedTokens, Principal
from shared.clock import ProcessClock, WallClock
from shared.events.vocabulary import Role

Request = Callable[[int], bytes]
"""The bytes of the nth request."""


def post(path: str, body: object, headers: dict[str, str]) -> bytes:
    """The bytes of a POST."""
    data = json.dumps(body, ensure_ascii=False).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(data)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


class _Connection(asyncio.Protocol):
    """Sends one request after the other and counts the answers with the wanted status."""

    def __init__(self, load: "_Load") -> None:
        self._load = load
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = self._load.take()
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start : (head + b"\r").index(b"\r", start)])
        if len(self._buffer) < head_end + 4 + length:
            return
        self._load.answered(head, self._buffer[head_end + 4 :])
        self._buffer = b""
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        self._load.left()


class _Load:
    def __init__(self, request: Request, count: int, connections: int) -> None:
        self._request = request
        self._count = count
        self._taken = 0
        self._open = connections
        self.refused: bytes | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def take(self) -> bytes | None:
        if self._taken >= self._count:
            return None
        self._taken += 1
        return self._request(self._taken)

    def answered(self, head: bytes, body: bytes) -> None:
        if not head.startswith(b"http/1.1 201"):
            self.refused = body

    def left(self) -> None:
        self._open -= 1
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


async def requests_per_second(
    port: int, request: Request, *, count: int, connections: int
) -> float:
    """Send `count` requests over `connections`. Raises `RuntimeError` if one was not taken."""
    load = _Load(request, count, connections)
    loop, clock = asyncio.get_running_loop(), ProcessClock()
    begun = clock.seconds()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(load), "127.0.0.1", port)
    await load.done
    if load.refused is not None:
        raise RuntimeError(f"a request was refused: {load.refused.decode(errors='replace')}")
    return count / (clock.seconds() - begun)


def bearer(folder: Path, role: Role, subject: str) -> str:
    """An Authorization header for a store in `folder`."""
    tokens = EmbeddedTokens(DataDirectory(folder).secret(), WallClock())
    return f"Bearer {tokens.issue(Principal(role=role, subject=subject))}"


def spawn(
    kind: str, port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a server of `bench.servers` on a folder, made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "bench.servers", kind, str(port), str(folder)],
        env={**os.environ, **(environment or {})},
    )


@asynccontextmanager
async def server(
    kind: str, port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[None]:
    """A server of `bench.servers`, once it takes connections; ended afterwards."""
    process = spawn(kind, port, folder, environment)
    try:
        await _until_open(port, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


async def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    clock = ProcessClock()
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError("the server ended at once")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await clock.sleep(0.05)
            continue
        writer.close()
        return
    raise RuntimeError("the server never opened its port")
