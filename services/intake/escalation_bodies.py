"""Request bodies of what is decided above the specialist or outside the platform."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from services.intake.bodies import AmountBody, Reference, Text
from services.intake.domain.escalation_commands import Terms
from shared.events.vocabulary import DemandKind, Payer, ReferralBody, ReviewGround, ReviewOutcome
from shared.http import INTEGRAL, Body


class ApprovalBody(Body):
    """A supervisor's word on a draft: one that is returned has a reason."""

    decision: Literal["approve", "return"] = "approve"
    reason: Text | None = None

    @model_validator(mode="after")
    def _a_return_has_a_reason(self) -> Self:
        if self.decision == "return" and self.reason is None:
            raise ValueError("say why it is returned: reason")
        return self


class TermsBody(AmountBody):
    """A remedy that is decided: what, by whom, how much (minor units and ISO 4217)."""

    remedy: DemandKind
    payer: Payer

    def terms(self) -> Terms:
        """As the domain says it."""
        return Terms(
            remedy=self.remedy,
            payer=self.payer,
            amount_minor=self.amount_minor,
            currency=self.currency,
        )


class SuperiorReviewBody(Body):
    """Why a superior should look again. Without a ground the first that holds is taken."""

    ground: ReviewGround | None = None
    reason: Text | None = None


class ReviewDecisionBody(Body):
    """What a superior's review comes to. Imposed is `solution_n` of this cycle, or `solution`."""

    outcome: ReviewOutcome
    reasons: Text
    solution_n: Annotated[int, Field(ge=1, le=1_000_000, strict=True), INTEGRAL] | None = None
    solution: TermsBody | None = None

    @model_validator(mode="after")
    def _only_what_is_imposed_has_a_solution(self) -> Self:
        named = [part for part in (self.solution_n, self.solution) if part is not None]
        if len(named) != (1 if self.outcome is ReviewOutcome.IMPOSED else 0):
            raise ValueError("imposed takes either solution_n or solution; no other outcome does")
        return self


class ReferralOpening(Body):
    """Which body it is taken to, under which file number, by which arbitration agreement."""

    body: ReferralBody
    reference: Reference | None = None
    agreement: Reference | None = None


class ReferralOutcomeBody(Body):
    """What a referral came to, and what it obliges somebody to if it binds."""

    outcome: Annotated[str, Field(min_length=1, max_length=2_000)]
    binding: StrictBool
    remedy: TermsBody | None = None

    @model_validator(mode="after")
    def _only_what_binds_obliges(self) -> Self:
        if self.remedy is not None and not self.binding:
            raise ValueError("remedy belongs to a binding outcome")
        return self
