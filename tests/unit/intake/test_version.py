"""The ETag moves with status, turn, cycle, assignee, open request or solution, and only then."""

from typing import get_args

import pytest

from services.intake.domain.commands import AnswerForMerchant, Command, PostMessage
from services.intake.domain.evolve import evolve
from services.intake.domain.reports import NoteAcknowledgement, NoteAssessment, NoteFollowUpSent
from services.intake.domain.state import FiledState, NotFiled
from shared.events.clocks import ClockCancelled
from shared.events.complaints import ComplaintEvent, ComplaintWithdrawn
from shared.events.envelope import Event
from shared.events.registry import COMPLAINTS, event_types
from shared.events.subjects import SubjectErased
from shared.events.violations import ViolationFact
from shared.events.vocabulary import Band, ClockKind, Party, Stance, Status, Turn
from tests.unit.intake.story import (
    ASK,
    ASKED,
    ASSIGNED,
    CONSUMER,
    FILED,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    PROPOSED,
    REMEDYING,
    RESOLVED,
    assignment,
    consent,
    contact,
    done,
    given,
    merchant_silent,
    rejection,
    release,
    remedy_overdue,
    reopening,
    resolution,
    solution,
    withdrawal,
)

LATE = AnswerForMerchant(now=NOW, by=MERCHANT, stance=Stance.AGREES, text="Sorry.")
MOVES: list[tuple[tuple[Command, ...], Command]] = [
    (FILED, assignment()),
    (ASSIGNED, release()),
    (ASKED, release()),
    (ASSIGNED, contact()),
    (IN_PROGRESS, ASK),
    (ASKED, LATE),
    (ASKED, merchant_silent()),
    (IN_PROGRESS, solution()),
    (PROPOSED, consent()),
    (PROPOSED, rejection()),
    (REMEDYING, done()),
    (REMEDYING, remedy_overdue()),
    ((*REMEDYING, remedy_overdue()), done()),
    (IN_PROGRESS, resolution()),
    (IN_PROGRESS, withdrawal()),
    (RESOLVED, reopening()),
]
STAYS: list[tuple[tuple[Command, ...], Command]] = [
    (FILED, NoteAcknowledgement(now=NOW, cycle=1, notification_id="n1")),
    (
        FILED,
        NoteAssessment(
            now=NOW, cycle=1, score=1, band=Band.SIMPLE, needed_tier=1, policy_version="1"
        ),
    ),
    (RESOLVED, NoteFollowUpSent(now=NOW, cycle=1, follow_up_id="f1")),
    (ASSIGNED, contact(two_way=False)),
    (IN_PROGRESS, contact()),
    (ASSIGNED, PostMessage(now=NOW, by=CONSUMER, text="Hello")),
    ((*ASKED, merchant_silent()), LATE),
]


def complaint(*past: Command) -> FiledState:
    state = given(*past).state
    assert not isinstance(state, NotFiled)
    return state


@pytest.mark.parametrize(("past", "command"), MOVES)
def test_it_moves_to_the_version_of_the_event(past: tuple[Command, ...], command: Command) -> None:
    after = complaint(*past, command).case
    assert after.version == after.length


@pytest.mark.parametrize(("past", "command"), STAYS)
def test_it_stays(past: tuple[Command, ...], command: Command) -> None:
    before, after = complaint(*past).case, complaint(*past, command).case
    assert (after.version, after.length) == (before.version, before.length + 1)


def test_with_two_events_it_is_the_version_of_the_second() -> None:
    assert complaint(*FILED).case.version == 2


def test_facts_about_what_was_never_filed_change_nothing() -> None:
    fact = ComplaintWithdrawn(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        status=Status.WITHDRAWN,
        turn=Turn.NOBODY,
        by="u1",
    )
    assert evolve(NotFiled(), fact) == NotFiled()


def test_a_fact_of_another_kind_is_counted_and_changes_nothing() -> None:
    before = complaint(*ASSIGNED)
    fact = ClockCancelled(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        clock_id="k",
        kind=ClockKind.REMEDY,
        n=1,
        party=Party.MERCHANT,
        reason="over",
    )
    assert evolve(before, fact) == before


def every_complaint_event() -> list[type[Event]]:
    return [entry.cls for entry in event_types() if entry.topic == COMPLAINTS]


def test_every_event_of_a_complaint_was_met_in_these_stories() -> None:
    """Violations and persons lie on the same topic, under streams of their own."""
    others = {cls for cls in every_complaint_event() if not issubclass(cls, ComplaintEvent)}
    assert others == {*get_args(ViolationFact), SubjectErased}
