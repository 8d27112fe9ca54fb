"""A merchant: what ops say of it, and how far it cooperates."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from services.routing.domain.cooperation import (
    DayCount,
    Ruling,
    convicted,
    day_of,
    estimate,
    recount,
)
from services.routing.domain.events import MerchantConductNoted, MerchantTimelinessNoted, Verdict
from services.routing.domain.policy import RoutingPolicy
from shared.decider import Decider
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.profiles import (
    MerchantChanged,
    MerchantCooperationEstimated,
    MerchantProfile,
    MerchantRegistered,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What ops say of a merchant."""

    merchant_class: str
    region: str | None
    contact: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """A merchant, registered (with a profile) or only met in a complaint.

    `as_of` is the latest instant any of its facts took place; it never goes back. `violations` are
    the confirmed ones that have been counted.
    """

    profile: Profile | None = None
    days: dict[int, DayCount] = field(default_factory=dict)
    as_of: datetime | None = None
    violations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PutProfile:
    """Register the merchant, or replace its profile."""

    now: datetime
    merchant_id: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTimeliness:
    """One request's verdict changed. `now` is when the fact behind it took place."""

    now: datetime
    merchant_id: str
    complaint_id: str
    clock_id: str
    before: Ruling | None
    after: Ruling | None
    cause_id: str
    policy: RoutingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteConduct:
    """A violation was confirmed at `now`. `severity` 1 to 3."""

    now: datetime
    merchant_id: str
    complaint_id: str
    violation_id: str
    severity: int
    cause_id: str
    policy: RoutingPolicy


Command = PutProfile | NoteTimeliness | NoteConduct


def decide(command: Command, state: Merchant) -> list[Event]:
    """Say what happens next. Never refuses."""
    match command:
        case PutProfile():
            return _put(command, state)
        case NoteTimeliness():
            return _note(command, state)
        case NoteConduct():
            return _note_conduct(command, state)


def _put(command: PutProfile, state: Merchant) -> list[Event]:
    if state.profile == command.profile:
        return []
    kind = MerchantRegistered if state.profile is None else MerchantChanged
    return [
        kind(
            occurred_at=command.now,
            merchant_id=command.merchant_id,
            merchant_class=command.profile.merchant_class,
            region=command.profile.region,
            contact=command.profile.contact,
        )
    ]


def _note(command: NoteTimeliness, state: Merchant) -> list[Event]:
    if command.before == command.after:
        return []
    noted = MerchantTimelinessNoted(
        occurred_at=command.now,
        merchant_id=command.merchant_id,
        complaint_id=command.complaint_id,
        clock_id=command.clock_id,
        before=command.before.verdict if command.before else None,
        before_day=command.before.day if command.before else 0,
        after=command.after.verdict if command.after else None,
        after_day=command.after.day if command.after else 0,
    )
    return [noted, _estimated(command, evolve(state, noted))]


def _note_conduct(command: NoteConduct, state: Merchant) -> list[Event]:
    if command.violation_id in state.violations:
        return []
    noted = MerchantConductNoted(
        occurred_at=command.now,
        merchant_id=command.merchant_id,
        complaint_id=command.complaint_id,
        violation_id=command.violation_id,
        day=day_of(command.now),
        severity=command.severity,
    )
    return [noted, _estimated(command, evolve(state, noted))]


def _estimated(
    command: NoteTimeliness | NoteConduct, after: Merchant
) -> MerchantCooperationEstimated:
    as_of = after.as_of or command.now
    found = estimate(after.days, as_of, command.policy)
    return MerchantCooperationEstimated(
        occurred_at=command.now,
        merchant_id=command.merchant_id,
        score_ppm=found.score_ppm,
        low_ppm=found.low_ppm,
        high_ppm=found.high_ppm,
        as_of=as_of,
        cause_id=command.cause_id,
        aspects=found.aspects,
    )


def evolve(state: Merchant, event: Event) -> Merchant:
    """What an event leads to."""
    if isinstance(event, MerchantProfile):
        profile = Profile(
            merchant_class=event.merchant_class, region=event.region, contact=event.contact
        )
        return replace(state, profile=profile)
    if isinstance(event, MerchantTimelinessNoted):
        before = _ruling(event.before, event.before_day)
        after = _ruling(event.after, event.after_day)
        days = recount(state.days, before, after)
        return replace(state, days=days, as_of=_latest(state, event.occurred_at))
    if isinstance(event, MerchantConductNoted):
        return replace(
            state,
            days=convicted(state.days, event.day, event.severity),
            as_of=_latest(state, event.occurred_at),
            violations=state.violations | {event.violation_id},
        )
    return state


def _latest(state: Merchant, at: datetime) -> datetime:
    return at if state.as_of is None else max(state.as_of, at)


def _ruling(verdict: Verdict | None, day: int) -> Ruling | None:
    return None if verdict is None else Ruling(verdict=verdict, day=day)


MERCHANT: Final[Decider[Command, Merchant]] = Decider(Merchant(), decide, evolve)
