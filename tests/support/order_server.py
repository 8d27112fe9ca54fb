"""A marketplace's order system on loopback that can be slow, broken, or talk nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from services.intake.domain.checking_commands import Order


def answer(status: int, content: bytes, *headers: str) -> bytes:
    """A whole HTTP response."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def told(order: Order, **more: object) -> bytes:
    """An order as the server tells it."""
    fields = {
        "consumer_id": order.consumer_id,
        "merchant_id": order.merchant_id,
        "paid_minor": order.paid_minor,
        "currency": order.currency,
    }
    return answer(200, json.dumps({**fields, **more}).encode())


@dataclass
class OrderServer:
    """Answers with `orders`; as long as there are `moods` each request uses one of them up instead.

    A mood is what is sent, or None to say nothing until the client has gone.
    """

    url: str = ""
    orders: dict[str, Order] = field(default_factory=dict)
    moods: list[bytes | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while line := await reader.readline():
                await self._one(line.decode(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while (header := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = header.decode().partition(":")
            if name.lower() == "authorization":
                self.tokens.append(value.strip())
        order_id = unquote(line.split(" ")[1].rpartition("/")[2])
        self.asked.append(order_id)
        if not self.moods:
            order = self.orders.get(order_id)
            content = answer(404, b"{}") if order is None else told(order, order_id=order_id)
        elif (mood := self.moods.pop(0)) is None:
            await reader.read()  # nothing more comes: until the client closes
            return
        else:
            content = mood
        writer.write(content)
        await writer.drain()


@asynccontextmanager
async def order_server() -> AsyncIterator[OrderServer]:
    """A server that is gone afterwards."""
    found = OrderServer()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found.url = f"http://127.0.0.1:{port}/orders"
    async with server:
        yield found
