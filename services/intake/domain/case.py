"""What a complaint's states are made of: who has it, what was asked and proposed, its cycle."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.intake.domain.life import Life
from services.intake.domain.team import NO_TEAM, Team
from shared.events.complaints import ComplaintFiled
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Audience,
    Band,
    DemandKind,
    EvidenceKind,
    LinkRelation,
    OrderCheckResult,
    OrderDifference,
    Payer,
    ReferralBody,
    ReviewGround,
    RiskFlag,
    Role,
)


class SolutionOutcome(StrEnum):
    """What became of a solution that is no longer open."""

    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    AGREED = "agreed"
    DONE = "done"
    OVERDUE = "overdue"
    FAILED = "failed"
    ABANDONED = "abandoned"
    NOT_APPROVED = "not_approved"
    REVIEWED = "reviewed"
    INTERRUPTED = "interrupted"

    @property
    def settles(self) -> bool:
        """Whether a resolution can rest on it."""
        return self in _SETTLING


OWED_STILL: Final = frozenset({SolutionOutcome.OVERDUE, SolutionOutcome.INTERRUPTED})
"""What became of a remedy that may still be carried out, late."""

NEVER_OWED: Final = frozenset(
    {
        SolutionOutcome.NOT_APPROVED,
        SolutionOutcome.REJECTED,
        SolutionOutcome.REVIEWED,
        SolutionOutcome.UNANSWERED,
    }
)
"""What became of a solution that nobody has had to carry out."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A solution that waits for approval, as it would be put to the consumer."""

    solution: Solution
    reasons: Personal
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuperiorReview:
    """A superior was asked by a party, and on which ground."""

    n: int
    ground: ReviewGround
    by_role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """The complaint was taken to a body outside; `outcome` once that has ended."""

    n: int
    body: ReferralBody
    referred_at: datetime
    reference: str | None
    outcome: str | None = None
    binding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that belongs to the complaint. `bytes` is its length; `visible_to` who may see it."""

    id: str
    sha256: str
    kind: EvidenceKind
    media_type: str
    bytes: int
    by_role: Role
    added_at: datetime
    visible_to: frozenset[Audience]


@dataclass(frozen=True, slots=True)
class RegulatorReply:
    """What the regulator was answered, last."""

    reference: str
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck:
    """What the order system said of an order, last."""

    order_id: str
    result: OrderCheckResult
    differences: tuple[OrderDifference, ...]
    source: str
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A flag that stands, and why: by a rule, or by a person (None)."""

    flag: RiskFlag
    reason: Personal
    rule: str | None
    since: datetime


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


@dataclass(frozen=True, slots=True)
class Link:
    """What belongs to the complaint and goes its own way."""

    other_id: str
    relation: LinkRelation


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What belongs to one cycle and starts anew with a reopening.

    `last_n` is the one counter of asks to either party and of solutions, `contacts` counts contacts
    made and attempted, `decision_n` is the last decision of routing recorded here. `presumption_n`
    is the request whose lapse speaks for the consumer. `given_up` are requests that nobody waits
    for any more, although the merchant may answer. `reviews` counts superior's reviews asked for.
    `inherited` is whoever had the complaint when the cycle before ended; `team` what staff asked of
    each other and promised.
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
    given_up: frozenset[int] = frozenset()
    presumption_n: int | None = None
    reviews: int = 0
    past: tuple[PastSolution, ...] = ()
    team: Team = NO_TEAM


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
    life: Life
    acknowledged: bool = False
    assessment: Assessment | None = None
    accepted_at: datetime | None = None
    objections: int = 0
    offer_superior_review: bool = False
    surveyed: frozenset[int] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    referrals: tuple[Referral, ...] = ()
    regulator_reply: RegulatorReply | None = None
    order_checks: tuple[OrderCheck, ...] = ()
    risks: tuple[Risk, ...] = ()
    cleared_risks: frozenset[RiskFlag] = frozenset()
    merges: int = 0
    absorbed: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()
    last_specialist_id: str | None = None

    @property
    def id(self) -> str:
        """The complaint's id."""
        return self.filed.complaint_id
