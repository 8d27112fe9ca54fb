"""What routing's API takes: every field with its range, nothing that the contract does not name."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field, StrictBool, StringConstraints, model_validator

from services.routing.domain.merchants import Profile as MerchantProfile
from services.routing.domain.specialists import Profile
from shared.events.personal import Personal
from shared.events.profiles import Period
from shared.events.vocabulary import Category
from shared.http import INTEGRAL, Body, Instant

_IDENTITY = r"^[^\s/\x00-\x1f\x7f]+$"

Identity = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_IDENTITY)]
PathIdentity = Annotated[str, Path(min_length=1, max_length=128, pattern=_IDENTITY)]
Language = Annotated[
    str,
    StringConstraints(min_length=2, max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Skills = dict[Category, Annotated[int, Field(ge=1, le=10, strict=True), INTEGRAL]]
Tier = Annotated[int, Field(ge=1, le=4, strict=True), INTEGRAL]
Languages = Annotated[list[Language], Field(min_length=1, max_length=20)]
Capacity = Annotated[int, Field(ge=0, le=10_000, strict=True), INTEGRAL]


class PeriodBody(Body):
    """A span of time; `end` is no longer part of it."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _in_order(self) -> "PeriodBody":
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")
        return self

    @property
    def period(self) -> Period:
        """As the domain has it."""
        return Period(start=self.start, end=self.end)


Periods = Annotated[list[PeriodBody], Field(max_length=1000)]


class SpecialistBody(Body):
    """A specialist to register."""

    id: Identity
    name: Name
    skills: Skills
    tier: Tier
    languages: Languages
    capacity: Capacity
    email: Email | None = None
    team_id: Identity | None = None
    shifts: Periods = Field(default_factory=list)
    leave: Periods = Field(default_factory=list)

    @property
    def profile(self) -> Profile:
        """As the domain has it."""
        return Profile(
            name=Personal(self.id, self.name),
            email=None if self.email is None else Personal(self.id, self.email),
            team_id=self.team_id,
            tier=self.tier,
            skills=self.skills,
            languages=tuple(self.languages),
            capacity=self.capacity,
            shifts=periods(self.shifts),
            leave=periods(self.leave),
        )


class SpecialistChanges(Body):
    """What is to change; what is left out stays as it is."""

    name: Name | None = None
    skills: Skills | None = None
    tier: Tier | None = None
    languages: Languages | None = None
    capacity: Capacity | None = None
    email: Email | None = None
    team_id: Identity | None = None
    shifts: Periods | None = None
    leave: Periods | None = None

    def applied(self, profile: Profile, specialist_id: str) -> Profile:
        """The profile with the changes. Only `email` and `team_id` may be taken away (null)."""
        given = self.model_fields_set
        email = None if self.email is None else Personal(specialist_id, self.email)
        return Profile(
            name=profile.name if self.name is None else Personal(specialist_id, self.name),
            email=email if "email" in given else profile.email,
            team_id=self.team_id if "team_id" in given else profile.team_id,
            tier=profile.tier if self.tier is None else self.tier,
            skills=profile.skills if self.skills is None else self.skills,
            languages=profile.languages if self.languages is None else tuple(self.languages),
            capacity=profile.capacity if self.capacity is None else self.capacity,
            shifts=profile.shifts if self.shifts is None else periods(self.shifts),
            leave=profile.leave if self.leave is None else periods(self.leave),
        )


class PresenceBody(Body):
    """Online or not."""

    online: StrictBool


class ShiftsBody(Body):
    """All shifts, in place of those before. None: always on shift."""

    shifts: Periods


class LeaveBody(Body):
    """All leave, in place of that before."""

    leave: Periods


class ContactBody(Body):
    """How to reach a merchant."""

    email: Email


class MerchantBody(Body):
    """A merchant's profile."""

    merchant_class: Annotated[Identity, Field(alias="class")] = "standard"
    region: Identity | None = None
    contact: ContactBody | None = None

    def profile(self, merchant_id: str) -> MerchantProfile:
        """As the domain has it."""
        contact = None if self.contact is None else Personal(merchant_id, self.contact.email)
        return MerchantProfile(
            merchant_class=self.merchant_class, region=self.region, contact=contact
        )


class ReassignmentBody(Body):
    """To whom, and why."""

    specialist_id: Identity
    reason: Reason


class DeclineBody(Body):
    """Why not."""

    reason: Reason


def periods(bodies: list[PeriodBody]) -> tuple[Period, ...]:
    """In order of start."""
    found = (body.period for body in bodies)
    return tuple(sorted(found, key=_bounds))


def _bounds(period: Period) -> tuple[datetime, datetime]:
    return period.start, period.end
