"""What routing's API says: states and events as JSON, in the shapes others build against."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.routing.domain.cooperation import Estimate
from services.routing.domain.events import AssignmentReasonGiven
from services.routing.domain.merchants import Profile as MerchantProfile
from services.routing.domain.specialists import Specialist
from shared.clock import from_ms, rfc3339
from shared.eventlog.ports import Row
from shared.events.assignments import (
    AssignmentAssessed,
    AssignmentDecided,
    AssignmentReleased,
    Candidate,
)
from shared.events.envelope import Event
from shared.events.profiles import Period

Json = dict[str, Any]


def specialist_json(specialist: Specialist, version: int) -> Json:
    """A specialist, for staff."""
    profile = specialist.profile
    return {
        "id": specialist.specialist_id,
        "name": profile.name.text,
        "email": profile.email.text if profile.email is not None else None,
        "team_id": profile.team_id,
        "tier": profile.tier,
        "skills": {str(category): level for category, level in profile.skills.items()},
        "languages": list(profile.languages),
        "capacity": profile.capacity,
        "shifts": [_period(period) for period in profile.shifts],
        "leave": [_period(period) for period in profile.leave],
        "online": specialist.online,
        "since": rfc3339(specialist.since),
        "absent": sorted(str(reason) for reason in specialist.absent),
        "version": version,
    }


def _period(period: Period) -> Json:
    return {"start": rfc3339(period.start), "end": rfc3339(period.end)}


def merchant_json(merchant_id: str, profile: MerchantProfile, version: int) -> Json:
    """A merchant's profile."""
    contact = None if profile.contact is None else {"email": profile.contact.text}
    return {
        "id": merchant_id,
        "class": profile.merchant_class,
        "region": profile.region,
        "contact": contact,
        "version": version,
    }


def cooperation_json(merchant_id: str, found: Estimate, as_of: str, policy: str) -> Json:
    """An estimate of cooperation: shares in parts per million, `low` to `high` hold 80 %."""
    return {
        "merchant_id": merchant_id,
        "score_ppm": found.score_ppm,
        "low_ppm": found.low_ppm,
        "high_ppm": found.high_ppm,
        "aspects": found.aspects,
        "as_of": as_of,
        "policy_version": policy,
    }


def queue_json(row: Row, now_ms: int) -> Json:
    """One waiting complaint, for staff. `outcome` is null until it was first looked at."""
    return {
        "complaint_id": row["complaint_id"],
        "cycle": row["cycle"],
        "outcome": row["outcome"],
        "score": row["score"],
        "band": row["band"],
        "needed_tier": row["needed_tier"],
        "effort_minutes": row["effort_minutes"],
        "waiting_since": rfc3339(from_ms(row["waiting_since"])),
        "age_seconds": max(0, now_ms - row["waiting_since"]) // 1000,
        "reasons": msgspec.json.decode(row["reasons"]),
        "sentence": msgspec.json.decode(row["sentence"]),
    }


def assignment_json(complaint_id: str, events: Sequence[Event], *, for_staff: bool) -> Json:
    """The decisions about a complaint, oldest first; only their sentences for others than staff."""
    decisions: list[Json] = []
    releases: list[Json] = []
    interventions: list[Json] = []
    assessed: AssignmentAssessed | None = None
    holder: str | None = None
    for event in events:
        if isinstance(event, AssignmentAssessed):
            assessed = event
        elif isinstance(event, AssignmentDecided):
            holder = event.specialist_id
            decisions.append(_decision(event, assessed) if for_staff else _outcome(event))
        elif isinstance(event, AssignmentReleased):
            holder = None
            releases.append(_release(event))
        elif isinstance(event, AssignmentReasonGiven):
            interventions.append(_intervention(event))
    answer: Json = {"complaint_id": complaint_id, "decisions": decisions}
    if for_staff:
        answer["specialist_id"] = holder
        answer["complexity"] = _complexity(assessed)
        answer["releases"] = releases
        answer["interventions"] = interventions
    return answer


def _outcome(event: AssignmentDecided) -> Json:
    return {
        "outcome": str(event.outcome),
        "decided_at": rfc3339(event.occurred_at),
        "sentence": event.sentence,
    }


def _decision(event: AssignmentDecided, assessed: AssignmentAssessed | None) -> Json:
    return {
        **_outcome(event),
        "cycle": event.cycle,
        "n": event.n,
        "decision_id": event.decision_id,
        "specialist_id": event.specialist_id,
        "team_id": event.team_id,
        "policy_version": event.policy_version,
        "waiting_since": rfc3339(event.waiting_since),
        "complexity": _complexity(assessed),
        "candidates": [_candidate(candidate) for candidate in event.candidates],
        "inputs": event.inputs,
        "positions": event.positions,
    }


def _complexity(assessed: AssignmentAssessed | None) -> Json | None:
    if assessed is None:
        return None
    return {
        "score": assessed.score,
        "band": str(assessed.band),
        "parts": assessed.parts,
        "needed_tier": assessed.needed_tier,
        "effort_minutes": assessed.effort_minutes,
        "policy_version": assessed.policy_version,
    }


def _candidate(candidate: Candidate) -> Json:
    return {
        "specialist_id": candidate.specialist_id,
        "removed_by": candidate.removed_by,
        "score": candidate.score,
        "parts": candidate.parts,
    }


def _release(event: AssignmentReleased) -> Json:
    return {
        "cycle": event.cycle,
        "n": event.n,
        "specialist_id": event.specialist_id,
        "reason": str(event.reason),
        "released_at": rfc3339(event.occurred_at),
    }


def _intervention(event: AssignmentReasonGiven) -> Json:
    return {
        "cycle": event.cycle,
        "act": str(event.act),
        "actor_id": event.actor_id,
        "reason": event.text.text,
        "at": rfc3339(event.occurred_at),
    }
