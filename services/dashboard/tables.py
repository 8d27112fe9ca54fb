"""The tables of the dashboard: what it needs to answer, and nothing else.

Times are milliseconds since 1970 (UTC). Facts of different topics are not ordered among each other,
so no row of one topic needs a row of another to exist: what belongs together is joined when read.
"""

from typing import Final

from sqlalchemy import BigInteger, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

_BIG: Final = BigInteger().with_variant(Integer, "sqlite")
_ZERO: Final = {"server_default": "0"}


class ComplaintRow(SQLModel, table=True):
    """A complaint as its stream left it. `is_open` is 1 while something is owed to it."""

    __tablename__ = "dashboard_complaint"
    __table_args__ = (
        Index("dashboard_complaint_open", "is_open", "status", "turn"),
        Index("dashboard_complaint_load", "is_open", "specialist_id"),
    )

    complaint_id: str = Field(primary_key=True)
    merchant_id: str
    channel: str
    category: str
    priority: str
    status: str
    turn: str
    is_open: int
    cycle: int
    version: int
    band: str | None = None
    specialist_id: str | None = None
    filed_at: int = Field(sa_type=_BIG)
    accepted_at: int | None = Field(default=None, sa_type=_BIG)
    first_assigned_at: int | None = Field(default=None, sa_type=_BIG)
    resolved_at: int | None = Field(default=None, sa_type=_BIG)
    closed_at: int | None = Field(default=None, sa_type=_BIG)


class RoutingRow(SQLModel, table=True):
    """What routing last decided about a complaint, and in which cycle.

    `weight` is what the case takes of a specialist's capacity, as the decision took it.
    """

    __tablename__ = "dashboard_routing"
    __table_args__ = (Index("dashboard_routing_outcome", "outcome"),)

    complaint_id: str = Field(primary_key=True)
    decided_cycle: int
    outcome: str
    decided_at: int = Field(sa_type=_BIG)
    waiting_since: int = Field(sa_type=_BIG)
    weight: int


class ClockRow(SQLModel, table=True):
    """A clock as its events left it.

    `state` is running, paused, met, breached or cancelled; a clock once breached stays breached,
    whatever ends it, unless the breach is withdrawn. `ended` is how it ended: met or cancelled.
    """

    __tablename__ = "dashboard_clock"
    __table_args__ = (
        Index("dashboard_clock_due", "state", "due_at"),
        Index("dashboard_clock_kind", "kind", "state", "party"),
        Index("dashboard_clock_breached", "state", "breached_at"),
    )

    clock_id: str = Field(primary_key=True)
    complaint_id: str
    cycle: int
    kind: str
    n: int
    party: str
    state: str
    target: str = ""
    responsible_id: str | None = None
    started_at: int | None = Field(default=None, sa_type=_BIG)
    due_at: int | None = Field(default=None, sa_type=_BIG)
    ended: str | None = None
    ended_at: int | None = Field(default=None, sa_type=_BIG)
    breached_at: int | None = Field(default=None, sa_type=_BIG)
    warned_percent: int = 0
    withdrawn: int = 0


class LapseRow(SQLModel, table=True):
    """A request whose wait was given up when its clock was breached: nothing is owed to it."""

    __tablename__ = "dashboard_lapse"

    clock_id: str = Field(primary_key=True)


class SpecialistRow(SQLModel, table=True):
    """A specialist's place and presence; no name, no address."""

    __tablename__ = "dashboard_specialist"

    specialist_id: str = Field(primary_key=True)
    team_id: str | None = None
    tier: int = Field(default=0, sa_column_kwargs=_ZERO)
    capacity: int = Field(default=0, sa_column_kwargs=_ZERO)
    online: int = Field(default=0, sa_column_kwargs=_ZERO)
    online_since: int | None = Field(default=None, sa_type=_BIG)


class CounterRow(SQLModel, table=True):
    """How often something happened since the beginning. `label` divides a count further."""

    __tablename__ = "dashboard_counter"

    name: str = Field(primary_key=True)
    label: str = Field(primary_key=True, default="")
    count: int = Field(default=0, sa_type=_BIG)


class FeedEventRow(SQLModel, table=True):
    """The dashboard's own durable copy of an event, for `/v1/stream`.

    `source` is the topic. `to_consumer` and `to_merchant` are 1 if that party of the complaint may
    see it; staff may see all. `envelope` and `data` are JSON.
    """

    __tablename__ = "dashboard_feed_event"
    __table_args__ = (Index("dashboard_feed_place", "source", "partition", "gpos", unique=True),)

    id: int | None = Field(default=None, primary_key=True, sa_type=_BIG)
    source: str
    partition: int
    gpos: int = Field(sa_type=_BIG)
    key: str
    type: str
    to_consumer: int
    to_merchant: int
    envelope: bytes = Field(sa_type=LargeBinary)
    data: bytes = Field(sa_type=LargeBinary)


class FeedHeadRow(SQLModel, table=True):
    """How far the copy of one partition reaches, and up to where retention has deleted it."""

    __tablename__ = "dashboard_feed_head"

    source: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    head_gpos: int = Field(sa_type=_BIG)
    floor_gpos: int = Field(default=0, sa_type=_BIG)


TABLES: Final[tuple[type[SQLModel], ...]] = (
    ComplaintRow,
    RoutingRow,
    ClockRow,
    LapseRow,
    SpecialistRow,
    CounterRow,
    FeedEventRow,
    FeedHeadRow,
)
