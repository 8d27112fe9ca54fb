"""The words of an assignment: its states, and what may be asked of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.routing.domain.assessment import Assessment
from shared.events.assignments import (
    Candidate,
)
from shared.events.personal import Personal
from shared.events.vocabulary import Band, Outcome, UnassignReason

SUPERVISOR: Final = "supervisor"
"""Value of the input `decided_by` where a person decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the assessment in force asks of a specialist."""

    score: int
    band: Band
    tier: int
    effort_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Never assessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Somebody is to be found. `n` is the last decision of the cycle, 0 before the first."""

    cycle: int
    n: int
    since: datetime
    needs: Needs
    outcome: Outcome | None = None
    declined_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A specialist has it, by decision `n`. `by_supervisor`: a person chose."""

    cycle: int
    n: int
    since: datetime
    needs: Needs
    specialist_id: str
    by_supervisor: bool = False
    declined_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Nothing is to be decided until the complaint is reopened, or is no duplicate after all.

    `n` is the last decision of the cycle.
    """

    cycle: int
    n: int = 0


State = Idle | Queued | Held | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the matcher, or a supervisor, came to, with everything it rests on."""

    outcome: Outcome
    specialist_id: str | None
    team_id: str | None
    candidates: tuple[Candidate, ...]
    inputs: dict[str, str | int | float | bool | None]
    positions: dict[str, int]
    policy_version: str
    sentence: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assess:
    """Queue a complaint that was accepted or reopened, at `now`, with what it needs.

    `came_back`: it had been merged into another in this very cycle.
    """

    now: datetime
    complaint_id: str
    cycle: int
    assessment: Assessment
    came_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassess:
    """The facts of the complaint changed: say what it needs now. Nobody is released for it."""

    now: datetime
    complaint_id: str
    assessment: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Record what the matcher came to for this cycle, after decision `after_n`."""

    now: datetime
    complaint_id: str
    cycle: int
    after_n: int
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """A supervisor gives the complaint to somebody."""

    now: datetime
    complaint_id: str
    supervisor_id: str
    reason: Personal
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """The assignee gives it back."""

    now: datetime
    complaint_id: str
    specialist_id: str
    reason: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Whoever has it by decision `n` of the cycle hands it over; `choice`: to whom, if they can."""

    now: datetime
    complaint_id: str
    cycle: int
    n: int
    choice: Choice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The assignee is not there. Overtaken if somebody else has it by now."""

    now: datetime
    complaint_id: str
    specialist_id: str
    reason: UnassignReason


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The complaint was resolved, closed or withdrawn."""

    now: datetime
    complaint_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteUrgency:
    """The clocks of the complaint moved."""

    now: datetime
    complaint_id: str
    resolution_due_at: datetime | None
    breached: tuple[str, ...]


Command = Assess | Reassess | Decide | Reassign | Decline | HandOver | Release | End | NoteUrgency
