"""What is decided above the specialist or outside the platform: approval, review, referral."""

from dataclasses import dataclass
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import (
    CONSUMER_OR_HANDLERS,
    HANDLERS,
    PARTIES_AND_HANDLERS,
    SUPERVISOR,
)
from shared.events.vocabulary import DemandKind, Payer, ReferralBody, ReviewGround, ReviewOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A remedy that is decided, not proposed. `amount_minor` in minor units of `currency`."""

    remedy: DemandKind
    payer: Payer
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAct(Act):
    """An act above the specialist, or towards a body outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveSolution(EscalationAct):
    """Let drafted solution n be put to the consumer. `drafted_by`: who wrote it, as recorded."""

    ROLES: ClassVar = SUPERVISOR

    n: int
    reason: str | None = None
    drafted_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSolution(EscalationAct):
    """Send drafted solution n back to the specialist."""

    ROLES: ClassVar = SUPERVISOR

    n: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSuperiorReview(EscalationAct):
    """Have a supervisor look at everything again, once per cycle.

    `ground` None: the first that holds. `breached`: whether a clock of this cycle was breached.
    """

    ROLES: ClassVar = PARTIES_AND_HANDLERS

    ground: ReviewGround | None
    reason: str | None = None
    breached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideSuperiorReview(EscalationAct):
    """Decide review n. To impose, name a solution of this cycle or state the terms of a new one."""

    ROLES: ClassVar = SUPERVISOR

    n: int
    outcome: ReviewOutcome
    reasons: str
    solution_n: int | None = None
    terms: Terms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferComplaint(EscalationAct):
    """Take it to a body outside. Arbitration needs an `agreement` of the parties.

    `bundle_sha256`: digest of what was recorded so far.
    """

    ROLES: ClassVar = CONSUMER_OR_HANDLERS

    body: ReferralBody
    reference: str | None = None
    agreement: str | None = None
    bundle_sha256: str = ""
    merchant_class: str = "standard"
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReferral(EscalationAct):
    """Record what referral n came to. `terms`: what a binding outcome obliges somebody to."""

    ROLES: ClassVar = HANDLERS

    n: int
    outcome: str
    binding: bool
    terms: Terms | None = None


EscalationCommand = (
    ApproveSolution
    | ReturnSolution
    | RequestSuperiorReview
    | DecideSuperiorReview
    | ReferComplaint
    | EndReferral
)
