"""Holds on the record of a person, and its end."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.intake.domain.policy import looks_personal
from services.intake.domain.subjects.commands import (
    EraseSubject,
    PlaceHold,
    ReleaseHold,
    SubjectCommand,
)
from services.intake.domain.subjects.facts import LegalHoldPlaced, LegalHoldReleased
from shared.decider import Decider, Refused
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.subjects import SubjectErased


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason to keep a person's texts, in force since then."""

    id: str
    reason: Personal
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class LastErasure:
    """The last time that a person was erased, and on what ground."""

    at: datetime
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The record of a person. Nothing was done to it yet, as far as this says nothing."""

    holds: tuple[Hold, ...] = ()
    erasure: LastErasure | None = None


def decide(command: SubjectCommand, state: Subject) -> list[Event]:
    """What comes of it; `[]` if it is already so. Raises `Refused` where a rule forbids it."""
    match command:
        case PlaceHold():
            return _place(command, state)
        case ReleaseHold():
            return _release(command, state)
        case EraseSubject():
            return _erase(command, state)


def _place(command: PlaceHold, state: Subject) -> list[Event]:
    if looks_personal(command.subject_id):
        raise Refused(
            "subject_id_is_personal",
            "A person is named by an opaque id, not an e-mail address or telephone number.",
        )
    reason = Personal(command.subject_id, command.reason)
    if any(one.id == command.hold_id and one.reason == reason for one in state.holds):
        return []
    return [
        LegalHoldPlaced(
            occurred_at=command.now,
            subject_id=command.subject_id,
            hold_id=command.hold_id,
            reason=reason,
        )
    ]


def _release(command: ReleaseHold, state: Subject) -> list[Event]:
    if all(one.id != command.hold_id for one in state.holds):
        raise Refused("no_such_legal_hold", f"There is no hold {command.hold_id} on this person.")
    return [
        LegalHoldReleased(
            occurred_at=command.now, subject_id=command.subject_id, hold_id=command.hold_id
        )
    ]


def _erase(command: EraseSubject, state: Subject) -> list[Event]:
    if state.holds:
        held = ", ".join(one.id for one in state.holds)
        raise Refused("legal_hold", f"Their texts have to be kept: {held}.")
    if command.open_complaints:
        raise Refused(
            "subject_has_open_complaints",
            f"They are needed until these have ended: {', '.join(command.open_complaints)}.",
        )
    if command.in_clear:
        raise Refused(
            "recorded_in_clear",
            "An earlier version recorded texts of theirs in clear, which stay in the log: "
            "docs/operations.md says what can be done.",
        )
    if state.erasure is not None and not command.readable:
        return []
    return [
        SubjectErased(
            occurred_at=command.now,
            subject_id=command.subject_id,
            legal_basis=command.legal_basis,
        )
    ]


def evolve(state: Subject, event: Event) -> Subject:
    """The record of a person after one more fact of its stream."""
    if isinstance(event, LegalHoldPlaced):
        hold = Hold(event.hold_id, event.reason, event.occurred_at)
        return replace(state, holds=(*_without(state, event.hold_id), hold))
    if isinstance(event, LegalHoldReleased):
        return replace(state, holds=_without(state, event.hold_id))
    if isinstance(event, SubjectErased):
        return replace(state, erasure=LastErasure(event.occurred_at, event.legal_basis))
    return state


def _without(state: Subject, hold_id: str) -> tuple[Hold, ...]:
    return tuple(one for one in state.holds if one.id != hold_id)


SUBJECT_DECIDER: Final[Decider[SubjectCommand, Subject]] = Decider(
    initial=Subject(), decide=decide, evolve=evolve
)
