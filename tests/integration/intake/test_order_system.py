"""An order system that is slow, down or talks nonsense costs nothing but the answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.intake.domain.checking_commands import NoAnswer, NoSuchOrder, Order
from services.intake.orders import OrderDesk, OrdersUnavailable
from services.intake.orders_http import HttpOrderBook, Patience
from shared.clock import ProcessClock
from tests.support.order_server import OrderServer, answer, order_server, told
from tests.support.time import VirtualTime

ORDER = Order(consumer_id="u1", merchant_id="m1", paid_minor=12_900, currency="CNY")
TOKEN = "of the marketplace"
ANGRY = answer(500, b"trace back")


@pytest.fixture
async def server() -> AsyncIterator[OrderServer]:
    async with order_server() as found:
        found.orders = {"o1": ORDER}
        yield found


def book(server: OrderServer, time: VirtualTime | None = None, **change: float) -> HttpOrderBook:
    patience = Patience(**({"seconds": 0.3, "attempts": 3, "pause": 0.0} | change))  # type: ignore[arg-type]
    return HttpOrderBook(server.url, time or ProcessClock(), token=TOKEN, patience=patience)


async def test_a_failure_that_passes_is_tried_again(server: OrderServer) -> None:
    server.moods = [ANGRY, answer(429, b"")]
    asking = book(server)
    assert await asking.look_up("o1") == ORDER
    assert server.asked == ["o1"] * 3
    assert set(server.tokens) == {f"Bearer {TOKEN}"}
    await asking.close()


async def test_a_system_that_says_nothing_is_not_waited_for(server: OrderServer) -> None:
    server.moods = [None] * 2
    asking = book(server)
    assert await asking.look_up("o1") == ORDER
    server.moods = [None] * 3
    with pytest.raises(OrdersUnavailable, match="no answer within"):
        await asking.look_up("o1")
    await asking.close()


async def test_an_answer_that_drips_is_not_waited_for(server: OrderServer) -> None:
    """Each byte comes in time; the whole never does."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not reader.at_eof():
                writer.write(b" ")
                await writer.drain()
                await asyncio.wait([asyncio.ensure_future(reader.read(1))], timeout=0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    slow = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with slow:
        server.url = f"http://127.0.0.1:{slow.sockets[0].getsockname()[1]}/orders"
        asking = book(server, attempts=1)
        with pytest.raises(OrdersUnavailable, match="no answer within"):
            await asking.look_up("o1")
        await asking.close()


async def test_a_system_that_is_down_is_no_answer(server: OrderServer) -> None:
    gone = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = gone.sockets[0].getsockname()[1]
    gone.close()
    await gone.wait_closed()
    server.url = f"http://127.0.0.1:{port}/orders"
    asking = book(server)
    with pytest.raises(OrdersUnavailable, match="ConnectError"):
        await asking.look_up("o1")
    await asking.close()


FIELDS = {"consumer_id": "u1", "merchant_id": "m1", "paid_minor": 1, "currency": "CNY"}


@pytest.mark.parametrize(
    "mood",
    [
        answer(200, b"<html>Welcome</html>"),
        answer(200, b""),
        answer(200, b"\xff\xfe\x00"),
        answer(200, b"[]"),
        answer(200, json.dumps({**FIELDS, "paid_minor": 12.5}).encode()),
        answer(200, json.dumps({**FIELDS, "paid_minor": -1}).encode()),
        answer(200, json.dumps({**FIELDS, "paid_minor": True}).encode()),
        answer(200, json.dumps({**FIELDS, "currency": "yuan"}).encode()),
        answer(200, json.dumps({**FIELDS, "consumer_id": None}).encode()),
        answer(200, b'{"consumer_id":"u1"}'),
        answer(200, b" " * 100_000 + json.dumps(FIELDS).encode()),
        answer(204, b""),
        answer(302, b"", "Location: http://127.0.0.1:9/"),
        answer(400, b""),
        answer(401, b""),
        answer(403, b""),
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ],
    ids=lambda mood: mood[:60].decode("ascii", "replace").replace("\r\n", " "),
)
async def test_nonsense_is_no_answer(server: OrderServer, mood: bytes) -> None:
    server.moods = [mood] * 3
    asking = book(server)
    with pytest.raises(OrdersUnavailable):
        await asking.look_up("o1")
    await asking.close()


async def test_what_will_not_get_better_is_not_asked_again(server: OrderServer) -> None:
    server.moods = [answer(403, b"")]
    asking = book(server)
    with pytest.raises(OrdersUnavailable, match="403"):
        await asking.look_up("o1")
    assert server.asked == ["o1"]
    await asking.close()


async def test_what_is_said_beside_an_order_is_left_alone(server: OrderServer) -> None:
    server.moods = [told(ORDER, paid_at="2026-03-01", lines=[{"sku": 1}])]
    asking = book(server)
    assert await asking.look_up("o1") == ORDER
    await asking.close()


async def test_a_system_that_keeps_failing_is_left_alone_and_tried_again(
    server: OrderServer,
) -> None:
    time = VirtualTime()
    asking = book(server, time, failures=5, rest=30.0)
    server.moods = [ANGRY] * 5
    for _ in range(4):
        with pytest.raises(OrdersUnavailable):
            await asking.look_up("o1")
    assert len(server.asked) == 5
    with pytest.raises(OrdersUnavailable, match="left alone"):
        await asking.look_up("o1")
    time.move(timedelta(seconds=30))
    assert await asking.look_up("o1") == ORDER
    assert await asking.look_up("o9") is None
    await asking.close()


async def test_many_orders_cost_no_more_time_than_the_call_has(server: OrderServer) -> None:
    server.moods = [None] * 100
    asking = book(server, seconds=60.0)
    desk = OrderDesk(asking, seconds=0.3)
    wanted = [f"o{number}" for number in range(50)]
    async with asyncio.timeout(5):
        found = await desk.ask(wanted)
    assert found == {order_id: NoAnswer() for order_id in wanted}
    server.moods = []
    assert await desk.ask(["o1", "o2"]) == {"o1": ORDER, "o2": NoSuchOrder()}
    await desk.close()
