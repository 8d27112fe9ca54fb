"""Serving an application over HTTP until a signal comes: nothing taken is left half done."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

_SWITCH_SECONDS: Final = 0.0005
"""How soon a thread that finished its fsync gets the interpreter back from the event loop."""
_GARBAGE_AFTER: Final = (20_000, 20, 50)
"""Thresholds of the garbage collector. A request makes thousands of objects that die without it;
looking through everything loaded every 700 of them took a tenth of the time of a filing."""


def tune_interpreter() -> None:
    """Set the interpreter up for a server: call it once everything is imported and built."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_AFTER)


class _Server(uvicorn.Server):
    """Tells the application that it is to stop before waiting for connections to end."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """It takes requests from here on."""
        await super().startup(sockets)
        if self.started:
            self.ready.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """A signal came: end in order, with exit code 0; at the second one, at once."""
        self.force_exit = self.should_exit
        self.end()

    def end(self) -> None:
        """Stop taking requests; finish what is in hand."""
        self._stopping.set()
        self.should_exit = True


async def serve_http(
    app: FastAPI,
    *,
    host: str,
    port: int,
    on_ready: Callable[[], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until a signal comes or `stop` is set; `on_ready` is called once it answers.

    `app.state.stopping` tells the application. Raises `OSError` if the port is taken.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        http="httptools",
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    server = _Server(config, app.state.stopping)
    watching = asyncio.create_task(_watch(server, on_ready, stop))
    await server.serve()
    watching.cancel()


async def _watch(
    server: _Server, on_ready: Callable[[], None] | None, stop: asyncio.Event | None
) -> None:
    await server.ready.wait()
    if on_ready is not None:
        on_ready()
    if stop is not None:
        await stop.wait()
        server.end()
