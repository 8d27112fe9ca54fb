"""Every command has a defined result in every state, and any sequence of them makes sense."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.case import Case
from services.intake.domain.commands import Command, WithdrawComplaint
from services.intake.domain.decide import complaint_decider
from services.intake.domain.escalation_commands import (
    DecideSuperiorReview,
    EndReferral,
    ReferComplaint,
    RequestSuperiorReview,
)
from services.intake.domain.life import shares
from services.intake.domain.merge_commands import MergeAct, UndoMerge
from services.intake.domain.policy import Policy
from services.intake.domain.reports import NoteAssignment, NoteRelease, Reaction
from services.intake.domain.state import FiledState, NotFiled, Open, State, standing
from shared.events.complaints import ComplaintEvent
from shared.events.envelope import Event
from shared.events.vocabulary import NOT_OPEN, Payer, ReviewOutcome, SurveyResult, Turn
from shared.problems import STATUS
from tests.unit.intake.state_space import (
    EXAMPLES,
    STORIES,
    TABLE,
    command_names,
    outcome,
    state_names,
    table,
)
from tests.unit.intake.story import (
    NOW,
    REFUND,
    Story,
    draft,
    form,
    referral_outcome,
    reopening,
    solution,
    survey,
    verdict,
)
from tests.unit.intake.story import given as told_before


def test_every_kind_of_state_has_a_story_that_leads_to_it() -> None:
    assert sorted(STORIES) == sorted(state_names())
    for name, story in STORIES.items():
        assert type(told_before(*story).state).__name__ == name


def test_every_kind_of_command_has_an_example() -> None:
    assert sorted(type(command).__name__ for command in EXAMPLES) == sorted(command_names())


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("name", STORIES)
def test_a_command_leads_to_events_to_nothing_or_to_a_known_refusal(
    name: str, command: Command
) -> None:
    result = outcome(told_before(*STORIES[name]), command)
    if result.startswith("refused "):
        assert result.removeprefix("refused ") in STATUS
        assert not isinstance(command, Reaction), "a reaction that comes too late is no error"


def test_what_each_command_does_in_each_state_is_written_down() -> None:
    """After a wanted change: `python -m tests.unit.intake.state_space`, and read the difference."""
    assert table() == TABLE.read_text("utf-8")


DECIDER = complaint_decider(Policy())
MORE: tuple[Command, ...] = (
    form(),
    draft(),
    solution(Payer.NOBODY),
    solution(Payer.PLATFORM),
    verdict(ReviewOutcome.IMPOSED, terms=REFUND),
    verdict(ReviewOutcome.IMPOSED, solution_n=1),
    referral_outcome(terms=REFUND),
    survey(SurveyResult.OBJECTION, text="Still fake."),
    reopening(),
)
POOL: tuple[Command, ...] = (*EXAMPLES[1:], *MORE)
PAUSES = (timedelta(), timedelta(minutes=7), timedelta(hours=9), timedelta(days=2))


def fitting(command: Command, state: FiledState, now: datetime) -> Command:
    """The command with the numbers that it would have in this state."""
    cycle = state.case.cycle
    changes: dict[str, Any] = {"now": now}
    match command:
        case NoteAssignment():
            changes |= {"n": cycle.decision_n + 1}
        case NoteRelease():
            changes |= {"n": cycle.decision_n}
        case EndReferral():
            changes |= {"n": max((r.n for r in state.case.referrals if not r.outcome), default=1)}
        case UndoMerge():
            changes |= {"n": state.case.merges}
        case DecideSuperiorReview():
            changes |= {"solution_n": command.solution_n and max(cycle.last_n, 1)}
        case _:
            if getattr(command, "n", None) is not None:
                changes |= {"n": cycle.last_n}
    if isinstance(command, Reaction):
        changes |= {"cycle": cycle.number}
    return replace(command, **changes)


def leads_to(command: Command, state: State) -> list[Event]:
    """The events a command leads to; none if it is refused. Checks what it is refused with."""
    told = Story(state).when(command)
    if told.refusal is not None:
        assert told.refusal.code in STATUS
        assert not isinstance(command, Reaction), "a reaction that comes too late is no error"
    return told.events


def takes_further(command: Command, state: FiledState) -> bool:
    """Whether it changes the status, and is not one of the few acts that are always possible."""
    if isinstance(command, WithdrawComplaint | MergeAct | ReferComplaint | RequestSuperiorReview):
        return False
    [*_, last] = leads_to(command, state)
    return isinstance(last, ComplaintEvent) and last.status is not standing(state).status


@st.composite
def stories(draw: st.DrawFn) -> list[Command]:
    """Acts and reports, minutes to days apart: most of them possible, some out of place."""
    now = NOW
    found: list[Command] = [draw(st.sampled_from((EXAMPLES[0], form())))]
    state = DECIDER.fold(leads_to(found[0], NotFiled()), NotFiled())
    for _ in range(draw(st.integers(0, 30))):
        assert not isinstance(state, NotFiled)
        now += draw(st.sampled_from(PAUSES))
        dice = draw(st.integers(0, 9))
        chosen = replace(draw(st.sampled_from(POOL)), now=now)
        if dice > 0:
            possible = [c for c in (fitting(c, state, now) for c in POOL) if leads_to(c, state)]
            forward = [c for c in possible if dice > 2 and takes_further(c, state)]
            chosen = draw(st.sampled_from(forward or possible))
        found.append(chosen)
        state = DECIDER.fold(leads_to(chosen, state), state)
    return found


def played(story: list[Command]) -> tuple[State, list[Event]]:
    """What is recorded if everything is asked in turn; what is refused changes nothing."""
    state: State = NotFiled()
    history: list[Event] = []
    for command in story:
        events = leads_to(command, state)
        state = DECIDER.fold(events, state)
        history += events
    return state, history


def case_of(state: State) -> Case:
    assert not isinstance(state, NotFiled)
    return state.case


@settings(max_examples=150)
@given(stories())
def test_any_sequence_leaves_a_history_that_tells_itself(story: list[Command]) -> None:
    after, history = played(story)
    again: State = NotFiled()
    for event in history:
        again = DECIDER.evolve(again, event)
        assert isinstance(event, ComplaintEvent)
        assert not isinstance(again, NotFiled)
        assert (event.status, event.turn) == standing(again), "what an event says is what follows"
        assert (event.turn is Turn.NOBODY) == (event.status in NOT_OPEN)
        assert isinstance(again, Open) == (event.status not in NOT_OPEN)
    assert again == after
    assert case_of(after).length == len(history)
    assert 1 <= case_of(after).version <= len(history)


@settings(max_examples=150)
@given(stories(), st.timedeltas(timedelta(), timedelta(days=30)))
def test_the_shares_of_all_turns_add_up_to_the_life(story: list[Command], later: timedelta) -> None:
    after, history = played(story)
    life = case_of(after).life
    changes = [event for event in history if isinstance(event, ComplaintEvent)]
    now = max(event.occurred_at for event in changes) + later
    until = life.ended_at or now
    parts = shares(life, now)
    assert sum(parts.values(), timedelta()) == until - life.filed_at
    assert all(part >= timedelta() for part in parts.values())
    assert (life.ended_at is None) == isinstance(after, Open)


@settings(max_examples=100)
@given(stories())
def test_whoever_has_it_is_known_wherever_a_specialist_has_the_turn(story: list[Command]) -> None:
    after, _ = played(story)
    assert not isinstance(after, NotFiled)
    if standing(after).turn is Turn.SPECIALIST:
        assert getattr(after, "assignment", None) is not None
