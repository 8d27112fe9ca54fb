"""The contract between services: what happened, in immutable, self-contained facts.

Standard library only: the pure domains import this package and nothing else.
"""

from shared.events import (
    assignments,
    casework,
    checking,
    clocks,
    complaints,
    escalation,
    followups,
    merging,
    profiles,
    subjects,
    teamwork,
    violations,
)
from shared.events.envelope import Actor, Event, Fact, Recorded
from shared.events.personal import Personal

__all__ = [
    "Actor",
    "Event",
    "Fact",
    "Personal",
    "Recorded",
    "assignments",
    "casework",
    "checking",
    "clocks",
    "complaints",
    "escalation",
    "followups",
    "merging",
    "profiles",
    "subjects",
    "teamwork",
    "violations",
]
