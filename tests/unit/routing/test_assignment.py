"""Who has a complaint: the assignment's decisions, and its crossings in both orders."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.routing.domain.assignment import ASSIGNMENT
from services.routing.domain.assignment_terms import (
    SUPERVISOR,
    Assess,
    Command,
    Decide,
    Decline,
    End,
    Ended,
    HandOver,
    Held,
    Idle,
    NoteUrgency,
    Queued,
    Reassess,
    Reassign,
    Release,
    State,
)
from services.routing.domain.events import (
    AssignmentEnded,
    AssignmentReasonGiven,
    AssignmentUrgencyChanged,
    Intervention,
)
from shared.decider import Refused
from shared.events.assignments import AssignmentAssessed, AssignmentDecided, AssignmentReleased
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.profiles import SpecialistPresenceChanged
from shared.events.vocabulary import Outcome, UnassignReason
from tests.unit.routing.build import HOUR, NOW, assessment, choice

LATER = NOW + HOUR
REASON = Personal("u1", "knows the shop")


def assess(cycle: int = 1) -> Assess:
    return Assess(now=NOW, complaint_id="c1", cycle=cycle, assessment=assessment())


def decide(specialist_id: str | None = "s1", *, cycle: int = 1, after_n: int = 0) -> Decide:
    return Decide(
        now=LATER,
        complaint_id="c1",
        cycle=cycle,
        after_n=after_n,
        choice=choice(specialist_id),
    )


def reassign(specialist_id: str = "s2") -> Reassign:
    return Reassign(
        now=LATER,
        complaint_id="c1",
        supervisor_id="boss",
        reason=REASON,
        choice=choice(specialist_id, inputs={"decided_by": SUPERVISOR}),
    )


def decline(specialist_id: str = "s1") -> Decline:
    return Decline(now=LATER, complaint_id="c1", specialist_id=specialist_id, reason=REASON)


def release(specialist_id: str = "s1") -> Release:
    return Release(
        now=LATER,
        complaint_id="c1",
        specialist_id=specialist_id,
        reason=UnassignReason.ABSENT,
    )


def hand_over(to: str | None = None, *, cycle: int = 1, n: int = 1) -> HandOver:
    found = None if to is None else choice(to, inputs={"decided_by": "hand_over"})
    return HandOver(now=LATER, complaint_id="c1", cycle=cycle, n=n, choice=found)


END = End(now=LATER, complaint_id="c1")
URGENT = NoteUrgency(
    now=LATER, complaint_id="c1", resolution_due_at=LATER, breached=("assignment",)
)


def after(*commands: Command) -> State:
    """The state these commands lead to, one after the other."""
    state: State = ASSIGNMENT.initial
    for command in commands:
        state = ASSIGNMENT.fold(ASSIGNMENT.decide(command, state), state)
    return state


def then(state: State, command: Command) -> Sequence[Event]:
    return ASSIGNMENT.decide(command, state)


def test_an_assessed_complaint_waits_since_it_was_accepted() -> None:
    state = after(assess())
    assert isinstance(state, Queued)
    assert (state.cycle, state.n, state.since) == (1, 0, NOW)
    assert state.needs.effort_minutes == assessment().effort_minutes


def test_the_same_acceptance_twice_is_assessed_once() -> None:
    assert then(after(assess()), assess()) == []
    assert then(after(assess(), decide()), assess()) == []
    assert then(after(assess(), END), assess()) == []


def test_a_decision_assigns_and_counts_from_one() -> None:
    [decided] = then(after(assess()), decide())
    assert isinstance(decided, AssignmentDecided)
    assert (decided.n, decided.decision_id, decided.waiting_since) == (1, "c1.1.1", NOW)
    state = after(assess(), decide())
    assert isinstance(state, Held)
    assert (state.specialist_id, state.n, state.by_supervisor) == ("s1", 1, False)


def test_an_outcome_is_recorded_again_only_when_it_changes() -> None:
    waiting = after(assess(), decide(None))
    assert then(waiting, decide(None, after_n=1)) == []
    [decided] = then(waiting, decide("s1", after_n=1))
    assert isinstance(decided, AssignmentDecided)
    assert (decided.n, decided.outcome) == (2, Outcome.ASSIGNED)


@pytest.mark.parametrize(
    "state",
    [Idle(), after(assess(), decide()), after(assess(), END)],
    ids=["never assessed", "held", "ended"],
)
def test_a_decision_about_what_is_not_waiting_records_nothing(state: State) -> None:
    assert then(state, decide()) == []
    assert then(state, URGENT) == []


def test_a_decision_taken_on_an_older_picture_records_nothing() -> None:
    assert then(after(assess(), decide(None)), decide("s1", after_n=0)) == []
    assert then(after(assess(cycle=2)), decide("s1", cycle=1)) == []


def test_a_moved_clock_is_noted_while_waiting() -> None:
    [noted] = then(after(assess()), URGENT)
    assert isinstance(noted, AssignmentUrgencyChanged)
    assert after(assess(), URGENT) == after(assess())


def test_declining_gives_the_case_back_with_its_age_and_without_the_decliner() -> None:
    events = then(after(assess(), decide()), decline())
    assert [type(event) for event in events] == [AssignmentReasonGiven, AssignmentReleased]
    state = after(assess(), decide(), decline())
    assert isinstance(state, Queued)
    assert (state.since, state.n, state.outcome) == (NOW, 1, None)
    assert state.declined_by == ("s1",)
    again = after(assess(), decide(), decline(), decide("s2", after_n=1))
    assert isinstance(again, Held)
    assert (again.n, again.declined_by) == (2, ("s1",))


@pytest.mark.parametrize(
    "state",
    [Idle(), after(assess()), after(assess(), decide("s2")), after(assess(), END)],
    ids=["never assessed", "queued", "held by another", "ended"],
)
def test_only_the_holder_may_decline(state: State) -> None:
    with pytest.raises(Refused) as refused:
        then(state, decline("s1"))
    assert refused.value.code == "not_assigned"


def test_a_decliner_is_asked_again_in_the_next_cycle() -> None:
    state = after(assess(), decide(), decline(), END, assess(cycle=2))
    assert isinstance(state, Queued)
    assert state.declined_by == ()


def test_absence_gives_the_case_back_and_excludes_nobody() -> None:
    state = after(assess(), decide(), release())
    assert isinstance(state, Queued)
    assert (state.since, state.declined_by) == (NOW, ())


@pytest.mark.parametrize(
    "state",
    [Idle(), after(assess()), after(assess(), decide("s2")), after(assess(), END)],
    ids=["never assessed", "queued", "held by another", "ended"],
)
def test_a_release_overtaken_by_events_records_nothing(state: State) -> None:
    assert then(state, release("s1")) == []


def test_a_supervisor_takes_a_case_from_one_and_gives_it_to_another() -> None:
    events = then(after(assess(), decide()), reassign())
    reason, released, decided = events
    assert isinstance(reason, AssignmentReasonGiven)
    assert (reason.act, reason.actor_id) == (Intervention.REASSIGNED, "boss")
    assert isinstance(released, AssignmentReleased)
    assert (released.n, released.reason) == (1, UnassignReason.REASSIGNED)
    assert isinstance(decided, AssignmentDecided)
    assert (decided.n, decided.specialist_id) == (2, "s2")
    state = after(assess(), decide(), reassign())
    assert isinstance(state, Held)
    assert state.by_supervisor


def test_a_supervisor_gives_a_waiting_case_to_somebody() -> None:
    events = then(after(assess()), reassign())
    assert [type(event) for event in events] == [AssignmentReasonGiven, AssignmentDecided]


def test_reassigning_to_the_holder_changes_nothing() -> None:
    assert then(after(assess(), decide("s2")), reassign("s2")) == []


@pytest.mark.parametrize("state", [Idle(), after(assess(), END)], ids=["never assessed", "ended"])
def test_nothing_to_reassign_is_refused(state: State) -> None:
    with pytest.raises(Refused) as refused:
        then(state, reassign())
    assert refused.value.code == "wrong_status"


def test_crossing_1_the_end_frees_the_specialist_whichever_came_first() -> None:
    decided_first = after(assess(), decide(), END)
    [released] = then(after(assess(), decide()), END)
    assert isinstance(released, AssignmentReleased)
    assert (released.reason, released.n) == (UnassignReason.TERMINAL, 1)
    assert then(decided_first, END) == []

    ended_first = after(assess(), END)
    [ended] = then(after(assess()), END)
    assert isinstance(ended, AssignmentEnded)
    assert then(ended_first, decide()) == []
    assert decided_first == Ended(cycle=1, n=1)
    assert ended_first == Ended(cycle=1)
    assert then(Idle(), END) == []


def test_crossing_2_a_decision_of_an_older_cycle_never_counts_in_the_next() -> None:
    assert then(after(assess(), END, assess(cycle=2)), decide(cycle=1)) == []
    reopened_over_a_decision = then(after(assess(), decide()), assess(cycle=2))
    released, assessed = reopened_over_a_decision
    assert isinstance(released, AssignmentReleased)
    assert (released.cycle, released.reason) == (1, UnassignReason.TERMINAL)
    assert isinstance(assessed, AssignmentAssessed)
    state = after(assess(), decide(), assess(cycle=2))
    assert isinstance(state, Queued)
    assert (state.cycle, state.n) == (2, 0)


def test_crossing_3_the_supervisor_wins_whoever_was_faster() -> None:
    matcher_first = after(assess(), decide("s1"), reassign("s2"))
    supervisor_first = after(assess(), reassign("s2"), decide("s1"))
    for state in (matcher_first, supervisor_first):
        assert isinstance(state, Held)
        assert state.specialist_id == "s2"
        assert state.by_supervisor


def test_crossing_4_an_assignment_stands_until_the_grace_is_over() -> None:
    held = after(assess(), decide("s1"))
    [released] = then(held, release("s1"))
    assert isinstance(released, AssignmentReleased)
    released_before = after(assess(), decide("s1"), release("s1"), decide("s2", after_n=1))
    assert then(released_before, release("s1")) == []


def test_what_other_streams_say_changes_no_assignment() -> None:
    noise = SpecialistPresenceChanged(occurred_at=NOW, specialist_id="s1", online=False, since=NOW)
    for state in (Idle(), after(assess()), after(assess(), decide()), Ended(cycle=1)):
        assert ASSIGNMENT.evolve(state, noise) == state


def reassess(score: int = 90) -> Reassess:
    return Reassess(now=LATER, complaint_id="c1", assessment=replace(assessment(), score=score))


def test_what_a_case_needs_changes_under_whoever_has_it() -> None:
    held = after(assess(), decide(), reassess())
    assert isinstance(held, Held)
    assert (held.specialist_id, held.n, held.needs.score) == ("s1", 1, 90)
    queued = after(assess(), reassess())
    assert isinstance(queued, Queued)
    assert (queued.n, queued.since, queued.needs.score) == (0, NOW, 90)
    assert then(queued, reassess()) == []
    assert then(Idle(), reassess()) == []
    assert then(after(assess(), END), reassess()) == []


def test_a_duplicate_that_comes_back_is_queued_again_in_its_cycle() -> None:
    ended = after(assess(), decide(), END)
    back = replace(assess(), now=LATER, came_back=True)
    [assessed] = then(ended, back)
    assert isinstance(assessed, AssignmentAssessed)
    queued = after(assess(), decide(), END, back)
    assert isinstance(queued, Queued)
    assert (queued.n, queued.since) == (1, LATER)
    assert then(ended, assess()) == []
    later = after(assess(), END, assess(cycle=2))
    assert isinstance(later, Queued)
    assert later.n == 0


def test_what_is_handed_over_goes_to_whom_it_is_meant_for() -> None:
    held = after(assess(), decide())
    released, decided = then(held, hand_over("s2"))
    assert isinstance(released, AssignmentReleased)
    assert (released.reason, released.specialist_id, released.n) == (
        UnassignReason.REASSIGNED,
        "s1",
        1,
    )
    assert isinstance(decided, AssignmentDecided)
    assert (decided.n, decided.specialist_id) == (2, "s2")
    state = after(assess(), decide(), hand_over("s2"))
    assert isinstance(state, Held)
    assert (state.n, state.specialist_id, state.since, state.declined_by) == (2, "s2", NOW, ())


def test_what_is_handed_over_to_nobody_waits_with_its_age_and_does_not_come_back() -> None:
    state = after(assess(), decide(), hand_over())
    assert isinstance(state, Queued)
    assert (state.since, state.declined_by) == (NOW, ("s1",))
    assert isinstance(then(after(assess(), decide()), hand_over())[0], AssignmentReleased)


@pytest.mark.parametrize("late", [hand_over(n=2), hand_over("s2", cycle=2), hand_over("s2", n=9)])
def test_a_hand_over_that_was_overtaken_records_nothing(late: HandOver) -> None:
    for state in (
        Idle(),
        after(assess()),
        after(assess(), decide()),
        after(assess(), decide(), END),
    ):
        assert then(state, late) == []


def test_a_supervisor_who_was_faster_is_not_overruled_by_a_hand_over() -> None:
    assert then(after(assess(), decide(), reassign()), hand_over("s3")) == []
