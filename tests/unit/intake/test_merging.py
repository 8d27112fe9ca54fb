"""A duplicate goes on in the complaint it repeats, and can be taken apart again."""

from dataclasses import replace

import pytest

from services.intake.domain.casework_commands import AddNote
from services.intake.domain.commands import Command
from services.intake.domain.merge_commands import (
    AbsorbComplaint,
    GiveBack,
    MergeComplaint,
    Survivor,
    UndoMerge,
)
from services.intake.domain.state import Accepted, AwaitingMerchant, Duplicate, Submitted
from shared.events.casework import NoteAdded
from shared.events.complaints import ComplaintAssigned, ComplaintUnassigned
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged
from shared.events.vocabulary import Status, Turn, UnassignReason
from tests.unit.intake.story import (
    ASKED,
    CLOSED,
    EXTERNAL,
    FILED,
    IN_PROGRESS,
    NOW,
    SPECIALIST,
    SUBMITTED,
    SUPERVISOR,
    assignment,
    given,
    later,
    merchant_silent,
    withdrawal,
)

TWIN = Survivor(consumer_id="u1", merchant_id="m1", order_ids=("o1", "o2"))
MERGE = MergeComplaint(now=NOW, by=SUPERVISOR, into_id="c2", survivor=TWIN, reason="Twice.")
ABSORB = AbsorbComplaint(now=NOW, by=SUPERVISOR, from_id="c0", accepted_at=later(hours=-3))
UNDO = UndoMerge(now=NOW, by=SUPERVISOR, n=1, reason="Another parcel.")


@pytest.mark.parametrize("past", [SUBMITTED, FILED, IN_PROGRESS, ASKED])
def test_a_duplicate_is_nobodys_turn(past: tuple[Command, ...]) -> None:
    told = given(*past).when(MERGE)
    told.then(ComplaintMerged, into_id="c2", by="boss", status=Status.DUPLICATE, turn=Turn.NOBODY)
    assert isinstance(told.complaint, Duplicate)


@pytest.mark.parametrize(
    "other",
    [
        replace(MERGE, into_id="c1"),
        replace(MERGE, survivor=replace(TWIN, consumer_id="u9")),
        replace(MERGE, survivor=replace(TWIN, merchant_id="m9")),
        replace(MERGE, survivor=replace(TWIN, order_ids=("o9",))),
    ],
)
def test_only_the_same_matter_is_merged(other: MergeComplaint) -> None:
    given(*FILED).when(other).refused("not_a_duplicate")


def test_what_is_over_or_outside_or_has_duplicates_itself_is_not_merged() -> None:
    given(*CLOSED).when(MERGE).refused("wrong_status")
    given(*EXTERNAL).when(MERGE).refused("wrong_status")
    given(*FILED, ABSORB).when(MERGE).refused("has_absorbed")
    given(*FILED).when(replace(MERGE, by=SPECIALIST)).refused("forbidden")


def test_the_survivor_knows_the_earlier_acceptance() -> None:
    told = given(*FILED).when(ABSORB)
    told.then(ComplaintAbsorbed, from_id="c0", earliest_accepted_at=later(hours=-3))
    assert told.complaint.case.version == len(told.complaint.case.absorbed) + 1  # the filing's
    mine = replace(ABSORB, accepted_at=later(hours=3))
    given(*FILED).when(mine).then(ComplaintAbsorbed, earliest_accepted_at=NOW)
    none = replace(ABSORB, accepted_at=None)
    given(*SUBMITTED).when(none).then(ComplaintAbsorbed, earliest_accepted_at=None)
    given(*CLOSED).when(ABSORB).refused("wrong_status")
    given(*EXTERNAL).when(ABSORB).then(ComplaintAbsorbed, status=Status.EXTERNAL)


def test_nothing_moves_a_duplicate_but_notes_are_taken() -> None:
    merged = (*ASKED, MERGE)
    given(*merged).when(withdrawal()).refused("wrong_status")
    given(*merged).when(merchant_silent()).nothing()
    given(*merged).when(assignment(2)).nothing()
    note = AddNote(now=NOW, by=SUPERVISOR, text="Same parcel.")
    given(*merged).when(note).then(NoteAdded, status=Status.DUPLICATE)


def test_undone_it_stands_where_it_stood_without_its_specialist() -> None:
    told = given(*ASKED, MERGE).when(UNDO)
    told.then(ComplaintUnmerged, ComplaintUnassigned, status=Status.AWAITING_MERCHANT)
    assert isinstance(told.complaint, AwaitingMerchant)
    assert told.complaint.assignment is None
    unassigned = told.events[1]
    assert isinstance(unassigned, ComplaintUnassigned)
    assert unassigned.reason is UnassignReason.TERMINAL
    given(*ASKED, MERGE, UNDO).when(assignment(2)).then(ComplaintAssigned, n=2)

    told = given(*IN_PROGRESS, MERGE).when(UNDO)
    assert isinstance(told.complaint, Accepted)
    assert told.complaint.contacted
    told = given(*SUBMITTED, MERGE).when(UNDO)
    told.then(ComplaintUnmerged)
    assert isinstance(told.complaint, Submitted)


def test_only_the_merge_in_force_is_undone() -> None:
    given(*FILED, MERGE).when(replace(UNDO, n=2)).refused("not_found")
    given(*FILED).when(UNDO).refused("wrong_status")
    twice = (*FILED, MERGE, UNDO, MERGE)
    given(*twice).when(UNDO).refused("not_found")
    given(*twice).when(replace(UNDO, n=2)).then(ComplaintUnmerged)


def test_the_survivor_gives_back_what_it_took_in() -> None:
    back = GiveBack(now=NOW, by=SUPERVISOR, other_id="c0", reason="Another parcel.")
    absorbed = (*FILED, ABSORB)
    told = given(*absorbed).when(back)
    told.then(ComplaintUnmerged, other_id="c0", status=Status.ACCEPTED)
    assert told.complaint.case.absorbed == frozenset()
    assert told.complaint.case.version == given(*absorbed).when(ABSORB).complaint.case.version
    given(*FILED).when(back).nothing()
