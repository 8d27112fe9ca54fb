"""What merchants did and must not do: each violation has a stream and a life of its own.

Written by intake into `violation-<id>`, in topic `amends.complaints` under the complaint it was
found in. They are no events of a complaint: they say nothing of its status and turn. The consumer
does not see them: what is held against a merchant lies between it and the platform.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, MERCHANT_AND_STAFF, event
from shared.events.vocabulary import Penalty, ViolationKind, ViolationOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationEvent(Event):
    """What every event of a violation carries. `complaint_id` is where it was found."""

    violation_id: str
    complaint_id: str
    merchant_id: str
    kind: ViolationKind


@event("violation.recorded", topic=COMPLAINTS, visible_to=MERCHANT_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationRecorded(ViolationEvent):
    """A merchant is held to have done this. Nothing is decided, and it may appeal for a time.

    `severity` 1 (slight) to 3 (grave). `found_by` is a person, or the name of a rule; `recorded_by`
    is the person who entered it, None for a rule. It rests on `evidence_ids`, on the event with
    `event_version` in the complaint's stream, or on missed deadlines (`clock_ids`).
    """

    severity: int
    evidence_ids: tuple[str, ...]
    found_by: str
    appeal_ends_at: datetime
    recorded_by: str | None = None
    summary: Personal | None = None
    event_version: int | None = None
    clock_ids: tuple[str, ...] = ()


@event("violation.appealed", topic=COMPLAINTS, visible_to=MERCHANT_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationAppealed(ViolationEvent):
    """The merchant says why it is wrong. It may do so once."""

    text: Personal


@event("violation.decided", topic=COMPLAINTS, visible_to=MERCHANT_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationDecided(ViolationEvent):
    """A supervisor, not the person who recorded it, confirmed or withdrew it. This is final."""

    outcome: ViolationOutcome
    supervisor_id: str
    reasons: str
    severity: int


@event("violation.penalty_recommended", topic=COMPLAINTS, visible_to=MERCHANT_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyRecommended(ViolationEvent):
    """For the platform's penalty system: what a confirmed violation should lead to. No fine is set.

    `grade` 1 (light) to 5 (grave), by severity and by `earlier_confirmed` ones of the same kind.
    """

    penalty: Penalty
    grade: int
    earlier_confirmed: int
    policy_version: str


ViolationFact = ViolationRecorded | ViolationAppealed | ViolationDecided | PenaltyRecommended
"""Every event of this module."""
