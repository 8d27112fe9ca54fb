"""Work on a case that does not move it."""

from services.intake.domain.casework_commands import (
    AddNote,
    CaseworkCommand,
    NoteFindings,
    Reclassify,
)
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import FiledState, Open, standing
from shared.events.casework import ComplaintReclassified, NoteAdded
from shared.events.envelope import Event
from shared.events.personal import Personal


def work_on(command: CaseworkCommand, state: FiledState) -> list[Event]:
    """Decide an act that leaves status and turn as they are."""
    match command:
        case AddNote() | NoteFindings():
            return _add_note(command, state)
        case Reclassify():
            return _reclassify(command, state)


def _add_note(command: AddNote | NoteFindings, state: FiledState) -> list[Event]:
    case = state.case
    return [
        NoteAdded(
            **stamp(case, command.now, standing(state)),
            text=Personal(case.filed.consumer_id, command.text),
        )
    ]


def _reclassify(command: Reclassify, state: FiledState) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Reclassifying")
    filed = state.case.filed
    found = ComplaintReclassified(
        **stamp(state.case, command.now, standing(state)),
        category=command.category or filed.category,
        demand=command.demand or filed.demand,
        order_ids=command.order_ids or filed.order_ids,
        reason=command.reason,
    )
    as_before = (filed.category, filed.demand, filed.order_ids)
    return [] if (found.category, found.demand, found.order_ids) == as_before else [found]
