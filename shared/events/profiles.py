"""Events of routing about specialists (key: specialist) and merchants (key: merchant)."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.registry import MERCHANTS, SPECIALISTS, event
from shared.events.vocabulary import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of time, `start` included, `end` not."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistProfile(Event):
    """All that is known of a specialist.

    `tier` 1 to 4, skill levels 1 to 10, `capacity` in weighted effort units. No `shifts` means
    always on shift.
    """

    specialist_id: str
    name: Personal
    email: Personal | None
    team_id: str | None
    tier: int
    skills: dict[Category, int]
    languages: tuple[str, ...]
    capacity: int
    shifts: tuple[Period, ...] = ()
    leave: tuple[Period, ...] = ()


@event("specialist.registered", topic=SPECIALISTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistRegistered(SpecialistProfile):
    """A specialist joined."""


@event("specialist.changed", topic=SPECIALISTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistChanged(SpecialistProfile):
    """A specialist's profile changed; the whole new profile."""


@event("specialist.presence_changed", topic=SPECIALISTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistPresenceChanged(Event):
    """A specialist came online or went offline, at `since`."""

    specialist_id: str
    online: bool
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantProfile(Event):
    """All that is known of a merchant. `merchant_class` picks policies."""

    merchant_id: str
    merchant_class: str
    region: str | None
    contact: Personal | None


@event("merchant.registered", topic=MERCHANTS, wire_names={"merchant_class": "class"})
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantRegistered(MerchantProfile):
    """A merchant became known."""


@event("merchant.changed", topic=MERCHANTS, wire_names={"merchant_class": "class"})
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantChanged(MerchantProfile):
    """A merchant's profile changed; the whole new profile."""


@event("merchant.cooperation_estimated", topic=MERCHANTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantCooperationEstimated(Event):
    """How far a merchant cooperates, as known at `as_of`, in parts per million (0 to 1,000,000).

    `low_ppm` and `high_ppm` bound the central 80 % of the estimate.
    """

    merchant_id: str
    score_ppm: int
    low_ppm: int
    high_ppm: int
    as_of: datetime
    cause_id: str
    aspects: dict[str, int] = field(default_factory=dict)
