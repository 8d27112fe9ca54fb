"""Facts about duplicates, and where they lead."""

from dataclasses import replace

from services.intake.domain.case import Case
from services.intake.domain.state import Duplicate, FiledState, OwnState
from shared.events.merging import (
    ComplaintAbsorbed,
    ComplaintMerged,
    ComplaintUnmerged,
    MergingFact,
)


def evolve_merging(state: FiledState, case: Case, event: MergingFact) -> FiledState:
    """The state after a fact about a duplicate, on either side; `case` has counted it."""
    match event:
        case ComplaintMerged():
            case = replace(case, merges=case.merges + 1)
            return Duplicate(case, event.into_id, state) if isinstance(state, OwnState) else state
        case ComplaintAbsorbed():
            absorbed = case.absorbed | {event.from_id}
            return replace(state, case=replace(case, absorbed=absorbed))
        case ComplaintUnmerged():
            if isinstance(state, Duplicate):
                return replace(state.before, case=case)
            absorbed = case.absorbed - {event.other_id}
            return replace(state, case=replace(case, absorbed=absorbed))
