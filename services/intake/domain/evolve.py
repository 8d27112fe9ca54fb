"""What recorded facts lead to. Nothing is refused here: the past already happened."""

from dataclasses import replace

from services.intake.domain.case import Case, Cycle
from services.intake.domain.casework_facts import evolve_casework
from services.intake.domain.checking_facts import evolve_checking
from services.intake.domain.escalation_facts import evolve_escalation
from services.intake.domain.life import begun, lived
from services.intake.domain.merge_facts import evolve_merging
from services.intake.domain.outcomes import evolve_outcome
from services.intake.domain.progress import evolve_progress
from services.intake.domain.state import (
    Assigned,
    Duplicate,
    External,
    FiledState,
    InsideState,
    NotFiled,
    State,
    Submitted,
)
from services.intake.domain.teamwork_facts import evolve_teamwork
from shared.events.casework import CaseworkEvent, CaseworkFact
from shared.events.checking import CheckingFact
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintFollowUpSent,
    ComplaintRejected,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ConsumerAsked,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RejectionAppealed,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.envelope import Event
from shared.events.escalation import (
    ComplaintReferred,
    EscalationFact,
    ReferralEnded,
    SuperiorReviewRequested,
)
from shared.events.merging import ComplaintAbsorbed, ComplaintUnmerged, MergingFact
from shared.events.teamwork import TeamworkFact
from shared.events.vocabulary import Status

AROUND = (SuperiorReviewRequested, ComplaintReferred, ReferralEnded)
"""Facts that lead out of what a body outside has, or further into it."""

QUIET = (
    ComplaintAbsorbed,
    CaseworkEvent,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintFollowUpSent,
    ContactAttempted,
    MessagePosted,
)
"""Events that never move the ETag: they change neither status nor anything that waits."""


def evolve(state: State, event: Event) -> State:
    """The state after one more fact of the complaint's stream."""
    if isinstance(event, ComplaintFiled):
        cycle = Cycle(number=event.cycle, started_at=event.occurred_at)
        return Submitted(Case(filed=event, length=1, version=1, cycle=cycle, life=begun(event)))
    if isinstance(state, NotFiled) or not isinstance(event, ComplaintEvent):
        return state
    length = state.case.length + 1
    version = length if moves(event, state) else state.case.version
    case = replace(state.case, length=length, version=version, life=lived(state.case.life, event))
    if isinstance(state, External) and not isinstance(event, AROUND):
        return _meanwhile(state, case, event)
    return _step(state, case, event)


def _meanwhile(state: External, case: Case, event: ComplaintEvent) -> State:
    """What happens while a body outside has it happens to where the work stands."""
    inside = _step(replace(state.before, case=case), case, event)
    if event.status is Status.EXTERNAL and isinstance(inside, InsideState):
        return External(inside.case, inside)
    return inside


def _step(state: FiledState, case: Case, event: Event) -> State:
    if isinstance(
        event,
        ComplaintAccepted
        | ComplaintAcknowledged
        | ComplaintAssessed
        | ComplaintAssigned
        | ComplaintUnassigned
        | ContactAttempted
        | ContactMade
        | MessagePosted
        | ComplaintRejected
        | RejectionAppealed
        | ConsumerAsked
        | ConsumerAnswered
        | MerchantAsked
        | MerchantAnswered,
    ):
        return evolve_progress(state, case, event)
    if isinstance(
        event,
        RequestLapsed
        | SolutionProposed
        | SolutionAccepted
        | SolutionRejected
        | RemedyDone
        | RemedyFailed
        | ComplaintResolved
        | ComplaintFollowUpSent
        | ComplaintClosed
        | ComplaintReopened
        | ComplaintWithdrawn,
    ):
        return evolve_outcome(state, case, event)
    if isinstance(event, EscalationFact):
        return evolve_escalation(state, case, event)
    if isinstance(event, MergingFact):
        return evolve_merging(state, case, event)
    if isinstance(event, CheckingFact):
        return evolve_checking(state, case, event)
    if isinstance(event, TeamworkFact):
        return evolve_teamwork(state, case, event)
    return evolve_casework(state, case, event) if isinstance(event, CaseworkFact) else state


def moves(event: Event, before: FiledState) -> bool:
    """Whether the ETag moves: status, turn, cycle, assignee, open request or solution changed."""
    if isinstance(event, ContactMade):
        return isinstance(before, Assigned)
    if isinstance(event, MerchantAnswered):
        return not event.late
    if isinstance(event, ComplaintUnmerged):
        return isinstance(before, Duplicate)
    return not isinstance(event, QUIET)
