"""What every command carries; commands of people carry who asks, and say which roles may."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.intake.domain.authority import Author
from shared.events.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every command carries."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Asked):
    """Something a person does to a complaint; `ROLES` may do it.

    `HELPERS`: so may whoever was asked to help, though the complaint is not theirs.
    """

    ROLES: ClassVar[frozenset[Role]]
    HELPERS: ClassVar[bool] = False

    by: Author
