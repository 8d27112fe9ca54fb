"""Facts about the work on a case, and what of them later acts have to know."""

from dataclasses import replace

from services.intake.domain.case import Case
from services.intake.domain.state import FiledState
from shared.events.casework import CaseworkFact, ComplaintReclassified, NoteAdded


def evolve_casework(state: FiledState, case: Case, event: CaseworkFact) -> FiledState:
    """The state after a fact that did not move the complaint; `case` has counted it."""
    match event:
        case NoteAdded():
            return replace(state, case=case)
        case ComplaintReclassified():
            filed = replace(
                case.filed,
                category=event.category,
                demand=event.demand,
                order_ids=event.order_ids,
            )
            return replace(state, case=replace(case, filed=filed))
