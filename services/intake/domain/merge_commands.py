"""What a supervisor may ask of two complaints that are one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import SUPERVISOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """Whose complaint it is that the duplicate goes on in, and about which orders."""

    consumer_id: str
    merchant_id: str
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAct(Act):
    """One side of a merge; the other side is decided with it."""

    ROLES: ClassVar = SUPERVISOR


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeComplaint(MergeAct):
    """This complaint goes on in `into_id`."""

    into_id: str
    survivor: Survivor
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbComplaint(MergeAct):
    """The duplicate `from_id`, accepted at `accepted_at`, goes on in this complaint."""

    from_id: str
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge(MergeAct):
    """This complaint was no duplicate: undo its n-th merge."""

    n: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack(MergeAct):
    """`other_id` does not go on in this complaint any more."""

    other_id: str
    reason: str


MergeCommand = MergeComplaint | AbsorbComplaint | UndoMerge | GiveBack
