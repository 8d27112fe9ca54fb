"""What may be asked of a violation."""

from dataclasses import dataclass
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import HANDLERS, MERCHANT, SUPERVISOR
from shared.events.personal import Personal
from shared.events.vocabulary import Role, ViolationKind, ViolationOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordViolation(Act):
    """Hold something against the merchant of a complaint. `severity` 1 to 3.

    `by` are staff, or a rule (role `system`). `recorded_by` is the person who entered it, if any.
    """

    ROLES: ClassVar = HANDLERS | {Role.SYSTEM}

    violation_id: str
    complaint_id: str
    merchant_id: str
    kind: ViolationKind
    severity: int
    found_by: str
    recorded_by: str | None = None
    evidence_ids: tuple[str, ...] = ()
    summary: Personal | None = None
    event_version: int | None = None
    clock_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealViolation(Act):
    """The merchant says why it is wrong."""

    ROLES: ClassVar = MERCHANT

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideViolation(Act):
    """A supervisor confirms or withdraws.

    `earlier` counts the merchant's confirmed violations of the kind within the repetition window.
    """

    ROLES: ClassVar = SUPERVISOR

    outcome: ViolationOutcome
    reasons: str
    earlier: int = 0


ViolationCommand = RecordViolation | AppealViolation | DecideViolation
