"""What a complaint's states are made of: who has it, what was asked and proposed, its cycle."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.events.complaints import ComplaintFiled
from shared.events.vocabulary import Band, DemandKind, Payer


class SolutionOutcome(StrEnum):
    """What became of a solution that is no longer open."""

    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    AGREED = "agreed"
    DONE = "done"
    OVERDUE = "overdue"
    FAILED = "failed"
    ABANDONED = "abandoned"

    @property
    def settles(self) -> bool:
        """Whether a resolution can rest on it."""
        return self in _SETTLING


_SETTLING: Final = frozenset({SolutionOutcome.AGREED, SolutionOutcome.DONE})


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has the complaint, by routing's decision n of this cycle."""

    n: int
    specialist_id: str
    team_id: str | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """How complex the complaint is, as routing last said. `score` 0 to 100."""

    score: int
    band: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What was put to the consumer. `amount_minor` in minor units of `currency`."""

    n: int
    remedy: DemandKind
    payer: Payer
    amount_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What the consumer was asked for under number n, and why."""

    n: int
    items: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class PastSolution:
    """A solution and what became of it."""

    solution: Solution
    outcome: SolutionOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What belongs to one cycle and starts anew with a reopening.

    `last_n` is the one counter of asks to either party and of solutions, `contacts` counts contacts
    made and attempted, `decision_n` is the last decision of routing recorded here. `presumption_n`
    is the request whose lapse speaks for the consumer. `inherited` is whoever had the complaint
    when the cycle before ended.
    """

    number: int
    started_at: datetime
    last_n: int = 0
    contacts: int = 0
    decision_n: int = 0
    inherited: Assignment | None = None
    released: frozenset[str] = frozenset()
    answered: frozenset[int] = frozenset()
    lapsed: frozenset[int] = frozenset()
    presumption_n: int | None = None
    past: tuple[PastSolution, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What stays with a complaint through every status.

    `length` counts the events of the stream; `version` is the length at which status, turn, cycle,
    assignee, open request or solution last changed: the `ETag`.
    """

    filed: ComplaintFiled
    length: int
    version: int
    cycle: Cycle
    acknowledged: bool = False
    assessment: Assessment | None = None
    accepted_at: datetime | None = None
    objections: int = 0
    offer_superior_review: bool = False
    surveyed: frozenset[int] = frozenset()
    last_specialist_id: str | None = None

    @property
    def id(self) -> str:
        """The complaint's id."""
        return self.filed.complaint_id
