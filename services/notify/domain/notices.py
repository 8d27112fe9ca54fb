"""Who is told what: the pure core of a notification, before language, address and channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from services.notify.domain.case import Case
from shared.events.personal import Personal
from shared.events.vocabulary import Role

OPS_DESK: Final = "ops"
"""Recipient id of the inbox that everybody with role ops reads."""

EVERY_TEAM: Final = "team:*"
"""Recipient id of the inbox that every supervisor reads: complaints without a team."""


class Nature(StrEnum):
    """What a notification is, as far as holding it back is concerned."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REQUEST = "request"
    SOLUTION = "solution"
    ASSIGNMENT = "assignment"
    SURVEY = "survey"
    MESSAGE = "message"
    OUTCOME = "outcome"
    ALERT = "alert"
    WARNING = "warning"
    PROGRESS = "progress"


SUPPRESSIBLE: Final = frozenset({Nature.WARNING, Nature.PROGRESS})
"""What need not be said when it comes too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody to tell. `id` is a subject, a merchant, `team:<id>` or the desk of ops."""

    role: Role
    id: str

    @property
    def key(self) -> str:
        """Names the recipient in ids and documents."""
        return f"{self.role}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to say to one recipient. `values` and `quote` fill the template's blanks.

    `quote` is what a person wrote. `overtaken` says why it need not be said, if that is so already.
    """

    template: str
    to: Recipient
    nature: Nature
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    quote: Personal | None = None
    due_at: datetime | None = None
    overtaken: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message that states a deadline, kept until the clock that knows it has started."""

    template: str
    to: Recipient
    nature: Nature
    values: dict[str, str]
    quote: Personal | None

    def release(self, due_at: datetime | None) -> Notice:
        """The message with its deadline; None: the deadline cannot be computed yet."""
        return Notice(
            template=self.template,
            to=self.to,
            nature=self.nature,
            values=self.values,
            quote=self.quote,
            due_at=due_at,
        )


def consumer(case: Case) -> Recipient:
    """Who complained."""
    return Recipient(role=Role.CONSUMER, id=case.consumer_id)


def merchant(case: Case) -> Recipient:
    """Who is complained of."""
    return Recipient(role=Role.MERCHANT, id=case.merchant_id)


def specialist(case: Case) -> Recipient:
    """Who works on it; without anybody, the supervisors."""
    if case.specialist_id is None:
        return supervisors(case)
    return Recipient(role=Role.SPECIALIST, id=case.specialist_id)


def supervisors(case: Case) -> Recipient:
    """The team's supervisors, or all of them where there is no team yet."""
    team = EVERY_TEAM if case.team_id is None else f"team:{case.team_id}"
    return Recipient(role=Role.SUPERVISOR, id=team)


def ops() -> Recipient:
    """Whoever runs the platform."""
    return Recipient(role=Role.OPS, id=OPS_DESK)


def money_values(
    name: str, kind: str | None, amount_minor: int | None, currency: str | None
) -> dict[str, str]:
    """A remedy under `name` and its `amount`, as blanks: minor units and currency, or nothing."""
    values = {name: kind or "", "amount": ""}
    if amount_minor is not None and currency is not None:
        values["amount"] = f"{amount_minor} {currency}"
    return values
