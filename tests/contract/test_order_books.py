"""Any order book knows its orders, knows which are not there, and says so when it cannot say."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.intake.domain.checking_commands import NoAnswer, NoSuchOrder, Order
from services.intake.orders import NoOrderBook, OrderBook, OrderDesk, OrdersUnavailable
from services.intake.orders_file import FileOrderBook
from services.intake.orders_http import HttpOrderBook, Patience
from shared.clock import ProcessClock
from tests.support.order_file import write_orders
from tests.support.order_server import answer, order_server

ORDER = Order(consumer_id="u1", merchant_id="m1", paid_minor=12_900, currency="CNY")
ODD = "订单/一?x=1#%2F"
ORDERS = {"o1": ORDER, ODD: Order(consumer_id="u2", merchant_id="m2", paid_minor=0, currency="JPY")}
HURRIED = Patience(seconds=0.5, attempts=2, pause=0.0)


@dataclass(frozen=True)
class Shelf:
    """An order book, and how to make what it reads unusable."""

    book: OrderBook
    spoil: Callable[[], Awaitable[None]]


@asynccontextmanager
async def in_a_file(folder: Path) -> AsyncIterator[Shelf]:
    path = folder / "orders.sqlite"
    write_orders(path, ORDERS)

    async def spoil() -> None:
        path.write_bytes(b"no database at all" * 100)

    yield Shelf(FileOrderBook(path), spoil)


@asynccontextmanager
async def over_http() -> AsyncIterator[Shelf]:
    async with order_server() as server:
        server.orders = dict(ORDERS)
        book = HttpOrderBook(server.url, ProcessClock(), patience=HURRIED)

        async def spoil() -> None:
            server.moods = [answer(200, b"<html>")] * 100

        yield Shelf(book, spoil)
        await book.close()


@pytest.fixture(params=["file", "http"])
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    making = in_a_file(tmp_path) if request.param == "file" else over_http()
    async with making as made:
        yield made


async def test_an_order_is_found_as_it_is(shelf: Shelf) -> None:
    assert await shelf.book.look_up("o1") == ORDER


async def test_ids_are_taken_as_they_are(shelf: Shelf) -> None:
    assert await shelf.book.look_up(ODD) == ORDERS[ODD]
    assert await shelf.book.look_up("o1' OR '1'='1") is None
    assert await shelf.book.look_up("../o1") is None


async def test_what_is_not_there_is_no_failure(shelf: Shelf) -> None:
    assert await shelf.book.look_up("o9") is None


async def test_what_cannot_be_understood_is_no_answer(shelf: Shelf) -> None:
    await shelf.spoil()
    with pytest.raises(OrdersUnavailable):
        await shelf.book.look_up("o1")


async def test_each_says_what_it_is(shelf: Shelf) -> None:
    assert shelf.book.source in {"order_file", "order_system"}


async def test_a_desk_asks_for_all_and_marks_what_nobody_knows(shelf: Shelf) -> None:
    desk = OrderDesk(shelf.book, seconds=5.0)
    wanted = ["o1", *(f"x{number}" for number in range(30))]
    found = await desk.ask(wanted)
    assert list(found) == wanted
    assert found["o1"] == ORDER
    assert found["x29"] == NoSuchOrder()
    await shelf.spoil()
    assert await desk.ask(["o1"]) == {"o1": NoAnswer()}


async def test_without_an_order_book_there_is_no_answer() -> None:
    desk = OrderDesk(NoOrderBook(), seconds=5.0)
    assert await desk.ask(["o1"]) == {"o1": NoAnswer()}
    assert desk.source == "none"
    await desk.close()


@pytest.mark.parametrize(
    "column", ["consumer_id TEXT, merchant_id TEXT", "paid_minor INTEGER", "currency TEXT"]
)
async def test_a_file_without_what_is_asked_for_gives_no_answer(
    column: str, tmp_path: Path
) -> None:
    columns = "order_id TEXT, consumer_id TEXT, merchant_id TEXT, paid_minor INTEGER, currency TEXT"
    path = tmp_path / "orders.sqlite"
    write_orders(path, {}, f"CREATE TABLE orders ({columns.replace(f', {column}', '')})")
    with pytest.raises(OrdersUnavailable):
        await FileOrderBook(path).look_up("o1")


@pytest.mark.parametrize(
    "values",
    [
        ("o1", None, "m1", 1, "CNY"),
        ("o1", "u1", 7, 1, "CNY"),
        ("o1", "u1", "m1", "much", "CNY"),
        ("o1", "u1", "m1", -1, "CNY"),
        ("o1", "u1", "m1", 1, "yuan"),
        ("o1", "u1", "m1", 1, None),
    ],
)
async def test_a_row_that_is_no_order_is_no_answer(
    values: tuple[object, ...], tmp_path: Path
) -> None:
    path = tmp_path / "orders.sqlite"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(
            "CREATE TABLE orders (order_id, consumer_id, merchant_id, paid_minor, currency)"
        )
        file.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", values)
    with pytest.raises(OrdersUnavailable):
        await FileOrderBook(path).look_up("o1")


async def test_a_file_that_is_not_there_gives_no_answer_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    with pytest.raises(OrdersUnavailable):
        await FileOrderBook(path).look_up("o1")
    assert not path.exists()
    write_orders(path, ORDERS)
    assert await FileOrderBook(path).look_up("o1") == ORDER
