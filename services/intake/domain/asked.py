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
    """Something a person does to a complaint; `ROLES` may do it."""

    ROLES: ClassVar[frozenset[Role]]

    by: Author
