"""Working together: steps taken, colleagues asked, calls promised. Nothing of it moves the case."""

from services.intake.domain.authority import check_act
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import FiledState, Open, assignment_of, standing
from services.intake.domain.teamwork_commands import (
    AskForHelp,
    GiveHelp,
    HandOverComplaint,
    MakeCallback,
    PromiseCallback,
    RecordStep,
    TeamworkCommand,
)
from shared.decider import Refused
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.teamwork import (
    CallbackMade,
    CallbackPromised,
    ComplaintHandedOver,
    HelpAsked,
    HelpGiven,
    StepRecorded,
)

MOST_OPEN = 20
"""So many colleagues may be asked, and calls promised, at a time."""


def work_together(command: TeamworkCommand, state: FiledState) -> list[Event]:
    """Decide an act that leaves status and turn as they are."""
    match command:
        case RecordStep():
            return _record_step(command, state)
        case AskForHelp():
            return _ask(command, state)
        case GiveHelp():
            return _give(command, state)
        case PromiseCallback():
            return _promise(command, state)
        case MakeCallback():
            return _make(command, state)
        case HandOverComplaint():
            return _hand_over(command, state)


def _record_step(command: RecordStep, state: FiledState) -> list[Event]:
    """In whatever order, and any number of times: a playbook guides and never blocks."""
    if not isinstance(state, Open):
        raise wrong_status(state, "Recording a step")
    if state.case.cycle.team.has_taken(command.step, command.playbook_version):
        return []
    return [
        StepRecorded(
            **stamp(state.case, command.now, standing(state)),
            step=command.step,
            playbook_version=command.playbook_version,
        )
    ]


def _ask(command: AskForHelp, state: FiledState) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Asking a colleague")
    assignment = assignment_of(state)
    if command.collaborator_id in {command.by.id, assignment and assignment.specialist_id}:
        raise Refused("has_it_already", "They have the complaint: nothing is there to be asked.")
    team = state.case.cycle.team
    if len(team.helps) >= MOST_OPEN:
        raise Refused("request_open", f"{MOST_OPEN} colleagues have been asked already.")
    return [
        HelpAsked(
            **stamp(state.case, command.now, standing(state)),
            n=team.last_help + 1,
            collaborator_id=command.collaborator_id,
            collaborator_role=command.collaborator_role,
            question=Personal(state.case.filed.consumer_id, command.question),
        )
    ]


def _give(command: GiveHelp, state: FiledState) -> list[Event]:
    """Whoever was asked answers, or whoever has the complaint; nobody what another was asked."""
    team = state.case.cycle.team
    asked = team.help(command.n)
    if asked is None and command.n <= team.last_help:
        raise Refused("already_answered", f"Question {command.n} has been answered.")
    if asked is None:
        raise Refused("no_open_request", f"Nobody was asked under number {command.n}.")
    if command.by.id != asked.collaborator_id:
        check_act(command.by, command.ROLES, state)
    return [
        HelpGiven(
            **stamp(state.case, command.now, standing(state)),
            n=command.n,
            answer=Personal(state.case.filed.consumer_id, command.answer),
        )
    ]


def _promise(command: PromiseCallback, state: FiledState) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Promising a call")
    if command.promised_for <= command.now:
        raise Refused("promised_in_past", "A call is promised for a time that is still to come.")
    team = state.case.cycle.team
    if len(team.callbacks) >= MOST_OPEN:
        raise Refused("request_open", f"{MOST_OPEN} calls have been promised already.")
    return [
        CallbackPromised(
            **stamp(state.case, command.now, standing(state)),
            n=team.last_callback + 1,
            promised_for=command.promised_for,
        )
    ]


def _make(command: MakeCallback, state: FiledState) -> list[Event]:
    """Also after the end: whoever was promised a call is called."""
    team = state.case.cycle.team
    if command.n > team.last_callback:
        raise Refused("no_open_request", f"No call was promised under number {command.n}.")
    if team.callback(command.n) is None:
        return []
    return [CallbackMade(**stamp(state.case, command.now, standing(state)), n=command.n)]


def _hand_over(command: HandOverComplaint, state: FiledState) -> list[Event]:
    """Rights stay until routing's release is recorded here: nothing is in nobody's hands."""
    assignment = assignment_of(state)
    if not isinstance(state, Open) or assignment is None:
        raise wrong_status(state, "Handing over")
    if command.to == assignment.specialist_id:
        raise Refused("has_it_already", "That specialist has the complaint.")
    before = state.case.cycle.team.handover
    if before is not None and before.n == assignment.n:
        raise Refused("already_handed_over", "It has been handed over; somebody else gets it soon.")
    return [
        ComplaintHandedOver(
            **stamp(state.case, command.now, standing(state)),
            n=assignment.n,
            specialist_id=assignment.specialist_id,
            to=command.to,
            summary=Personal(state.case.filed.consumer_id, command.summary),
        )
    ]
