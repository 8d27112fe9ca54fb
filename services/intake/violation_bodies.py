"""Request bodies of violations: form alone, rules are the domain's."""

from typing import Annotated, Literal

from pydantic import Field

from services.intake.bodies import Evidence, Id, Text
from shared.events.vocabulary import ViolationKind, ViolationOutcome
from shared.http import INTEGRAL, Body


class ViolationBody(Body):
    """What a merchant is held to have done. `severity` 1 (slight) to 3 (grave)."""

    kind: ViolationKind
    severity: Annotated[int, Field(ge=1, le=3, strict=True), INTEGRAL]
    evidence_ids: Evidence = ()
    summary: Text | None = None


class ViolationAppealBody(Body):
    """Why it is wrong."""

    text: Text


class ViolationDecisionBody(Body):
    """What a supervisor finds, and why: the merchant reads the reasons."""

    outcome: ViolationOutcome
    reasons: Text


class ViolationQuery(Body):
    """How to narrow the list, and where to go on."""

    complaint_id: Id | None = None
    merchant_id: Id | None = None
    kind: ViolationKind | None = None
    state: Literal["recorded", "appealed", "confirmed", "withdrawn"] | None = None
    cursor: Annotated[str, Field(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def filters(self) -> dict[str, str]:
        """What was asked for, by name."""
        return {
            name: str(value)
            for name, value in self
            if value is not None and name not in {"cursor", "limit"}
        }
