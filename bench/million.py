"""A store with a million complaints, made once and kept: what lists are measured on.

Skewed as marketplaces are: one merchant has a fifth of all complaints, one consumer 2,000; most are
closed, old ones nearly all. Rows are as the projection writes them, put in by bulk.
"""

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import asyncpg
from rich.progress import track

from bench.million_texts import copy_texts, index_texts, put_text
from services.intake.domain.texts import sketch
from services.intake.facets import facet
from services.intake.views import TABLES
from shared.clock import to_ms
from shared.eventlog.sqlite_schema import connect, prepare
from shared.events.vocabulary import Band, Category, Channel, Priority, Status, Turn

COUNT: Final = 1_000_000
FOLDER: Final = Path(".bench")
TEMPLATE: Final = "I bought goods on your platform that are not what the listing promised. Pay me."
_END: Final = datetime(2026, 11, 1, tzinfo=UTC)
_RECENT: Final = 0.02
_SPAN: Final = timedelta(days=730)
_OPEN_STATUSES: Final = (
    (Status.SUBMITTED, Turn.PLATFORM, 3),
    (Status.ACCEPTED, Turn.PLATFORM, 3),
    (Status.ASSIGNED, Turn.SPECIALIST, 12),
    (Status.IN_PROGRESS, Turn.SPECIALIST, 30),
    (Status.AWAITING_MERCHANT, Turn.MERCHANT, 25),
    (Status.AWAITING_CONSUMER, Turn.CONSUMER, 10),
    (Status.SOLUTION_PROPOSED, Turn.CONSUMER, 8),
    (Status.REMEDYING, Turn.MERCHANT, 7),
    (Status.UNDER_SUPERIOR_REVIEW, Turn.SUPERVISOR, 1),
    (Status.EXTERNAL, Turn.REGULATOR, 1),
)
_COLUMNS: Final = (
    "complaint_id",
    "status",
    "turn",
    "channel",
    "category",
    "priority",
    "band",
    "consumer_id",
    "merchant_id",
    "specialist_id",
    "team_id",
    "cycle",
    "version",
    "facet",
    "filed_at",
    "accepted_at",
    "resolved_at",
    "closed_at",
)


def rows(count: int = COUNT) -> Iterator[dict[str, Any]]:
    """The rows of the list, oldest first."""
    dice = random.Random(20261125)  # noqa: S311 - the same store every time
    statuses = [status for status, _, _ in _OPEN_STATUSES]
    weights = [weight for _, _, weight in _OPEN_STATUSES]
    turns = {status: turn for status, turn, _ in _OPEN_STATUSES}
    for number in range(count):
        age = 1 - number / count
        filed = _END - _SPAN * age
        is_open = dice.random() < (0.9 if age < _RECENT else 0.01)
        status = dice.choices(statuses, weights)[0] if is_open else Status.CLOSED
        turn = turns.get(status, Turn.NOBODY)
        category = dice.choices(list(Category), range(13, 0, -1))[0]
        channel = dice.choices(list(Channel), (40, 25, 25, 4, 4, 2))[0]
        outside = channel in {Channel.REGULATOR, Channel.ASSOCIATION, Channel.MEDIA}
        priority = Priority.HIGH if outside else Priority.NORMAL
        assessed = status is not Status.SUBMITTED
        band = dice.choices(list(Band), (50, 35, 13, 2))[0] if assessed else None
        words = {"status": status, "turn": turn, "category": category, "channel": channel}
        words |= {"priority": priority} | ({"band": band} if band else {})
        given = status not in {Status.SUBMITTED, Status.ACCEPTED}
        yield {
            "complaint_id": f"{to_ms(filed):012x}-{number:08x}",
            "status": status.value,
            "turn": turn.value,
            "channel": channel.value,
            "category": category.value,
            "priority": priority.value,
            "band": band.value if band else None,
            "consumer_id": "u-often" if number % 500 == 0 else f"u{dice.randrange(400_000)}",
            "merchant_id": "m-big" if dice.random() < 0.2 else f"m{dice.randrange(20_000)}",  # noqa: PLR2004
            "specialist_id": f"s{dice.randrange(400)}" if given else None,
            "team_id": f"t{dice.randrange(20)}" if given else None,
            "cycle": 1,
            "version": 4,
            "facet": facet(**words),
            "filed_at": to_ms(filed),
            "accepted_at": to_ms(filed) if assessed else None,
            "resolved_at": None,
            "closed_at": None if is_open else to_ms(filed + timedelta(days=9)),
        }


def _orders(number: int) -> str:
    return f"o{number // 2}"


def _text(number: int, row: dict[str, Any]) -> tuple[int, str, str, int]:
    """The number of its text: a tenth of all complaints are copies of one template."""
    told = (
        TEMPLATE if number % 10 == 0 else f"{number} {row['complaint_id']} has a text of its own."
    )
    found = sketch(told) if number % 10 == 0 else crc32(told.encode())
    assert found is not None  # noqa: S101 - the template is long enough
    return found, row["complaint_id"], row["consumer_id"], row["filed_at"]


async def sqlite_store() -> Path:
    """A folder with intake's store, made if it is not there yet."""
    path = FOLDER / "million-searched-alike" / "intake.sqlite3"
    if path.exists():
        return path.parent
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    connection = connect(making)
    prepare(connection, TABLES, 1)
    connection.execute("PRAGMA synchronous = OFF")
    names = ", ".join(f":{name}" for name in _COLUMNS)
    insert = f"INSERT INTO complaint_list ({', '.join(_COLUMNS)}) VALUES ({names})"  # noqa: S608
    _fill(connection, insert)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    await index_texts(making)
    making.rename(path)
    return path.parent


def _fill(connection: sqlite3.Connection, insert: str) -> None:
    connection.execute("BEGIN")
    for number, row in enumerate(track(rows(), "SQLite", total=COUNT, transient=True)):
        connection.execute(insert, row)
        order = (_orders(number), row["complaint_id"])
        connection.execute("INSERT INTO complaint_order VALUES (?, ?)", order)
        put_text(connection, row, number, _orders(number))
        connection.execute("INSERT INTO complaint_text VALUES (?, ?, ?, ?)", _text(number, row))
    connection.execute("COMMIT")


async def fill_postgres(url: str) -> None:
    """Put the rows into a migrated, empty database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET search_path TO intake")
        records, orders = list[tuple[Any, ...]](), list[tuple[str, str]]()
        texts = list[tuple[int, str, str, int]]()
        for number, row in enumerate(track(rows(), "PostgreSQL", total=COUNT, transient=True)):
            records.append(tuple(row[name] for name in _COLUMNS))
            orders.append((_orders(number), row["complaint_id"]))
            texts.append(_text(number, row))
            if len(records) == 20_000:  # noqa: PLR2004 - one COPY
                await _copy(connection, records, orders, texts)
                records, orders, texts = [], [], []
        await _copy(connection, records, orders, texts)
        await copy_texts(await sqlite_store() / "intake.sqlite3", connection)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _copy(
    connection: Any,
    records: list[tuple[Any, ...]],
    orders: list[tuple[str, str]],
    texts: list[tuple[int, str, str, int]],
) -> None:
    await connection.copy_records_to_table("complaint_list", records=records, columns=_COLUMNS)
    await connection.copy_records_to_table(
        "complaint_order", records=orders, columns=("order_id", "complaint_id")
    )
    await connection.copy_records_to_table(
        "complaint_text",
        records=texts,
        columns=("sketch", "complaint_id", "consumer_id", "filed_at"),
    )
