"""What complaints say, as numbers that near-identical texts share: for templates to be found."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Field, SQLModel

from services.intake.domain.texts import sketch
from shared.clock import to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.complaints import ComplaintFiled


class ComplaintText(SQLModel, table=True):
    """The number of a complaint's text (`domain.texts.sketch`). `filed_at` in ms since 1970.

    It is about a person: whoever erases one deletes these rows too (`forgetting`).
    """

    __tablename__ = "complaint_text"
    __table_args__ = ({"sqlite_with_rowid": False},)  # one tree: every filing writes to it

    sketch: int = Field(primary_key=True)
    complaint_id: str = Field(primary_key=True)
    consumer_id: str
    filed_at: int


_SAID: Final = (
    "INSERT INTO complaint_text (sketch, complaint_id, consumer_id, filed_at) "
    "VALUES (:sketch, :complaint_id, :consumer_id, :filed_at)"
)


def text_statements(event: ComplaintFiled) -> list[Statement]:
    """The row of a filing whose text is long enough, and can be read: of the erased none."""
    if event.description.value is None:
        return []
    number = sketch(event.description.value)
    if number is None:
        return []
    values: dict[str, object] = {
        "sketch": number,
        "complaint_id": event.complaint_id,
        "consumer_id": event.consumer_id,
        "filed_at": to_ms(event.occurred_at),
    }
    return [Statement(_SAID, values, event.complaint_id)]


_EARLIER_AND_ALIKE: Final = (
    "SELECT complaint_id, consumer_id, filed_at, 1 AS own FROM ("
    "SELECT complaint_id, consumer_id, filed_at FROM complaint_list "
    "WHERE consumer_id = :consumer_id AND filed_at >= :since "
    "ORDER BY filed_at DESC, complaint_id DESC LIMIT :own) earlier "
    "UNION ALL SELECT complaint_id, consumer_id, filed_at, 0 AS own FROM ("
    "SELECT complaint_id, consumer_id, filed_at FROM complaint_text "
    "WHERE sketch = :sketch ORDER BY complaint_id DESC LIMIT :alike) alike"
)
_NONE: Final = -1
"""No text has this number."""


async def earlier_and_alike(
    log: EventLog,
    *,
    consumer_id: str,
    since_ms: int,
    own: int,
    sketch: int | None,
    alike: int,
) -> tuple[int, Sequence[Row]]:
    """How many complaints of the consumer since then, at most `own`; the latest texts like this.

    At most `alike` texts. Both are found in an index and bounded, however many complaints there
    are.
    """
    values: dict[str, object] = {
        "consumer_id": consumer_id,
        "since": since_ms,
        "own": own,
        "sketch": _NONE if sketch is None else sketch,
        "alike": alike,
    }
    rows = await log.fetch(Statement(_EARLIER_AND_ALIKE, values), brief=True)
    return sum(row["own"] for row in rows), [row for row in rows if not row["own"]]
