"""The order system of a small shop: a table `orders` in an SQLite file that the shop writes."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from services.intake.domain.checking_commands import Order
from services.intake.orders import OrdersUnavailable

_FIND: Final = (
    "SELECT consumer_id, merchant_id, paid_minor, currency FROM orders WHERE order_id = ?"
)
_WAIT_SECONDS: Final = 1.0
"""Real; for a writer of the file to finish."""

_CURRENCY: Final = re.compile("[A-Z]{3}")


class FileOrderBook:
    """Reads an SQLite file, and opens it anew each time: the shop may put another in its place.

    A file that is missing, locked, broken or without such a table counts as no answer.
    """

    source: Final = "order_file"

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.absolute().as_uri()}?mode=ro"

    async def look_up(self, order_id: str) -> Order | None:
        """See `OrderBook.look_up`."""
        return await asyncio.to_thread(self._look_up, order_id)

    def _look_up(self, order_id: str) -> Order | None:
        try:
            with closing(sqlite3.connect(self._uri, uri=True, timeout=_WAIT_SECONDS)) as file:
                row = file.execute(_FIND, (order_id,)).fetchone()
        except (sqlite3.Error, UnicodeError) as error:
            raise OrdersUnavailable(f"{self._uri}: {error}") from error
        return None if row is None else _order(row)

    async def close(self) -> None:
        """Nothing is kept open."""


def _order(row: tuple[object, ...]) -> Order:
    consumer_id, merchant_id, paid_minor, currency = row
    if not (isinstance(consumer_id, str) and isinstance(merchant_id, str)):
        raise OrdersUnavailable("an order without a consumer or a merchant")
    if not isinstance(paid_minor, int) or paid_minor < 0:
        raise OrdersUnavailable("an order without an amount paid")
    if not isinstance(currency, str) or _CURRENCY.fullmatch(currency) is None:
        raise OrdersUnavailable("an order without a currency")
    return Order(
        consumer_id=consumer_id, merchant_id=merchant_id, paid_minor=paid_minor, currency=currency
    )
