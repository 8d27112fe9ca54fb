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


def own_columns(caller: Principal) -> dict[str, tuple[str | None, ...]] | None:
    """What a caller's own complaints have in common: column → one of these; None: there are none.

    The same rules as `may_see`, for lists.
    """
    match caller.role:
        case Role.CONSUMER:
            return {"consumer_id": (caller.subject,)}
        case Role.MERCHANT:
            return {"merchant_id": (caller.merchant_id or caller.subject,)}
        case Role.SPECIALIST:
            return {"specialist_id": (caller.subject,)}
        case Role.SUPERVISOR:
            return {"team_id": tuple(dict.fromkeys((None, caller.team_id)))}
        case Role.OPS:
            return {}
        case Role.SERVICE:
            return {} if "streams:read" in caller.scopes else None
        case Role.SYSTEM:
            return None


def access_condition(caller: Principal, **named: str) -> tuple[str, dict[str, object]]:
    """`own_columns` as an SQL condition, and its values.

    `named`: how a column is to be named where several tables have it.
    """
    own = own_columns(caller)
    if own is None:
        return "1 = 0", {}
    conditions = list[str]()
    bound = dict[str, object]()
    for name, values in own.items():
        column = named.get(name, name)
        is_own = [
            f"{column} IS NULL" if one is None else f"{column} = :own_{name}" for one in values
        ]
        conditions.append(f"({' OR '.join(is_own)})")
        # Beside NULL no column has more than one value.
        bound |= {f"own_{name}": one for one in values if one is not None}
    return " AND ".join(conditions) or "1 = 1", bound
