"""Who a complaint belongs to: kept by every service from the complaint's stream, to check reads."""

from typing import Final

from sqlmodel import Field, SQLModel

from shared.auth import Principal
from shared.eventlog.ports import EventLog, Statement
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintFiled,
    ComplaintUnassigned,
)
from shared.events.envelope import Event, Fact
from shared.events.vocabulary import Role
from shared.problems import Problem


class ComplaintAccess(SQLModel, table=True):
    """Ownership of one complaint."""

    __tablename__ = "complaint_access"

    complaint_id: str = Field(primary_key=True)
    consumer_id: str = Field(index=True)
    merchant_id: str = Field(index=True)
    specialist_id: str | None = Field(default=None, index=True)
    team_id: str | None = None


_FILED: Final = (
    "INSERT INTO complaint_access (complaint_id, consumer_id, merchant_id) "
    "VALUES (:complaint_id, :consumer_id, :merchant_id) ON CONFLICT (complaint_id) DO NOTHING"
)
_ASSIGNED: Final = (
    "UPDATE complaint_access SET specialist_id = :specialist_id, team_id = :team_id "
    "WHERE complaint_id = :complaint_id"
)


def access_statements(fact: Fact[Event]) -> list[Statement]:
    """How a fact changes ownership. Facts that do not concern it change nothing."""
    event = fact.event
    if isinstance(event, ComplaintFiled):
        values: dict[str, object] = {
            "complaint_id": event.complaint_id,
            "consumer_id": event.consumer_id,
            "merchant_id": event.merchant_id,
        }
        return [Statement(_FILED, values, event.complaint_id)]
    if isinstance(event, ComplaintAssigned):
        return [_assigned(event.complaint_id, event.specialist_id, event.team_id)]
    if isinstance(event, ComplaintUnassigned):
        return [_assigned(event.complaint_id, None, None)]
    return []


def _assigned(complaint_id: str, specialist_id: str | None, team_id: str | None) -> Statement:
    values = {"complaint_id": complaint_id, "specialist_id": specialist_id, "team_id": team_id}
    return Statement(_ASSIGNED, values, complaint_id)


def may_see(
    caller: Principal,
    *,
    consumer_id: str,
    merchant_id: str,
    specialist_id: str | None,
    team_id: str | None,
) -> bool:
    """Whether the caller may see a complaint that belongs to these (domain rules of ownership)."""
    match caller.role:
        case Role.CONSUMER:
            return caller.subject == consumer_id
        case Role.MERCHANT:
            return (caller.merchant_id or caller.subject) == merchant_id
        case Role.SPECIALIST:
            return caller.subject == specialist_id
        case Role.SUPERVISOR:
            return team_id is None or caller.team_id == team_id
        case Role.OPS:
            return True
        case Role.SERVICE:
            return "streams:read" in caller.scopes
        case Role.SYSTEM:
            return False


async def visible_complaint(log: EventLog, caller: Principal, complaint_id: str) -> None:
    """Raises `Problem` 404 `not_found` if the complaint is unknown or not the caller's to see.

    The same answer for both: who may not see a complaint may not learn that it exists.
    """
    rows = await log.fetch(
        Statement(
            "SELECT consumer_id, merchant_id, specialist_id, team_id FROM complaint_access "
            "WHERE complaint_id = :complaint_id",
            {"complaint_id": complaint_id},
        )
    )
    if not rows or not may_see(caller, **rows[0]):
        raise Problem("not_found", "There is no such complaint, or it is not yours to see.")


def access_condition(caller: Principal) -> tuple[str, dict[str, object]]:
    """An SQL condition over the ownership columns, and its values, for lists."""
    match caller.role:
        case Role.CONSUMER:
            return "consumer_id = :caller", {"caller": caller.subject}
        case Role.MERCHANT:
            return "merchant_id = :caller", {"caller": caller.merchant_id or caller.subject}
        case Role.SPECIALIST:
            return "specialist_id = :caller", {"caller": caller.subject}
        case Role.SUPERVISOR:
            return "(team_id IS NULL OR team_id = :caller)", {"caller": caller.team_id}
        case Role.OPS:
            return "1 = 1", {}
        case Role.SERVICE:
            return ("1 = 1" if "streams:read" in caller.scopes else "1 = 0"), {}
        case Role.SYSTEM:
            return "1 = 0", {}
