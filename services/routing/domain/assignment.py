"""An assignment: who has a complaint. One stream per complaint, so that one decision wins."""

from dataclasses import replace
from typing import Final

from services.routing.domain.assignment_terms import (
    SUPERVISOR,
    Assess,
    Choice,
    Command,
    Decide,
    Decline,
    End,
    Ended,
    HandOver,
    Held,
    Idle,
    Needs,
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
from shared.decider import Decider, Refused
from shared.events.assignments import (
    AssignmentAssessed,
    AssignmentDecided,
    AssignmentReleased,
)
from shared.events.envelope import Event
from shared.events.vocabulary import UnassignReason


def decide(command: Command, state: State) -> list[Event]:
    """Say what happens next.

    Raises `Refused`: `wrong_status` where there is nothing to reassign, `not_assigned` where
    somebody declines what they do not have.
    """
    match command:
        case Assess() | Reassess():
            return _assess_anew(command, state)
        case Decide():
            return _decide(command, state)
        case Reassign():
            return _reassign(command, state)
        case Decline() | HandOver():
            return _give_up(command, state)
        case Release():
            return _release(command, state)
        case End():
            return _end(command, state)
        case NoteUrgency():
            return _note_urgency(command, state)


def _assess_anew(command: Assess | Reassess, state: State) -> list[Event]:
    match command:
        case Assess():
            return _assess(command, state)
        case Reassess():
            return _reassess(command, state)


def _assess(command: Assess, state: State) -> list[Event]:
    assessed = _assessed(command, command.cycle)
    match state:
        case Idle():
            return [assessed]
        case Queued():
            return [assessed] if state.cycle < command.cycle else []
        case Ended():
            again = command.came_back and state.cycle == command.cycle
            return [assessed] if again or state.cycle < command.cycle else []
        case Held():
            if state.cycle >= command.cycle:
                return []
            freed = _released(command, state, UnassignReason.TERMINAL)
            return [freed, assessed]


def _reassess(command: Reassess, state: State) -> list[Event]:
    match state:
        case Queued() | Held():
            assessed = _assessed(command, state.cycle)
            return [] if _needs(assessed) == state.needs else [assessed]
        case Idle() | Ended():
            return []


def _assessed(command: Assess | Reassess, cycle: int) -> AssignmentAssessed:
    found = command.assessment
    return AssignmentAssessed(
        occurred_at=command.now,
        complaint_id=command.complaint_id,
        cycle=cycle,
        score=found.score,
        band=found.band,
        parts=found.parts,
        needed_tier=found.needed_tier,
        effort_minutes=found.effort_minutes,
        policy_version=found.policy_version,
    )


def _needs(event: AssignmentAssessed) -> Needs:
    return Needs(
        score=event.score,
        band=event.band,
        tier=event.needed_tier,
        effort_minutes=event.effort_minutes,
    )


def _decide(command: Decide, state: State) -> list[Event]:
    match state:
        case Queued():
            overtaken = (state.cycle, state.n) != (command.cycle, command.after_n)
            told = command.choice.outcome is state.outcome
            if overtaken or told:
                return []
            return [_decided(command, state, command.choice)]
        case Idle() | Held() | Ended():
            return []


def _reassign(command: Reassign, state: State) -> list[Event]:
    match state:
        case Idle() | Ended():
            raise Refused("wrong_status", "Nobody is to be assigned to this complaint now.")
        case Queued():
            return [
                _reason(command, state, Intervention.REASSIGNED, command.supervisor_id),
                _decided(command, state, command.choice),
            ]
        case Held():
            if state.specialist_id == command.choice.specialist_id:
                return []
            return [
                _reason(command, state, Intervention.REASSIGNED, command.supervisor_id),
                _released(command, state, UnassignReason.REASSIGNED),
                _decided(command, state, command.choice),
            ]


def _give_up(command: Decline | HandOver, state: State) -> list[Event]:
    match command:
        case Decline():
            return _decline(command, state)
        case HandOver():
            return _hand_over(command, state)


def _decline(command: Decline, state: State) -> list[Event]:
    match state:
        case Held(specialist_id=command.specialist_id):
            return [
                _reason(command, state, Intervention.DECLINED, command.specialist_id),
                _released(command, state, UnassignReason.DECLINED),
            ]
        case Idle() | Queued() | Held() | Ended():
            raise Refused("not_assigned", "Only the specialist who has it may decline it.")


def _hand_over(command: HandOver, state: State) -> list[Event]:
    """Without a choice it is as if it were declined: somebody else is found for it."""
    match state:
        case Held(cycle=command.cycle, n=command.n):
            if command.choice is None:
                return [_released(command, state, UnassignReason.DECLINED)]
            return [
                _released(command, state, UnassignReason.REASSIGNED),
                _decided(command, state, command.choice),
            ]
        case Idle() | Queued() | Held() | Ended():
            return []


def _release(command: Release, state: State) -> list[Event]:
    match state:
        case Held(specialist_id=command.specialist_id):
            return [_released(command, state, command.reason)]
        case Idle() | Queued() | Held() | Ended():
            return []


def _end(command: End, state: State) -> list[Event]:
    match state:
        case Held():
            return [_released(command, state, UnassignReason.TERMINAL)]
        case Queued():
            return [
                AssignmentEnded(
                    occurred_at=command.now,
                    complaint_id=command.complaint_id,
                    cycle=state.cycle,
                )
            ]
        case Idle() | Ended():
            return []


def _note_urgency(command: NoteUrgency, state: State) -> list[Event]:
    match state:
        case Queued():
            return [
                AssignmentUrgencyChanged(
                    occurred_at=command.now,
                    complaint_id=command.complaint_id,
                    cycle=state.cycle,
                    resolution_due_at=command.resolution_due_at,
                    breached=command.breached,
                )
            ]
        case Idle() | Held() | Ended():
            return []


def _decided(
    command: Decide | Reassign | HandOver, state: Queued | Held, choice: Choice
) -> AssignmentDecided:
    n = state.n + 1
    return AssignmentDecided(
        occurred_at=command.now,
        complaint_id=command.complaint_id,
        cycle=state.cycle,
        n=n,
        decision_id=f"{command.complaint_id}.{state.cycle}.{n}",
        outcome=choice.outcome,
        specialist_id=choice.specialist_id,
        team_id=choice.team_id,
        candidates=choice.candidates,
        inputs=choice.inputs,
        positions=choice.positions,
        policy_version=choice.policy_version,
        waiting_since=state.since,
        sentence=choice.sentence,
    )


def _released(
    command: Assess | Reassign | Decline | HandOver | Release | End,
    state: Held,
    reason: UnassignReason,
) -> AssignmentReleased:
    return AssignmentReleased(
        occurred_at=command.now,
        complaint_id=command.complaint_id,
        cycle=state.cycle,
        n=state.n,
        specialist_id=state.specialist_id,
        reason=reason,
    )


def _reason(
    command: Reassign | Decline, state: Queued | Held, act: Intervention, actor_id: str
) -> AssignmentReasonGiven:
    return AssignmentReasonGiven(
        occurred_at=command.now,
        complaint_id=command.complaint_id,
        cycle=state.cycle,
        n=state.n,
        act=act,
        actor_id=actor_id,
        text=command.reason,
    )


def evolve(state: State, event: Event) -> State:
    """What an event leads to."""
    if isinstance(event, AssignmentAssessed):
        return _after_assessed(state, event)
    if isinstance(event, AssignmentEnded):
        return Ended(cycle=event.cycle, n=state.n if isinstance(state, Queued) else 0)
    match state:
        case Idle() | Ended():
            return state
        case Queued():
            return _after_queued(state, event)
        case Held():
            return _after_held(state, event)


def _after_assessed(state: State, event: AssignmentAssessed) -> State:
    """A new cycle waits for somebody from now; within a cycle only what it needs has changed."""
    if isinstance(state, Queued | Held) and state.cycle == event.cycle:
        return replace(state, needs=_needs(event))
    same = isinstance(state, Ended) and state.cycle == event.cycle
    return Queued(
        cycle=event.cycle,
        n=state.n if isinstance(state, Ended) and same else 0,
        since=event.occurred_at,
        needs=_needs(event),
    )


def _after_queued(state: Queued, event: Event) -> Queued | Held:
    if not isinstance(event, AssignmentDecided):
        return state
    if event.specialist_id is None:
        return replace(state, n=event.n, outcome=event.outcome)
    return Held(
        cycle=state.cycle,
        n=event.n,
        since=state.since,
        needs=state.needs,
        specialist_id=event.specialist_id,
        by_supervisor=event.inputs.get("decided_by") == SUPERVISOR,
        declined_by=state.declined_by,
    )


def _after_held(state: Held, event: Event) -> State:
    if not isinstance(event, AssignmentReleased):
        return state
    if event.reason is UnassignReason.TERMINAL:
        return Ended(cycle=state.cycle, n=state.n)
    declined_by = state.declined_by
    if event.reason is UnassignReason.DECLINED:
        declined_by = (*declined_by, event.specialist_id)
    return Queued(
        cycle=state.cycle,
        n=state.n,
        since=state.since,
        needs=state.needs,
        declined_by=declined_by,
    )


ASSIGNMENT: Final[Decider[Command, State]] = Decider(Idle(), decide, evolve)
