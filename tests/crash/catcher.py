"""A mail server that outlives the platform, and remembers when it accepted what."""

import asyncio
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted message, and the loop's time at acceptance."""

    message_id: str
    recipient: str
    at: float


class Catcher:
    """Accepts everything."""

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Start on a free port, and say which."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd looks for
        self, _server: Any, _session: Session, envelope: Envelope
    ) -> str:
        """Note the message."""
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content)
        now = asyncio.get_running_loop().time()
        self.accepted.append(Accepted(message["Message-ID"], envelope.rcpt_tos[0], now))
        return "250 OK"
