"""The SQLite file in which a small shop keeps its orders."""

import sqlite3
from contextlib import closing
from pathlib import Path

from services.intake.domain.checking_commands import Order

TABLE = (
    "CREATE TABLE orders (order_id TEXT PRIMARY KEY, consumer_id TEXT NOT NULL, "
    "merchant_id TEXT NOT NULL, paid_minor INTEGER NOT NULL, currency TEXT NOT NULL)"
)
"""As docs/operations.md has it."""


def write_orders(path: Path, orders: dict[str, Order], table: str = TABLE) -> None:
    """Make the file."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(table)
        for order_id, order in orders.items():
            row = (order_id, order.consumer_id, order.merchant_id, order.paid_minor, order.currency)
            file.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)
