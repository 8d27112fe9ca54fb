"""Work on a case that leaves status, turn and ETag as they are."""

from services.intake.domain.casework_commands import AddNote
from shared.events.casework import NoteAdded
from shared.events.personal import Personal
from shared.events.vocabulary import Status, Turn
from tests.unit.intake.story import (
    CLOSED,
    COLLEAGUE,
    CONSUMER,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    SPECIALIST,
    SUPERVISOR,
    given,
)

NOTE = AddNote(now=NOW, by=SPECIALIST, text="She prefers calls after six.")


def test_a_note_moves_nothing() -> None:
    before = given(*IN_PROGRESS)
    told = before.when(NOTE)
    told.then(
        NoteAdded,
        status=Status.IN_PROGRESS,
        turn=Turn.SPECIALIST,
        text=Personal("u1", "She prefers calls after six."),
    )
    assert told.complaint.case.version == before.when(NOTE).complaint.case.version
    assert told.complaint.case.length == len(IN_PROGRESS) + 2  # a filing by telephone is two events


def test_staff_note_things_after_the_end_too() -> None:
    given(*CLOSED).when(AddNote(now=NOW, by=SUPERVISOR, text="Called back.")).then(NoteAdded)


def test_notes_are_for_whoever_handles_the_complaint() -> None:
    for party in (CONSUMER, MERCHANT):
        given(*IN_PROGRESS).when(AddNote(now=NOW, by=party, text="…")).refused("forbidden")
    colleague = AddNote(now=NOW, by=COLLEAGUE, text="…")
    given(*IN_PROGRESS).when(colleague).refused("not_assigned")
    given().when(NOTE).refused("not_found")
