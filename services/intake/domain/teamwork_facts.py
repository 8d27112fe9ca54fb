"""Facts about working together, and what of them later acts have to know."""

from dataclasses import replace

from services.intake.domain.case import Case
from services.intake.domain.state import FiledState
from services.intake.domain.team import Callback, Handover, Help, Step, Team
from shared.events.teamwork import (
    CallbackMade,
    CallbackPromised,
    ComplaintHandedOver,
    HelpAsked,
    HelpGiven,
    StepRecorded,
    TeamworkFact,
)


def evolve_teamwork(state: FiledState, case: Case, event: TeamworkFact) -> FiledState:
    """The state after such a fact; `case` has counted it."""
    cycle = replace(case.cycle, team=_after(case.cycle.team, event))
    return replace(state, case=replace(case, cycle=cycle))


def _after(team: Team, event: TeamworkFact) -> Team:
    match event:
        case StepRecorded():
            step = Step(event.step, event.playbook_version, event.occurred_at)
            return replace(team, steps=(*team.steps, step))
        case HelpAsked():
            asked = Help(event.n, event.collaborator_id, event.question, event.occurred_at)
            return replace(team, last_help=event.n, helps=(*team.helps, asked))
        case HelpGiven():
            return replace(team, helps=tuple(one for one in team.helps if one.n != event.n))
        case CallbackPromised():
            promised = Callback(event.n, event.promised_for)
            return replace(team, last_callback=event.n, callbacks=(*team.callbacks, promised))
        case CallbackMade():
            left = tuple(one for one in team.callbacks if one.n != event.n)
            return replace(team, callbacks=left)
        case ComplaintHandedOver():
            handover = Handover(
                n=event.n,
                specialist_id=event.specialist_id,
                to=event.to,
                summary=event.summary,
                handed_over_at=event.occurred_at,
            )
            return replace(team, handover=handover)
