"""What is decided above the specialist or outside the platform: approval, review, referral.

Written by intake into the complaint's stream, in topic `amends.complaints`.
"""

from dataclasses import dataclass

from shared.events.complaints import ComplaintEvent
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, EVERYONE, event
from shared.events.vocabulary import (
    DemandKind,
    Payer,
    ReferralBody,
    ReviewGround,
    ReviewOutcome,
    Role,
)


@event("complaint.solution_approved", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionApproved(ComplaintEvent):
    """A supervisor approved drafted solution n: it is put to the consumer, as the draft said.

    The terms are repeated because the parties never see the draft. `reason` is for staff.
    """

    n: int
    supervisor_id: str
    remedy: DemandKind
    payer: Payer
    reasons: Personal
    amount_minor: int | None = None
    currency: str | None = None
    evidence_ids: tuple[str, ...] = ()
    reason: str | None = None


@event("complaint.solution_returned", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionReturned(ComplaintEvent):
    """A supervisor sent drafted solution n back to the specialist, and why."""

    n: int
    supervisor_id: str
    reason: str


@event("complaint.superior_review_requested", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SuperiorReviewRequested(ComplaintEvent):
    """A party wants a supervisor to look at everything again. All other waits are given up."""

    n: int
    by_role: Role
    ground: ReviewGround
    reason: Personal | None = None


@event("complaint.superior_review_decided", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class SuperiorReviewDecided(ComplaintEvent):
    """A supervisor decided, with reasons. `solution_n` and its terms are those that are imposed."""

    n: int
    outcome: ReviewOutcome
    reasons: Personal
    supervisor_id: str
    solution_n: int | None = None
    remedy: DemandKind | None = None
    payer: Payer | None = None
    amount_minor: int | None = None
    currency: str | None = None


@event("complaint.referred", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintReferred(ComplaintEvent):
    """The complaint was taken to a body outside. `n` counts the referrals of the complaint.

    `bundle_sha256` is the digest of what was recorded until then (docs/domain.md, "Referrals").
    """

    n: int
    body: ReferralBody
    bundle_sha256: str
    reference: str | None = None
    agreement: str | None = None


@event("complaint.referral_ended", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralEnded(ComplaintEvent):
    """Referral n came to an outcome. A binding one with a remedy is carried out as a solution."""

    n: int
    body: ReferralBody
    outcome: str
    binding: bool
    solution_n: int | None = None
    remedy: DemandKind | None = None
    payer: Payer | None = None
    amount_minor: int | None = None
    currency: str | None = None


EscalationFact = (
    SolutionApproved
    | SolutionReturned
    | SuperiorReviewRequested
    | SuperiorReviewDecided
    | ComplaintReferred
    | ReferralEnded
)
"""Every event of this module."""
