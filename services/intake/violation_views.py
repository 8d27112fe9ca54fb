"""The list of violations: one row each, kept by the append that changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from shared.access import access_condition
from shared.auth import Principal
from shared.clock import to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.violations import (
    PenaltyRecommended,
    ViolationAppealed,
    ViolationDecided,
    ViolationEvent,
    ViolationRecorded,
)
from shared.events.vocabulary import ViolationKind, ViolationOutcome

RECORDED: Final = "recorded"
APPEALED: Final = "appealed"


class ViolationRow(SQLModel, table=True):
    """One violation in a list. Times are milliseconds since 1970; `version` is the ETag's.

    `state` is recorded, appealed, confirmed or withdrawn. The first index finds a merchant's
    confirmed violations of a kind, the last is the order of the list.
    """

    __tablename__ = "violation_list"
    __table_args__ = (
        Index("violation_list_merchant", "merchant_id", "kind", "state", "decided_at"),
        Index("violation_list_complaint", "complaint_id"),
        Index("violation_list_recorded", "recorded_at", "violation_id"),
    )

    violation_id: str = Field(primary_key=True)
    complaint_id: str
    merchant_id: str
    kind: str
    severity: int
    state: str
    version: int
    recorded_at: int
    appeal_ends_at: int
    appealed_at: int | None = None
    decided_at: int | None = None
    penalty: str | None = None


_RECORDED: Final = (
    "INSERT INTO violation_list (violation_id, complaint_id, merchant_id, kind, severity, state, "
    "version, recorded_at, appeal_ends_at) VALUES (:violation_id, :complaint_id, :merchant_id, "
    ":kind, :severity, :state, :version, :at, :appeal_ends_at)"
)
_MOVED: Final = "UPDATE violation_list SET version = :version, "
_WHERE: Final = " WHERE violation_id = :violation_id"


def project_violation(event: ViolationEvent, version: int) -> list[Statement]:
    """How a fact of a violation changes the list."""
    values: dict[str, Any] = {"violation_id": event.violation_id, "version": version}
    if isinstance(event, ViolationRecorded):
        sql = _RECORDED
        values |= {
            "complaint_id": event.complaint_id,
            "merchant_id": event.merchant_id,
            "kind": event.kind.value,
            "severity": event.severity,
            "state": RECORDED,
            "at": to_ms(event.occurred_at),
            "appeal_ends_at": to_ms(event.appeal_ends_at),
        }
    elif isinstance(event, ViolationAppealed):
        sql = f"{_MOVED}state = :state, appealed_at = :at{_WHERE}"
        values |= {"state": APPEALED, "at": to_ms(event.occurred_at)}
    elif isinstance(event, ViolationDecided):
        sql = f"{_MOVED}state = :state, decided_at = :at{_WHERE}"
        values |= {"state": event.outcome.value, "at": to_ms(event.occurred_at)}
    elif isinstance(event, PenaltyRecommended):
        sql = f"{_MOVED}penalty = :penalty{_WHERE}"
        values["penalty"] = event.penalty.value
    else:
        return []
    return [Statement(sql, values, event.violation_id)]


async def earlier_confirmed(
    log: EventLog, merchant_id: str, kind: ViolationKind, *, now: datetime, within: timedelta
) -> int:
    """How many violations of a kind were confirmed against a merchant within this time."""
    [row] = await log.fetch(
        Statement(
            "SELECT COUNT(*) AS count FROM violation_list WHERE merchant_id = :merchant_id "
            "AND kind = :kind AND state = :state AND decided_at >= :since",
            {
                "merchant_id": merchant_id,
                "kind": kind.value,
                "state": ViolationOutcome.CONFIRMED.value,
                "since": to_ms(now - within),
            },
        )
    )
    return int(row["count"])


async def violations_in(log: EventLog, complaint_id: str) -> list[str]:
    """The ids of the violations that were found in a complaint."""
    rows = await log.fetch(
        Statement(
            "SELECT violation_id FROM violation_list WHERE complaint_id = :complaint_id",
            {"complaint_id": complaint_id},
        )
    )
    return [str(row["violation_id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ended."""

    recorded_at: int
    violation_id: str


_LIST: Final = (
    "SELECT v.* FROM violation_list v "
    "JOIN complaint_list a ON a.complaint_id = v.complaint_id WHERE "
)


async def list_violations(
    log: EventLog,
    caller: Principal,
    filters: dict[str, str],
    *,
    after: Place | None = None,
    limit: int,
) -> tuple[Sequence[Row], Place | None]:
    """The violations in complaints that the caller may see, newest first, narrowed by filters.

    Together with the place to go on after, if there are more. Consumers see none: never call this
    for one.
    """
    # Both tables name the merchant, and it is the same one: the one that an index is led by.
    condition, values = access_condition(caller, merchant_id="v.merchant_id")
    where = [condition, *(f"v.{name} = :f_{name}" for name in filters)]
    values.update({f"f_{name}": value for name, value in filters.items()})
    if after is not None:
        where.append(
            "(v.recorded_at < :at OR (v.recorded_at = :at AND v.violation_id < :after_id))"
        )
        values |= {"at": after.recorded_at, "after_id": after.violation_id}
    values["limit"] = limit + 1
    sql = f"{_LIST}{' AND '.join(where)} ORDER BY v.recorded_at DESC, v.violation_id DESC"
    rows = await log.fetch(Statement(f"{sql} LIMIT :limit", values))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], Place(last["recorded_at"], last["violation_id"])
