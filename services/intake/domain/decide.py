"""A complaint, from filing to closing: pure decisions over recorded facts."""

from services.intake.domain.asked import Act
from services.intake.domain.authority import check_act
from services.intake.domain.casework import work_on
from services.intake.domain.casework_commands import CaseworkAct
from services.intake.domain.checking import look_into
from services.intake.domain.checking_commands import CheckingAct
from services.intake.domain.commands import (
    ActCommand,
    Command,
    EndingAct,
    FileComplaint,
    HandlingAct,
    SettlementAct,
    WorkCommand,
)
from services.intake.domain.ending import end
from services.intake.domain.escalating import escalate
from services.intake.domain.escalation_commands import EscalationAct
from services.intake.domain.evolve import evolve
from services.intake.domain.filing import file_complaint
from services.intake.domain.handling import handle
from services.intake.domain.merge_commands import MergeAct
from services.intake.domain.merging import merge
from services.intake.domain.outside import NOT_MEANWHILE, meanwhile
from services.intake.domain.policy import Policy
from services.intake.domain.reacting import react
from services.intake.domain.reports import Reaction
from services.intake.domain.settlement import settle
from services.intake.domain.state import External, FiledState, NotFiled, State
from services.intake.domain.teamwork import work_together
from services.intake.domain.teamwork_commands import TeamworkAct
from shared.decider import Decider
from shared.events.envelope import Event


def decide(command: Command, state: State, policy: Policy) -> list[Event]:
    """Say what happens next, or refuse. An empty list means: already so, or overtaken."""
    if isinstance(state, External) and not isinstance(command, NOT_MEANWHILE):
        return meanwhile(decide(command, state.before, policy))
    match command:
        case FileComplaint():
            return file_complaint(command, state, policy)
        case Act():
            found = check_act(command.by, command.ROLES, state, helpers=command.HELPERS)
            return _act(command, found, policy)
        case Reaction():
            return react(command, state, policy)


def _act(command: ActCommand, state: FiledState, policy: Policy) -> list[Event]:
    match command:
        case HandlingAct():
            return handle(command, state, policy)
        case SettlementAct():
            return settle(command, state, policy)
        case EndingAct():
            return end(command, state, policy)
        case EscalationAct():
            return escalate(command, state)
        case MergeAct():
            return merge(command, state)
        case CaseworkAct() | CheckingAct() | TeamworkAct():
            return _work(command, state)


def _work(command: WorkCommand, state: FiledState) -> list[Event]:
    """What is done on a case without moving it."""
    match command:
        case CaseworkAct():
            return work_on(command, state)
        case CheckingAct():
            return look_into(command, state)
        case TeamworkAct():
            return work_together(command, state)


def complaint_decider(policy: Policy) -> Decider[Command, State]:
    """The domain under a marketplace's policy."""
    return Decider(
        initial=NotFiled(),
        decide=lambda command, state: decide(command, state, policy),
        evolve=evolve,
    )
