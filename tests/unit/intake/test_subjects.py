"""Holds on the record of a person, and its end."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.subjects.commands import (
    EraseSubject,
    PlaceHold,
    ReleaseHold,
    SubjectCommand,
)
from services.intake.domain.subjects.deciding import SUBJECT_DECIDER, LastErasure, Subject
from services.intake.domain.subjects.facts import LegalHoldPlaced, LegalHoldReleased
from shared.decider import Refused
from shared.events.envelope import Event
from shared.events.profiles import SpecialistPresenceChanged
from shared.events.subjects import SubjectErased
from tests.unit.intake.story import NOW

LATER = NOW + timedelta(days=1)


def place(hold_id: str = "court-1", **change: Any) -> PlaceHold:
    """Keep their texts for a court."""
    given: dict[str, Any] = {"now": NOW, "subject_id": "u1", "reason": "The case is in court."}
    return PlaceHold(hold_id=hold_id, **(given | change))


def release(hold_id: str = "court-1") -> ReleaseHold:
    """The court has decided."""
    return ReleaseHold(now=NOW, subject_id="u1", hold_id=hold_id)


def erase(*open_complaints: str, **change: Any) -> EraseSubject:
    """They ask to be forgotten."""
    given: dict[str, Any] = {
        "now": NOW,
        "subject_id": "u1",
        "legal_basis": "PIPL Art. 47",
        "readable": True,
    }
    return EraseSubject(open_complaints=open_complaints, **(given | change))


@dataclass(frozen=True)
class Told:
    """The record of a person with a past, and what came of the last command."""

    state: Subject
    events: tuple[Event, ...] = ()
    refusal: Refused | None = None

    def when(self, command: SubjectCommand) -> "Told":
        """Something is asked."""
        try:
            events = SUBJECT_DECIDER.decide(command, self.state)
        except Refused as refusal:
            return Told(self.state, (), refusal)
        return Told(SUBJECT_DECIDER.fold(events, self.state), tuple(events))

    def then(self, *expected: type[Event]) -> "Told":
        """These events, in this order; none: it is already so."""
        assert self.refusal is None, self.refusal
        assert [type(event) for event in self.events] == [*expected]
        return self

    def refused(self, code: str, *named: str) -> None:
        """A rule says no, with this code, and names these."""
        assert self.refusal is not None, self.events
        assert self.refusal.code == code
        assert all(name in self.refusal.detail for name in named)


def given(*commands: SubjectCommand) -> Told:
    """What happened so far."""
    told = Told(Subject())
    for command in commands:
        told = told.when(command)
        assert told.events, command
    return told


def holds(told: Told) -> list[tuple[str, str]]:
    return [(one.id, one.reason.text) for one in told.state.holds]


def test_a_person_is_erased_on_a_ground() -> None:
    told = given().when(erase()).then(SubjectErased)
    [erased] = told.events
    assert isinstance(erased, SubjectErased)
    assert (erased.subject_id, erased.legal_basis) == ("u1", "PIPL Art. 47")
    assert told.state.erasure == LastErasure(NOW, "PIPL Art. 47")


def test_who_was_erased_and_wrote_nothing_since_is_erased_already() -> None:
    given(erase()).when(erase(readable=False)).then()


def test_who_was_erased_and_has_written_since_is_erased_again() -> None:
    told = given(erase()).when(erase(now=LATER, legal_basis="PIPL Art. 47 (2)"))
    assert told.then(SubjectErased).state.erasure == LastErasure(LATER, "PIPL Art. 47 (2)")


def test_who_never_wrote_can_be_erased() -> None:
    given().when(erase(readable=False)).then(SubjectErased)


def test_nobody_is_erased_while_a_complaint_of_theirs_is_open() -> None:
    given().when(erase("c1", "c2")).refused("subject_has_open_complaints", "c1", "c2")


def test_nobody_is_erased_while_their_texts_have_to_be_kept() -> None:
    given(place(), place("audit-7")).when(erase()).refused("legal_hold", "court-1", "audit-7")


def test_what_was_recorded_in_clear_is_not_called_erased() -> None:
    given().when(erase(in_clear=True)).refused("recorded_in_clear", "docs/operations.md")


def test_a_hold_says_more_than_open_complaints() -> None:
    given(place()).when(erase("c1")).refused("legal_hold")


def test_every_hold_has_to_be_released() -> None:
    told = given(place(), place("audit-7"), release())
    told.when(erase()).refused("legal_hold", "audit-7")
    told.when(release("audit-7")).then(LegalHoldReleased).when(erase()).then(SubjectErased)


def test_the_same_hold_for_the_same_reason_is_there_already() -> None:
    given(place()).when(place()).then()


def test_a_hold_may_stand_for_another_reason_from_now_on() -> None:
    told = given(place()).when(place(reason="An appeal.", now=LATER)).then(LegalHoldPlaced)
    assert holds(told) == [("court-1", "An appeal.")]
    assert told.state.holds[0].placed_at == LATER


def test_a_hold_that_is_not_there_cannot_be_released() -> None:
    given(place()).when(release("audit-7")).refused("no_such_legal_hold", "audit-7")
    given(place(), release()).when(release()).refused("no_such_legal_hold", "court-1")


@pytest.mark.parametrize("subject_id", ["li@example.com", "13812345678"])
def test_a_person_is_not_named_by_what_identifies_them(subject_id: str) -> None:
    given().when(place(subject_id=subject_id)).refused("subject_id_is_personal")


def test_what_the_reason_was_is_the_person_s_own_text() -> None:
    [placed] = given(place()).events
    assert isinstance(placed, LegalHoldPlaced)
    assert placed.reason.subject == "u1"


def test_other_facts_change_nothing() -> None:
    other = SpecialistPresenceChanged(occurred_at=NOW, specialist_id="s1", online=True, since=NOW)
    assert SUBJECT_DECIDER.evolve(Subject(), other) == Subject()
