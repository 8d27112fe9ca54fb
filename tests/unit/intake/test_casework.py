"""Work on a case that leaves status, turn and ETag as they are."""

from dataclasses import replace

from services.intake.domain.authority import Author
from services.intake.domain.case import Link
from services.intake.domain.casework_commands import (
    AddNote,
    LinkComplaint,
    Reclassify,
    RecordRegulatorReply,
)
from shared.events.casework import (
    ComplaintLinked,
    ComplaintReclassified,
    NoteAdded,
    RegulatorAnswered,
)
from shared.events.complaints import Demand
from shared.events.personal import Personal
from shared.events.vocabulary import Category, Channel, DemandKind, LinkRelation, Role, Status, Turn
from tests.unit.intake.story import (
    CLOSED,
    COLLEAGUE,
    CONSUMER,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    SPECIALIST,
    SUPERVISOR,
    filing,
    given,
    later,
    withdrawal,
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


def test_a_complaint_turns_out_to_be_about_something_else() -> None:
    about = Reclassify(now=NOW, by=SPECIALIST, reason="It is real.", category=Category.QUALITY)
    told = given(*IN_PROGRESS).when(about)
    told.then(
        ComplaintReclassified,
        category=Category.QUALITY,
        order_ids=("o1",),
        status=Status.IN_PROGRESS,
    )
    assert told.complaint.case.filed.category is Category.QUALITY
    given(*IN_PROGRESS, about).when(about).nothing()
    given(*CLOSED).when(about).refused("wrong_status")


def test_demand_and_orders_can_be_put_right_too() -> None:
    demand = Demand(kind=DemandKind.EXCHANGE)
    other = Reclassify(
        now=NOW, by=SPECIALIST, reason="Misheard.", demand=demand, order_ids=("o7", "o8")
    )
    told = given(*IN_PROGRESS).when(other)
    told.then(ComplaintReclassified, category=Category.COUNTERFEIT, demand=demand)
    assert told.complaint.case.filed.order_ids == ("o7", "o8")


def test_another_track_is_named_once_and_moves_nothing() -> None:
    rule = Author(role=Role.SYSTEM, id="filing")
    link = LinkComplaint(now=NOW, by=rule, other_id="v1", relation=LinkRelation.TRACK)
    told = given(*CLOSED).when(link)
    told.then(ComplaintLinked, other_id="v1", status=Status.CLOSED)
    assert told.complaint.case.links == (Link("v1", LinkRelation.TRACK),)
    given(*CLOSED, link).when(link).nothing()
    related = LinkComplaint(now=NOW, by=rule, other_id="v1", relation=LinkRelation.RELATED)
    given(*CLOSED, link).when(related).then(ComplaintLinked)
    by_hand = LinkComplaint(now=NOW, by=SUPERVISOR, other_id="v1", relation=LinkRelation.TRACK)
    given(*CLOSED).when(by_hand).refused("forbidden")


LETTER = filing(
    channel=Channel.REGULATOR,
    by=Author(role=Role.SERVICE, id="12315", scopes=frozenset({"regulator"})),
)
REPLY = RecordRegulatorReply(now=NOW, by=SUPERVISOR, reference="2026-0117")


def test_a_regulators_letter_is_answered_with_a_reference() -> None:
    told = given(LETTER).when(REPLY)
    told.then(RegulatorAnswered, reference="2026-0117", answered_at=NOW, status=Status.ACCEPTED)
    reply = told.complaint.case.regulator_reply
    assert reply is not None
    assert reply.reference == "2026-0117"
    gone = (LETTER, withdrawal(by=SUPERVISOR))
    earlier = replace(REPLY, answered_at=later(hours=-5))
    given(*gone).when(earlier).then(RegulatorAnswered, answered_at=later(hours=-5))


def test_only_a_regulators_complaint_has_such_an_answer_and_only_in_the_past() -> None:
    given(*IN_PROGRESS).when(REPLY).refused("not_from_regulator")
    tomorrow = replace(REPLY, answered_at=later(days=1))
    given(LETTER).when(tomorrow).refused("occurred_in_future")
