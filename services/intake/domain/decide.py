"""A complaint, from filing to closing: pure decisions over recorded facts."""

from services.intake.domain.authority import check_act
from services.intake.domain.commands import (
    Act,
    Command,
    EndingAct,
    FileComplaint,
    HandlingAct,
    SettlementAct,
)
from services.intake.domain.ending import end
from services.intake.domain.evolve import evolve
from services.intake.domain.filing import file_complaint
from services.intake.domain.handling import handle
from services.intake.domain.policy import Policy
from services.intake.domain.reacting import react
from services.intake.domain.reports import Reaction
from services.intake.domain.settlement import settle
from services.intake.domain.state import NotFiled, State
from shared.decider import Decider
from shared.events.envelope import Event


def decide(command: Command, state: State, policy: Policy) -> list[Event]:
    """Say what happens next, or refuse. An empty list means: already so, or overtaken."""
    if isinstance(command, Act):
        check_act(command.by, command.ROLES, state)
    match command:
        case FileComplaint():
            return file_complaint(command, state, policy)
        case HandlingAct():
            return handle(command, state, policy)
        case SettlementAct():
            return settle(command, state, policy)
        case EndingAct():
            return end(command, state, policy)
        case Reaction():
            return react(command, state, policy)


def complaint_decider(policy: Policy) -> Decider[Command, State]:
    """The domain under a marketplace's policy."""
    return Decider(
        initial=NotFiled(),
        decide=lambda command, state: decide(command, state, policy),
        evolve=evolve,
    )
