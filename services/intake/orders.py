"""The marketplace's order system: a port, what stands in where there is none, and how it is asked.

An order system that is slow or down costs a complaint nothing but the answer.
"""

import asyncio
from collections.abc import Iterable
from typing import Final, Protocol

from services.intake.domain.checking_commands import Found, NoAnswer, NoSuchOrder, Order
from shared.observability import log

_AT_ONCE: Final = 8
"""So many orders of one complaint are asked for at the same time."""


class OrdersUnavailable(Exception):
    """The order system does not answer, or not so that it could be understood."""


class OrderBook(Protocol):
    """Knows what was ordered, from whom, by whom, and what was paid."""

    @property
    def source(self) -> str:
        """Its name in what is recorded."""
        ...

    async def look_up(self, order_id: str) -> Order | None:
        """The order, or None if there is none. Raises `OrdersUnavailable`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class NoOrderBook:
    """What stands in where no order system is configured: it says so."""

    source: Final = "none"

    async def look_up(self, order_id: str) -> Order | None:
        """Raises `OrdersUnavailable`."""
        raise OrdersUnavailable(f"no order system is configured (order {order_id})")

    async def close(self) -> None:
        """Nothing was opened."""


class OrderDesk:
    """Asks an order book for several orders, within `seconds` real ones for all of them."""

    def __init__(self, book: OrderBook, *, seconds: float) -> None:
        self._book = book
        self._seconds = seconds
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def source(self) -> str:
        """What is asked."""
        return self._book.source

    async def ask(self, order_ids: Iterable[str]) -> dict[str, Found]:
        """What is known of each; `NoAnswer` where the time was up or nothing sensible came."""
        found: dict[str, Found] = {order_id: NoAnswer() for order_id in order_ids}

        async def one(order_id: str) -> None:
            async with self._slots:
                try:
                    order = await self._book.look_up(order_id)
                except OrdersUnavailable as error:
                    log.warning("orders_unavailable", order_id=order_id, reason=str(error))
                else:
                    found[order_id] = order or NoSuchOrder()

        try:
            async with asyncio.timeout(self._seconds), asyncio.TaskGroup() as group:
                for order_id in found:
                    group.create_task(one(order_id))
        except TimeoutError:
            log.warning("orders_unavailable", reason=f"no answer within {self._seconds} s")
        return found

    async def close(self) -> None:
        """Let go of the book."""
        await self._book.close()
