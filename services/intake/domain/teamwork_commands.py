"""What staff ask of each other, promise, and note of their steps."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import HANDLERS
from shared.events.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamworkAct(Act):
    """Work with others on a complaint; it changes neither its status nor whose turn it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStep(TeamworkAct):
    """A step of the playbook was taken."""

    ROLES: ClassVar = HANDLERS

    step: str
    playbook_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForHelp(TeamworkAct):
    """Ask a colleague, who may then read the complaint and answer."""

    ROLES: ClassVar = HANDLERS

    collaborator_id: str
    question: str
    collaborator_role: Role = Role.SPECIALIST


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveHelp(TeamworkAct):
    """Answer question n; also for whoever has the complaint, who writes down what was said."""

    ROLES: ClassVar = HANDLERS
    HELPERS: ClassVar = True

    n: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCallback(TeamworkAct):
    """Promise the consumer a call at this time, which is still to come."""

    ROLES: ClassVar = HANDLERS

    promised_for: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCallback(TeamworkAct):
    """Promised call n was made."""

    ROLES: ClassVar = HANDLERS

    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverComplaint(TeamworkAct):
    """Give the complaint up with a summary for whoever has it next, `to` if routing agrees."""

    ROLES: ClassVar = HANDLERS

    summary: str
    to: str | None = None


TeamworkCommand = (
    RecordStep | AskForHelp | GiveHelp | PromiseCallback | MakeCallback | HandOverComplaint
)
