"""A specialist: profile, presence, and when nothing may wait for them any more."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from services.routing.domain.events import Absence, SpecialistCameBack, SpecialistWentAbsent
from shared.decider import Decider, Refused
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.profiles import (
    Period,
    SpecialistChanged,
    SpecialistPresenceChanged,
    SpecialistProfile,
    SpecialistRegistered,
)
from shared.events.vocabulary import Category

P = TypeVar("P", bound=SpecialistProfile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What ops say of a specialist. Units and ranges as in `specialist.registered`."""

    name: Personal
    email: Personal | None
    team_id: str | None
    tier: int
    skills: dict[Category, int]
    languages: tuple[str, ...]
    capacity: int
    shifts: tuple[Period, ...] = ()
    leave: tuple[Period, ...] = ()

    def on_shift(self, at: datetime) -> bool:
        """Whether a shift covers the instant. Without any shifts: always."""
        return not self.shifts or _covered(self.shifts, at)

    def on_leave(self, at: datetime) -> bool:
        """Whether a leave covers the instant."""
        return _covered(self.leave, at)

    def next_change(self, after: datetime) -> datetime | None:
        """When a shift or leave begins or ends next."""
        edges = (edge for p in (*self.shifts, *self.leave) for edge in (p.start, p.end))
        return min((edge for edge in edges if edge > after), default=None)


def _covered(periods: tuple[Period, ...], at: datetime) -> bool:
    return any(period.start <= at < period.end for period in periods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist:
    """A registered specialist. `since` is when presence last changed (business time).

    `absent` holds every reason for which nothing waits for them: being offline joins it only once
    the grace is over.
    """

    specialist_id: str
    profile: Profile
    online: bool
    since: datetime
    absent: frozenset[Absence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Nobody by this id."""


State = Unregistered | Specialist


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Let a specialist join, offline at first."""

    now: datetime
    specialist_id: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProfile:
    """Replace the profile."""

    now: datetime
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPresence:
    """Come online or go offline."""

    now: datetime
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndGrace:
    """The grace granted when they went offline at `since` is over."""

    now: datetime
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRoster:
    """See whether a shift or leave began or ended."""

    now: datetime


Command = Register | ChangeProfile | SetPresence | EndGrace | CheckRoster


def decide(command: Command, state: State) -> list[Event]:
    """Say what happens next.

    Raises `Refused`: `specialist_exists` on a second registration with another profile,
    `not_found` for anything else about somebody unknown.
    """
    match command:
        case Register():
            return _register(command, state)
        case ChangeProfile():
            return _change(command, _known(state))
        case SetPresence():
            return _presence(command, _known(state))
        case EndGrace():
            return _end_grace(command, _known(state))
        case CheckRoster():
            known = _known(state)
            return _roster(known.specialist_id, known.profile, known.absent, command.now)


def _known(state: State) -> Specialist:
    match state:
        case Unregistered():
            raise Refused("not_found", "There is no such specialist.")
        case Specialist():
            return state


def _register(command: Register, state: State) -> list[Event]:
    match state:
        case Unregistered():
            registered = _told(
                SpecialistRegistered, command.now, command.specialist_id, command.profile
            )
            roster = _roster(command.specialist_id, command.profile, frozenset(), command.now)
            return [registered, *roster]
        case Specialist():
            if state.profile == command.profile:
                return []
            raise Refused("specialist_exists", "A specialist with this id is registered already.")


def _change(command: ChangeProfile, state: Specialist) -> list[Event]:
    if command.profile == state.profile:
        return []
    changed = _told(SpecialistChanged, command.now, state.specialist_id, command.profile)
    roster = _roster(state.specialist_id, command.profile, state.absent, command.now)
    return [changed, *roster]


def _presence(command: SetPresence, state: Specialist) -> list[Event]:
    if command.online == state.online:
        return []
    return [
        SpecialistPresenceChanged(
            occurred_at=command.now,
            specialist_id=state.specialist_id,
            online=command.online,
            since=command.now,
        )
    ]


def _end_grace(command: EndGrace, state: Specialist) -> list[Event]:
    overtaken = state.online or state.since != command.since
    if overtaken or Absence.OFFLINE in state.absent:
        return []
    return [
        SpecialistWentAbsent(
            occurred_at=command.now,
            specialist_id=state.specialist_id,
            reason=Absence.OFFLINE,
        )
    ]


def _roster(
    specialist_id: str, profile: Profile, absent: frozenset[Absence], now: datetime
) -> list[Event]:
    due = {
        Absence.LEAVE: profile.on_leave(now),
        Absence.SHIFT_END: not profile.on_shift(now),
    }
    events: list[Event] = []
    for reason, is_away in due.items():
        if is_away and reason not in absent:
            events.append(
                SpecialistWentAbsent(occurred_at=now, specialist_id=specialist_id, reason=reason)
            )
        if not is_away and reason in absent:
            events.append(
                SpecialistCameBack(occurred_at=now, specialist_id=specialist_id, reason=reason)
            )
    return events


def _told(kind: type[P], now: datetime, specialist_id: str, profile: Profile) -> P:
    return kind(
        occurred_at=now,
        specialist_id=specialist_id,
        name=profile.name,
        email=profile.email,
        team_id=profile.team_id,
        tier=profile.tier,
        skills=profile.skills,
        languages=profile.languages,
        capacity=profile.capacity,
        shifts=profile.shifts,
        leave=profile.leave,
    )


def profile_of(event: SpecialistProfile) -> Profile:
    """The profile an event carries."""
    return Profile(
        name=event.name,
        email=event.email,
        team_id=event.team_id,
        tier=event.tier,
        skills=event.skills,
        languages=event.languages,
        capacity=event.capacity,
        shifts=event.shifts,
        leave=event.leave,
    )


def evolve(state: State, event: Event) -> State:
    """What an event leads to."""
    if isinstance(event, SpecialistRegistered):
        return Specialist(
            specialist_id=event.specialist_id,
            profile=profile_of(event),
            online=False,
            since=event.occurred_at,
            absent=frozenset({Absence.OFFLINE}),
        )
    match state:
        case Unregistered():
            return state
        case Specialist():
            return _evolve_known(state, event)


def _evolve_known(state: Specialist, event: Event) -> Specialist:
    if isinstance(event, SpecialistChanged):
        return replace(state, profile=profile_of(event))
    if isinstance(event, SpecialistPresenceChanged):
        absent = state.absent - {Absence.OFFLINE} if event.online else state.absent
        return replace(state, online=event.online, since=event.since, absent=absent)
    if isinstance(event, SpecialistWentAbsent):
        return replace(state, absent=state.absent | {event.reason})
    if isinstance(event, SpecialistCameBack):
        return replace(state, absent=state.absent - {event.reason})
    return state


SPECIALIST: Final[Decider[Command, State]] = Decider(Unregistered(), decide, evolve)
