"""What people may do on a case without moving it."""

from dataclasses import dataclass
from typing import ClassVar

from services.intake.domain.asked import Act
from services.intake.domain.authority import HANDLERS


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseworkAct(Act):
    """Work on a complaint that changes neither its status nor whose turn it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote(CaseworkAct):
    """Write something down for staff; possible after the end too."""

    ROLES: ClassVar = HANDLERS

    text: str


CaseworkCommand = AddNote
