"""Which steps of playbooks complaints took, and which of those ended satisfied."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from shared.eventlog.ports import EventLog, Statement
from shared.events.complaints import ComplaintClosed, ComplaintReopened
from shared.events.envelope import Event
from shared.events.teamwork import StepRecorded
from shared.events.vocabulary import Category, CloseReason


class PlaybookUse(SQLModel, table=True):
    """A step that was taken in a cycle of a complaint. `settled` 1: that cycle ended satisfied.

    The index answers how often each step was taken and settled a case, without the rows.
    """

    __tablename__ = "playbook_use"
    __table_args__ = (Index("playbook_use_counts", "category", "step", "complaint_id", "settled"),)

    complaint_id: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    playbook_version: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    category: str
    settled: int


_TAKEN: Final = (
    "INSERT INTO playbook_use (complaint_id, cycle, playbook_version, step, category, settled) "
    "VALUES (:complaint_id, :cycle, :playbook_version, :step, :category, 0) ON CONFLICT DO NOTHING"
)
_SETTLED: Final = (
    "UPDATE playbook_use SET settled = 1 WHERE complaint_id = :complaint_id AND cycle = :cycle"
)
_REOPENED: Final = (
    "UPDATE playbook_use SET settled = 0 WHERE complaint_id = :complaint_id AND cycle < :cycle"
)
_COUNTS: Final = (
    "SELECT step, COUNT(DISTINCT complaint_id) AS cases, "
    "COUNT(DISTINCT CASE WHEN settled = 1 THEN complaint_id END) AS settled "
    "FROM playbook_use WHERE category = :category GROUP BY step"
)


def project_playbook_use(event: Event) -> list[Statement]:
    """How a fact changes what was used: what is reopened has not been settled by it after all."""
    if isinstance(event, StepRecorded):
        values: dict[str, object] = {
            "complaint_id": event.complaint_id,
            "cycle": event.cycle,
            "playbook_version": event.playbook_version,
            "step": event.step,
            "category": event.playbook_version.partition("@")[0],
        }
        return [Statement(_TAKEN, values, event.complaint_id)]
    if isinstance(event, ComplaintClosed) and event.reason is CloseReason.SATISFIED:
        sql = _SETTLED
    elif isinstance(event, ComplaintReopened):
        sql = _REOPENED
    else:
        return []
    values = {"complaint_id": event.complaint_id, "cycle": event.cycle}
    return [Statement(sql, values, event.complaint_id)]


class Use(NamedTuple):
    """In how many complaints a step was taken, and how many of those ended satisfied."""

    cases: int
    settled: int


async def uses(log: EventLog, category: Category) -> Mapping[str, Use]:
    """Over all versions of a playbook, by step."""
    rows = await log.fetch(Statement(_COUNTS, {"category": str(category)}))
    return {row["step"]: Use(int(row["cases"]), int(row["settled"])) for row in rows}
