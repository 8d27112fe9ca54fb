"""What erasing a person has to find: their open complaints, and the files nobody else refers to.

A store is read shard by shard when its views are made anew, and a person's erasure lies in another
shard than their complaints. So nothing here depends on the order in which facts arrive: a row says
at which position of the log it was recorded, and positions are compared when it is asked.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from services.intake.facets import OPEN
from shared.eventlog.ports import EventLog, Statement
from shared.events.casework import EvidenceAdded
from shared.events.envelope import Event, Fact
from shared.events.subjects import SubjectErased


class EvidenceFile(SQLModel, table=True):
    """A complaint refers to a content; `gpos` is where it did so last."""

    __tablename__ = "evidence_file"
    __table_args__ = (Index("ix_evidence_file_complaint", "complaint_id"),)

    sha256: str = Field(primary_key=True)
    complaint_id: str = Field(primary_key=True)
    gpos: int


class ErasedSubject(SQLModel, table=True):
    """A person was erased; `gpos` is where that was recorded last."""

    __tablename__ = "erased_subject"

    subject_id: str = Field(primary_key=True)
    gpos: int


_LATER: Final = (
    "INSERT INTO {0} ({1}, gpos) VALUES ({2}, :gpos) ON CONFLICT ({1}) DO UPDATE SET gpos = "
    "CASE WHEN excluded.gpos > {0}.gpos THEN excluded.gpos ELSE {0}.gpos END"
)
_FILE: Final = _LATER.format("evidence_file", "sha256, complaint_id", ":sha256, :complaint_id")
_ERASED: Final = _LATER.format("erased_subject", "subject_id", ":subject_id")


def project_erasure(fact: Fact[Event]) -> list[Statement]:
    """How a fact changes what is looked at when somebody is erased."""
    event, gpos = fact.event, fact.recorded.gpos
    if isinstance(event, EvidenceAdded):
        named = {"sha256": event.sha256, "complaint_id": event.complaint_id, "gpos": gpos}
        return [Statement(_FILE, named, event.complaint_id)]
    if isinstance(event, SubjectErased):
        return [Statement(_ERASED, {"subject_id": event.subject_id, "gpos": gpos})]
    return []


PARTIES: Final = ("consumer_id", "merchant_id", "specialist_id")
"""Columns of the list that say who is what in a complaint."""

_OPEN_OF: Final = (
    "SELECT complaint_id FROM complaint_list WHERE {} = :subject_id "  # noqa: S608 - constants
    f"AND (facet & {OPEN}) = {OPEN} ORDER BY filed_at DESC, complaint_id DESC LIMIT :most"
)
_ANY_OF: Final = "SELECT 1 AS there FROM complaint_list WHERE {} = :subject_id LIMIT 1"


async def open_complaints_of(log: EventLog, subject_id: str, most: int) -> list[str]:
    """Open complaints in which somebody is consumer or merchant, or has them; at most so many."""
    found = list[str]()
    for column in PARTIES:
        query = Statement(_OPEN_OF.format(column), {"subject_id": subject_id, "most": most})
        found += [row["complaint_id"] for row in await log.fetch(query)]
    return [*dict.fromkeys(found)][:most]


async def is_in_a_complaint(log: EventLog, subject_id: str) -> bool:
    """Whether somebody is, or was, consumer, merchant or specialist of any complaint."""
    for column in PARTIES:
        if await log.fetch(Statement(_ANY_OF.format(column), {"subject_id": subject_id})):
            return True
    return False


_NOBODY_ELSE_S: Final = (
    "SELECT DISTINCT f.sha256 FROM erased_subject e "
    "JOIN complaint_list l ON l.consumer_id = e.subject_id "
    "JOIN evidence_file f ON f.complaint_id = l.complaint_id AND f.gpos < e.gpos "
    "WHERE e.subject_id = :subject_id AND NOT EXISTS ("
    "SELECT 1 FROM evidence_file g JOIN complaint_list k ON k.complaint_id = g.complaint_id "
    "LEFT JOIN erased_subject d ON d.subject_id = k.consumer_id "
    "WHERE g.sha256 = f.sha256 AND (d.gpos IS NULL OR d.gpos < g.gpos)) ORDER BY f.sha256"
)


async def contents_to_delete(log: EventLog, subject_id: str) -> Sequence[str]:
    """Contents in the complaints of an erased consumer, each by its SHA-256.

    But for those that a complaint of somebody else refers to, or one filed since.
    """
    rows = await log.fetch(Statement(_NOBODY_ELSE_S, {"subject_id": subject_id}))
    return [row["sha256"] for row in rows]
