"""Work on a case that does not move it."""

from services.intake.domain.casework_commands import AddNote, CaseworkCommand
from services.intake.domain.stamp import stamp
from services.intake.domain.state import FiledState, standing
from shared.events.casework import NoteAdded
from shared.events.envelope import Event
from shared.events.personal import Personal


def work_on(command: CaseworkCommand, state: FiledState) -> list[Event]:
    """Decide an act that leaves status and turn as they are."""
    match command:
        case AddNote():
            return _add_note(command, state)


def _add_note(command: AddNote, state: FiledState) -> list[Event]:
    case = state.case
    return [
        NoteAdded(
            **stamp(case, command.now, standing(state)),
            text=Personal(case.filed.consumer_id, command.text),
        )
    ]
