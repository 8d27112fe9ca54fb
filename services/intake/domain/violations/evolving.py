"""What the recorded facts of a violation lead to. Nothing is refused: the past already happened."""

from dataclasses import replace

from services.intake.domain.violations.states import (
    Appealed,
    Decided,
    KnownState,
    NotRecorded,
    Recorded,
    State,
)
from shared.events.envelope import Event
from shared.events.violations import (
    PenaltyRecommended,
    ViolationAppealed,
    ViolationDecided,
    ViolationRecorded,
)


def evolve(state: State, event: Event) -> State:
    """The state after one more fact of the violation's stream."""
    if isinstance(event, ViolationRecorded):
        return Recorded(event)
    return state if isinstance(state, NotRecorded) else _known(state, event)


def _known(state: KnownState, event: Event) -> State:
    if isinstance(event, ViolationAppealed):
        return Appealed(state.recorded, event.occurred_at, event.text)
    if isinstance(event, ViolationDecided):
        return _decided(state, event)
    if isinstance(event, PenaltyRecommended) and isinstance(state, Decided):
        return replace(state, penalty=event)
    return state


def _decided(state: KnownState, event: ViolationDecided) -> Decided:
    match state:
        case Recorded():
            return Decided(state.recorded, None, None, event)
        case Appealed() | Decided():
            return Decided(state.recorded, state.appealed_at, state.appeal, event)
