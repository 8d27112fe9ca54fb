"""Events of routing about a complaint, in topic `amends.assignments` (key: complaint)."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.events.envelope import Event
from shared.events.registry import ASSIGNMENTS, event
from shared.events.vocabulary import Band, Outcome, UnassignReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One specialist in one decision: removed by a named filter, or scored with every part.

    Scores are predicted cost: the lowest wins. `parts` add up to `score`.
    """

    specialist_id: str
    removed_by: str | None
    score: float | None = None
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEvent(Event):
    """What every event of an assignment carries."""

    complaint_id: str
    cycle: int


@event("assignment.assessed", topic=ASSIGNMENTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAssessed(AssignmentEvent):
    """How complex a complaint is, before any decision. `score` 0 to 100; tier 1 to 4."""

    score: int
    band: Band
    parts: dict[str, int]
    needed_tier: int
    effort_minutes: int
    policy_version: str


@event("assignment.decided", topic=ASSIGNMENTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentDecided(AssignmentEvent):
    """Who gets the complaint, with everything the decision rested on.

    `inputs` are the facts as they were; `positions` how far each source had been read;
    `sentence` says it in one line per language.
    """

    n: int
    decision_id: str
    outcome: Outcome
    specialist_id: str | None
    team_id: str | None
    candidates: tuple[Candidate, ...]
    inputs: dict[str, str | int | float | bool | None]
    positions: dict[str, int]
    policy_version: str
    waiting_since: datetime
    sentence: dict[str, str]


@event("assignment.released", topic=ASSIGNMENTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentReleased(AssignmentEvent):
    """The specialist of decision n no longer has the complaint."""

    n: int
    specialist_id: str
    reason: UnassignReason
