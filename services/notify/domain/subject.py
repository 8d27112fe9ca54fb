"""A person as far as notify must let go of them: whether, and when, they were erased. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notify.domain.events import SubjectForgotten
from shared.decider import Decider
from shared.events.envelope import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Intake recorded at `erased_at` that this person was erased."""

    now: datetime
    subject_id: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """Never erased, as far as notify has read."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Erased at `erased_at`. What is recorded of them after that belongs to a new beginning."""

    erased_at: datetime

    def covers(self, recorded_at: datetime | None) -> bool:
        """Whether what was recorded then is what was erased; None: nobody knows when, so it is."""
        return recorded_at is None or recorded_at <= self.erased_at


State = Remembered | Forgotten


def decide(command: Forget, state: State) -> list[Event]:
    """Forget them, once for each time they are erased."""
    match state:
        case Remembered():
            return [_forgotten(command)]
        case Forgotten():
            return [] if state.covers(command.erased_at) else [_forgotten(command)]


def _forgotten(command: Forget) -> SubjectForgotten:
    return SubjectForgotten(
        occurred_at=command.now, subject_id=command.subject_id, erased_at=command.erased_at
    )


def evolve(state: State, event: Event) -> State:
    """What is true after an event of a person's stream."""
    return Forgotten(event.erased_at) if isinstance(event, SubjectForgotten) else state


SUBJECT: Final[Decider[Forget, State]] = Decider(initial=Remembered(), decide=decide, evolve=evolve)


def stream_of(subject_id: str) -> str:
    """The stream of a person."""
    return f"subject-{subject_id}"
