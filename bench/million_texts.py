"""The texts of the million complaints, and the index of them as intake itself makes it."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.complaint_texts import description
from services.intake.search_index import SearchIndex
from services.intake.search_views import INDEX, texts_of
from services.intake.views import TABLES, project
from shared.clock import ProcessClock, WallClock
from shared.eventlog.sqlite import SqliteEventLog
from shared.ids import TimeOrderedIds
from shared.observability import Metrics

_TABLES: Final = ("search_text", *(str(table.__tablename__) for table in INDEX))
_COPIED_AT_ONCE: Final = 50_000


def put_text(
    connection: sqlite3.Connection, row: Mapping[str, Any], number: int, order: str
) -> None:
    """The text of a complaint, not in the index yet."""
    texts = texts_of((order,), description(number))
    values = (row["complaint_id"], texts["text"], texts["merchant_text"])
    connection.execute("INSERT INTO search_text VALUES (?, ?, ?)", values)
    place = (row["filed_at"], row["complaint_id"])
    connection.execute("INSERT INTO search_waiting VALUES (?, ?)", place)


async def index_texts(path: Path) -> None:
    """Put all texts into the index that make whole segments; the last few thousand wait."""
    log = await SqliteEventLog.open(
        path,
        source="intake",
        clock=WallClock(),
        ids=TimeOrderedIds(),
        metrics=Metrics(),
        projection=project,
        tables=TABLES,
    )
    await SearchIndex(log, ProcessClock()).fill()
    await log.close()


async def copy_texts(path: Path, target: Any) -> None:
    """The same texts and the same index, from SQLite to PostgreSQL."""
    connection = sqlite3.connect(path)
    try:
        for table in _TABLES:
            found = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of ours
            columns = [column[0] for column in found.description]
            while rows := found.fetchmany(_COPIED_AT_ONCE):
                await target.copy_records_to_table(table, records=rows, columns=columns)
    finally:
        connection.close()
