"""What of working together a complaint remembers: who was asked, what was promised, steps taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.events.personal import Personal


@dataclass(frozen=True, slots=True)
class Help:
    """A colleague was asked under number n and has not answered."""

    n: int
    collaborator_id: str
    question: Personal
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Callback:
    """A call to the consumer, promised under number n and not made."""

    n: int
    promised_for: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a playbook, and when it was first taken in this cycle."""

    step: str
    playbook_version: str
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What whoever had it by routing's decision n wrote for whoever has it next."""

    n: int
    specialist_id: str
    to: str | None
    summary: Personal
    handed_over_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Within one cycle. `helps` and `callbacks` are the open ones; `last_…` the last number.

    `handover` is the last one.
    """

    last_help: int = 0
    last_callback: int = 0
    helps: tuple[Help, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    steps: tuple[Step, ...] = ()
    handover: Handover | None = None

    def help(self, n: int) -> Help | None:
        """Open question n to a colleague."""
        return next((one for one in self.helps if one.n == n), None)

    def callback(self, n: int) -> Callback | None:
        """Promised call n, if it is still to be made."""
        return next((one for one in self.callbacks if one.n == n), None)

    def has_taken(self, step: str, playbook_version: str) -> bool:
        """Whether the step was taken before."""
        return (step, playbook_version) in {(one.step, one.playbook_version) for one in self.steps}


NO_TEAM: Final = Team()
"""Nobody was asked anything, and nothing promised."""
