"""A decision in full: every candidate, the filter that removed each, each score with its parts."""

from collections.abc import Mapping
from datetime import datetime

from services.routing.domain.assignment_terms import SUPERVISOR, Choice
from services.routing.domain.case import urgency
from services.routing.domain.eligibility import (
    Waiting,
    outcome_without_candidate,
    removed_by,
)
from services.routing.domain.matching import Match, Staffing
from services.routing.domain.policy import RoutingPolicy
from services.routing.domain.scoring import cost
from services.routing.domain.sentences import assigned, handed_over, reassigned, unassigned
from services.routing.domain.specialists import Specialist
from shared.events.assignments import Candidate
from shared.events.vocabulary import Outcome

Inputs = dict[str, str | int | float | bool | None]
Positions = Mapping[str, int]


def candidates_of(
    waiting: Waiting, staffing: Staffing, now: datetime, policy: RoutingPolicy
) -> tuple[Candidate, ...]:
    """Every specialist there is, in order of id: removed by a filter, or scored."""
    return tuple(
        _candidate(waiting, staffing.specialists[name], staffing.loads.get(name, 0), now, policy)
        for name in sorted(staffing.specialists)
    )


def _candidate(
    waiting: Waiting, specialist: Specialist, load: int, now: datetime, policy: RoutingPolicy
) -> Candidate:
    failed = removed_by(waiting, specialist, load, now)
    if failed is not None:
        return Candidate(specialist_id=specialist.specialist_id, removed_by=str(failed))
    found = cost(waiting, specialist, load, now, policy)
    return Candidate(
        specialist_id=specialist.specialist_id,
        removed_by=None,
        score=found.score,
        parts=found.parts,
    )


def _inputs(waiting: Waiting, now: datetime, policy: RoutingPolicy) -> Inputs:
    case, queued = waiting.case, waiting.queued
    return {
        "decided_by": "matcher",
        "category": str(case.category),
        "language": case.language,
        "priority": str(case.priority),
        "score": queued.needs.score,
        "band": str(queued.needs.band),
        "needed_tier": queued.needs.tier,
        "effort_minutes": queued.needs.effort_minutes,
        "weight": waiting.weight,
        "urgency": urgency(case, queued.needs.band, now, policy),
        "previous_specialist_id": case.previous_specialist_id,
        "flagged": case.flagged,
    }


def matched(
    match: Match, staffing: Staffing, now: datetime, policy: RoutingPolicy, positions: Positions
) -> Choice:
    """The decision for a match. `staffing` is as it was before the round."""
    waiting, specialist = match.waiting, match.specialist
    again = waiting.case.previous_specialist_id == specialist.specialist_id
    return Choice(
        outcome=Outcome.ASSIGNED,
        specialist_id=specialist.specialist_id,
        team_id=specialist.profile.team_id,
        candidates=candidates_of(waiting, staffing, now, policy),
        inputs={
            **_inputs(waiting, now, policy),
            "round": match.round,
            "load_before": match.load,
        },
        positions=dict(positions),
        policy_version=policy.version,
        sentence=assigned(waiting.case.category, again=again),
    )


def unmatched(
    waiting: Waiting,
    staffing: Staffing,
    now: datetime,
    policy: RoutingPolicy,
    positions: Positions,
) -> Choice:
    """The decision that nobody can take it now."""
    candidates = candidates_of(waiting, staffing, now, policy)
    outcome = outcome_without_candidate(waiting, staffing.specialists.values())
    return Choice(
        outcome=outcome,
        specialist_id=None,
        team_id=None,
        candidates=candidates,
        inputs=_inputs(waiting, now, policy),
        positions=dict(positions),
        policy_version=policy.version,
        sentence=unassigned(outcome, candidates),
    )


def chosen_by_supervisor(  # noqa: PLR0913 - what one act of a person rests on
    *,
    waiting: Waiting,
    specialist: Specialist,
    load: int,
    supervisor_id: str,
    now: datetime,
    policy: RoutingPolicy,
    positions: Positions,
) -> Choice:
    """A supervisor's choice, with what the filters and the score would have said of it."""
    failed = removed_by(waiting, specialist, load, now)
    return Choice(
        outcome=Outcome.ASSIGNED,
        specialist_id=specialist.specialist_id,
        team_id=specialist.profile.team_id,
        candidates=(_chosen(waiting, specialist, load, now, policy),),
        inputs={
            **_inputs(waiting, now, policy),
            "decided_by": SUPERVISOR,
            "supervisor_id": supervisor_id,
            "overridden_filter": None if failed is None else str(failed),
            "load_before": load,
        },
        positions=dict(positions),
        policy_version=policy.version,
        sentence=reassigned(waiting.case.category),
    )


def chosen_by_handover(  # noqa: PLR0913 - what one act of a person rests on
    *,
    waiting: Waiting,
    specialist: Specialist,
    load: int,
    handed_over_by: str,
    now: datetime,
    policy: RoutingPolicy,
    positions: Positions,
) -> Choice:
    """Whom a complaint was handed over to; every filter lets them have it."""
    return Choice(
        outcome=Outcome.ASSIGNED,
        specialist_id=specialist.specialist_id,
        team_id=specialist.profile.team_id,
        candidates=(_chosen(waiting, specialist, load, now, policy),),
        inputs={
            **_inputs(waiting, now, policy),
            "decided_by": "hand_over",
            "handed_over_by": handed_over_by,
            "load_before": load,
        },
        positions=dict(positions),
        policy_version=policy.version,
        sentence=handed_over(waiting.case.category),
    )


def _chosen(
    waiting: Waiting, specialist: Specialist, load: int, now: datetime, policy: RoutingPolicy
) -> Candidate:
    """Somebody whom a person chose: the score says what it costs, whatever the filters say."""
    found = cost(waiting, specialist, load, now, policy)
    return Candidate(
        specialist_id=specialist.specialist_id,
        removed_by=None,
        score=found.score,
        parts=found.parts,
    )
