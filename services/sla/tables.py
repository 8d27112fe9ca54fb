"""The tables of sla's views. Times are milliseconds since 1970 (UTC)."""

from typing import Final

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

_BIG: Final = BigInteger().with_variant(Integer, "sqlite")


class ClockRow(SQLModel, table=True):
    """A clock as its events left it.

    A clock once breached keeps that state, however it ends, unless the breach is withdrawn.
    """

    __tablename__ = "clock"
    __table_args__ = (
        Index("clock_of_complaint", "complaint_id", "started_at"),
        Index("clock_by_due", "state", "due_at"),
    )

    clock_id: str = Field(primary_key=True)
    complaint_id: str
    cycle: int
    kind: str
    n: int
    party: str
    state: str
    responsible_id: str | None = None
    policy_version: str
    target: str
    started_at: int = Field(sa_type=_BIG)
    due_at: int | None = Field(default=None, sa_type=_BIG)
    warned_percent: int | None = None
    breached_at: int | None = Field(default=None, sa_type=_BIG)
    stopped_at: int | None = Field(default=None, sa_type=_BIG)
    in_time: int | None = None
    counted_seconds: int | None = None
    cancelled_at: int | None = Field(default=None, sa_type=_BIG)
    cancel_reason: str | None = None


class BreachRow(SQLModel, table=True):
    """A breach as it was published; `withdrawn_at` is when a late fact undid it."""

    __tablename__ = "breach"
    __table_args__ = (Index("breach_of_clock", "clock_id"), Index("breach_by_time", "breached_at"))

    id: str = Field(primary_key=True)
    clock_id: str
    breached_at: int = Field(sa_type=_BIG)
    responsible_id: str | None = None
    withdrawn_at: int | None = Field(default=None, sa_type=_BIG)


TABLES: Final[tuple[type[SQLModel], ...]] = (ClockRow, BreachRow)
