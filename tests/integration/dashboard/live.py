"""Reads server-sent events from an application in this process, as a browser would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import FastAPI
from starlette.types import Message

from shared.auth import Principal
from tests.support.system import System


@dataclass(frozen=True)
class Received:
    """One message of a stream."""

    id: str
    event: str
    body: dict[str, Any]


@dataclass
class Browser:
    """One open stream. Silence does not end it: read as many messages as there must be."""

    status: int = 0
    content_type: str = ""
    _chunks: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _text: str = ""

    async def take(self, message: Message) -> None:
        """What the application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self.content_type = headers.get("content-type", "")
        await self._chunks.put(message.get("body", b""))

    async def opened(self) -> None:
        """Return once the stream has begun."""
        while "retry" not in self._text:
            self._text += (await self._chunks.get()).decode()

    async def next(self) -> Received:
        """The next message that carries an event."""
        while True:
            while "\n\n" not in self._text:
                self._text += (await self._chunks.get()).decode()
            block, self._text = self._text.split("\n\n", 1)
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            if "event" in fields:
                body = msgspec.json.decode(fields["data"])
                return Received(fields["id"], fields["event"], body)

    async def take_all(self, count: int) -> list[Received]:
        """So many messages."""
        return [await self.next() for _ in range(count)]

    async def problem(self) -> dict[str, Any]:
        """The answer that says no."""
        while True:
            self._text += (await self._chunks.get()).decode()
            if self._text:
                found: dict[str, Any] = msgspec.json.decode(self._text)
                return found


@asynccontextmanager
async def stream(app: FastAPI, headers: dict[str, str], **params: Any) -> AsyncIterator[Browser]:
    """Open `/v1/stream`; the browser leaves at the end of the block."""
    browser, left = Browser(), asyncio.Event()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/stream",
        "raw_path": b"/v1/stream",
        "query_string": urlencode(params).encode(),
        "root_path": "",
        "headers": [(n.lower().encode(), v.encode()) for n, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    running = asyncio.create_task(app(scope, receive, browser.take))
    try:
        async with asyncio.timeout(20):
            yield browser
    finally:
        left.set()
        await running


def bearer(system: System, principal: Principal, **more: str) -> dict[str, str]:
    """The headers of somebody."""
    return {"Authorization": f"Bearer {system.tokens.issue(principal)}", **more}
