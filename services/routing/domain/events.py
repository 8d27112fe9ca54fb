"""Events private to routing's own log: never published, kept so that state is folded, not lost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.events.assignments import AssignmentEvent
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.registry import event


class Absence(StrEnum):
    """Why a specialist is not there."""

    OFFLINE = "offline"
    LEAVE = "leave"
    SHIFT_END = "shift_end"


class Verdict(StrEnum):
    """What a merchant made of one request: a clock `merchant_response` has at most one."""

    IN_TIME = "in_time"
    LATE = "late"
    SILENT = "silent"


class Intervention(StrEnum):
    """What a person did to an assignment."""

    DECLINED = "declined"
    REASSIGNED = "reassigned"


@event("assignment.ended", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEnded(AssignmentEvent):
    """The complaint came to an end while nobody had it: there is nothing to release."""


@event("assignment.urgency_changed", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentUrgencyChanged(AssignmentEvent):
    """A waiting complaint's clocks moved: the place in the queue may change.

    `breached` names the kinds of clock already missed in this cycle.
    """

    resolution_due_at: datetime | None
    breached: tuple[str, ...]


@event("assignment.reason_given", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentReasonGiven(AssignmentEvent):
    """Why somebody declined, or took a complaint from one specialist for another."""

    n: int
    act: Intervention
    actor_id: str
    text: Personal


@event("specialist.went_absent", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistWentAbsent(Event):
    """From here on nothing waits for this specialist."""

    specialist_id: str
    reason: Absence


@event("specialist.came_back", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistCameBack(Event):
    """A leave ended or a shift began. (Coming online is `specialist.presence_changed`.)"""

    specialist_id: str
    reason: Absence


@event("merchant.timeliness_noted", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantTimelinessNoted(Event):
    """What is known of one request changed: `before` is taken out of the tally, `after` put in.

    Days count from 1970-01-01 UTC. A verdict that was never reached, or was withdrawn, is None.
    """

    merchant_id: str
    complaint_id: str
    clock_id: str
    before: Verdict | None
    before_day: int
    after: Verdict | None
    after_day: int


@event("merchant.conduct_noted", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantConductNoted(Event):
    """A violation was confirmed. It counts for `day` (from 1970-01-01 UTC) by its `severity`."""

    merchant_id: str
    complaint_id: str
    violation_id: str
    day: int
    severity: int
