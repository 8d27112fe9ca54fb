"""What decisions never lead to is understood all the same: the past is folded, not judged."""

from services.intake.domain.evolve import evolve
from services.intake.domain.stamp import wrong_status
from services.intake.domain.state import Assigned, NotFiled
from shared.events.complaints import ComplaintAssigned, ComplaintUnassigned
from shared.events.vocabulary import Status, Turn, UnassignReason
from tests.unit.intake.story import NOW, RESOLVED, SUBMITTED, given

ASSIGNED_THEN = ComplaintAssigned(
    complaint_id="c1",
    cycle=1,
    occurred_at=NOW,
    status=Status.ASSIGNED,
    turn=Turn.SPECIALIST,
    n=7,
    specialist_id="s7",
    team_id=None,
    decision_id="d7",
)
RELEASED_THEN = ComplaintUnassigned(
    complaint_id="c1",
    cycle=1,
    occurred_at=NOW,
    status=Status.RESOLVED,
    turn=Turn.NOBODY,
    n=1,
    specialist_id="s1",
    reason=UnassignReason.ABSENT,
)


def test_an_assignment_before_acceptance_leads_to_assigned() -> None:
    after = evolve(given(*SUBMITTED).state, ASSIGNED_THEN)
    assert isinstance(after, Assigned)
    assert after.assignment.specialist_id == "s7"


def test_a_release_after_the_end_is_remembered_and_changes_nothing_else() -> None:
    before = given(*RESOLVED).state
    assert not isinstance(before, NotFiled)
    after = evolve(before, RELEASED_THEN)
    assert type(after) is type(before)
    assert not isinstance(after, NotFiled)
    assert after.case.cycle.released == before.case.cycle.released | {"s1"}


def test_what_was_never_filed_is_not_found_whatever_is_asked_of_it() -> None:
    assert wrong_status(NotFiled(), "Withdrawing").code == "not_found"
