"""The texts that complaints are found by: one row each, kept by the append that files them.

Beside them lies the index, made later and bit by bit (`search_index`, ADR 0015). Until a text is in
it, the text waits in `search_waiting`: a search looks at both, so a complaint is found at once.
"""

from typing import Any, Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from services.intake.masking import masked
from services.intake.search_terms import plain
from shared.clock import to_ms
from shared.eventlog.ports import Statement
from shared.events.complaints import ComplaintFiled

_GIVEN: Final = {"autoincrement": False}


class SearchText(SQLModel, table=True):
    """What was written, plain (`search_terms.plain`): the orders' ids, then the description.

    `merchant_text` is what the merchant may read of it, where that is something else.
    """

    __tablename__ = "search_text"
    __table_args__ = ({"sqlite_with_rowid": False},)

    complaint_id: str = Field(primary_key=True)
    text: str
    merchant_text: str | None = None


class SearchWaiting(SQLModel, table=True):
    """A text that is not in the index yet. Time in milliseconds since 1970."""

    __tablename__ = "search_waiting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    filed_at: int = Field(primary_key=True, sa_column_kwargs=_GIVEN)
    complaint_id: str = Field(primary_key=True)


class SearchSegment(SQLModel, table=True):
    """A part of the index, of texts that were filed one after the other: it never changes.

    `newest_at`, `oldest_at`: when its texts were filed, in milliseconds since 1970.
    """

    __tablename__ = "search_segment"
    __table_args__ = (Index("ix_search_segment_newest", "newest_at", "segment"),)

    segment: int = Field(primary_key=True, sa_column_kwargs=_GIVEN)
    oldest_at: int
    newest_at: int


class SearchDocument(SQLModel, table=True):
    """Which complaint a place of a segment stands for: `number` = segment × 2,048 + place."""

    __tablename__ = "search_document"

    number: int = Field(primary_key=True, sa_column_kwargs=_GIVEN)
    filed_at: int
    complaint_id: str


class SearchPosting(SQLModel, table=True):
    """The places of a segment at which a term stands, as `search_segments` packs them."""

    __tablename__ = "search_posting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: int = Field(primary_key=True, sa_column_kwargs=_GIVEN)
    segment: int = Field(primary_key=True, sa_column_kwargs=_GIVEN)
    places: bytes


INDEX: Final[tuple[type[SQLModel], ...]] = (
    SearchWaiting,
    SearchSegment,
    SearchDocument,
    SearchPosting,
)
"""What can be made anew from the texts at any time."""

_TEXT: Final = (
    "INSERT INTO search_text (complaint_id, text, merchant_text) "
    "VALUES (:complaint_id, :text, :merchant_text)"
)
_WAITING: Final = (
    "INSERT INTO search_waiting (filed_at, complaint_id) VALUES (:filed_at, :complaint_id)"
)


def project_text(event: ComplaintFiled) -> list[Statement]:
    """How a filing is put where it is searched: not that of a person who was erased since."""
    if event.description.value is None:
        return []
    complaint_id = event.complaint_id
    written = texts_of(event.order_ids, event.description.value)
    place: dict[str, Any] = {"filed_at": to_ms(event.occurred_at), "complaint_id": complaint_id}
    return [
        Statement(_TEXT, {"complaint_id": complaint_id, **written}, complaint_id),
        Statement(_WAITING, place, complaint_id),
    ]


def texts_of(order_ids: tuple[str, ...], description: str) -> dict[str, str | None]:
    """The columns with texts of a complaint.

    Two spaces lie between orders and description: no pattern reaches over them.
    """
    orders, shown = plain(" ".join(order_ids)), masked(description)
    for_merchant = None if shown == description else orders + plain(shown)
    return {"text": orders + plain(description), "merchant_text": for_merchant}
