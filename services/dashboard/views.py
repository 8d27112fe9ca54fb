"""What each fact changes in the tables: statements only, nothing is read first.

The statements of a batch run in order in one transaction with the position, so a count counts each
event once. Nothing here depends on the order of facts of different topics.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.dashboard import clock_views, complaint_views
from services.dashboard.counts import count
from shared.clock import to_ms
from shared.eventlog.ports import Statement
from shared.events import (
    assignments,
    clocks,
    complaints,
    followups,
    profiles,
    subjects,
    violations,
)
from shared.events.envelope import Event, Fact, Recorded
from shared.events.registry import COMPLAINTS, topics
from shared.events.vocabulary import SurveyResult

_DECIDED: Final = (
    "INSERT INTO dashboard_routing "
    "(complaint_id, decided_cycle, outcome, decided_at, waiting_since, weight) "
    "VALUES (:complaint_id, :decided_cycle, :outcome, :decided_at, :waiting_since, :weight) "
    "ON CONFLICT (complaint_id) DO UPDATE SET decided_cycle = excluded.decided_cycle, "
    "outcome = excluded.outcome, decided_at = excluded.decided_at, "
    "waiting_since = excluded.waiting_since, weight = excluded.weight"
)
_PROFILE: Final = (
    "INSERT INTO dashboard_specialist (specialist_id, team_id, tier, capacity) "
    "VALUES (:specialist_id, :team_id, :tier, :capacity) "
    "ON CONFLICT (specialist_id) DO UPDATE SET team_id = excluded.team_id, "
    "tier = excluded.tier, capacity = excluded.capacity"
)
_PRESENCE: Final = (
    "INSERT INTO dashboard_specialist (specialist_id, online, online_since) "
    "VALUES (:specialist_id, :online, :since) "
    "ON CONFLICT (specialist_id) DO UPDATE SET online = excluded.online, "
    "online_since = excluded.online_since"
)

View = Callable[[Recorded, Any], list[Statement]]


def project(fact: Fact[Event]) -> list[Statement]:
    """How a fact changes the tables that the figures are read from."""
    view = _VIEWS.get(type(fact.event))
    return view(fact.recorded, fact.event) if view is not None else []


def _decided(_: Recorded, event: assignments.AssignmentDecided) -> list[Statement]:
    weight = event.inputs.get("weight")
    values = {
        "complaint_id": event.complaint_id,
        "decided_cycle": event.cycle,
        "outcome": event.outcome,
        "decided_at": to_ms(event.occurred_at),
        "waiting_since": to_ms(event.waiting_since),
        "weight": weight if isinstance(weight, int) else 1,
    }
    return [Statement(_DECIDED, values)]


def _profile(_: Recorded, event: profiles.SpecialistProfile) -> list[Statement]:
    values = {
        "specialist_id": event.specialist_id,
        "team_id": event.team_id,
        "tier": event.tier,
        "capacity": event.capacity,
    }
    return [Statement(_PROFILE, values)]


def _presence(_: Recorded, event: profiles.SpecialistPresenceChanged) -> list[Statement]:
    values = {
        "specialist_id": event.specialist_id,
        "online": int(event.online),
        "since": to_ms(event.since),
    }
    return [Statement(_PRESENCE, values)]


def _notified(_: Recorded, event: followups.NotificationSent) -> list[Statement]:
    return [count("notifications_sent", event.channel)]


def _not_notified(_: Recorded, event: followups.NotificationFailed) -> list[Statement]:
    name = "notifications_suppressed" if event.suppressed else "notifications_failed"
    return [count(name, event.channel)]


def _answered(_: Recorded, event: followups.FollowUpAnswered) -> list[Statement]:
    if event.ratings_only:
        return []
    satisfied = event.result is SurveyResult.SATISFIED
    return [count("satisfied" if satisfied else "objections")]


_VIEWS: Final[Mapping[type[Event], View]] = {
    **{
        entry.cls: complaint_views.moved
        for entry in topics()[COMPLAINTS]
        if issubclass(entry.cls, complaints.ComplaintEvent)
    },
    complaints.ComplaintFiled: complaint_views.filed,
    assignments.AssignmentDecided: _decided,
    profiles.SpecialistRegistered: _profile,
    profiles.SpecialistChanged: _profile,
    profiles.SpecialistPresenceChanged: _presence,
    clocks.ClockStarted: clock_views.started,
    clocks.ClockPaused: clock_views.paused,
    clocks.ClockResumed: clock_views.resumed,
    clocks.ClockWarned: clock_views.warned,
    clocks.ClockBreached: clock_views.breached,
    clocks.ClockStopped: clock_views.stopped,
    clocks.ClockCancelled: clock_views.cancelled,
    clocks.ClockCorrected: clock_views.corrected,
    followups.NotificationSent: _notified,
    followups.NotificationFailed: _not_notified,
    followups.FollowUpAnswered: _answered,
}

CHANGE_NO_FIGURE: Final = frozenset(
    {
        # Band and specialist are taken from the complaint's own stream, not from routing's.
        assignments.AssignmentAssessed,
        assignments.AssignmentReleased,
        profiles.MerchantRegistered,
        profiles.MerchantChanged,
        profiles.MerchantCooperationEstimated,
        # The echo in the complaint's stream is what counts.
        followups.FollowUpSent,
        followups.FollowUpLapsed,
        # They move no complaint: what is held against merchants is listed by intake.
        violations.ViolationRecorded,
        violations.ViolationAppealed,
        violations.ViolationDecided,
        violations.PenaltyRecommended,
        # Figures hold nothing that anybody wrote, and no name.
        subjects.SubjectErased,
    }
)
"""Facts that are only copied to the live stream. Every type is either here or viewed (a test)."""

VIEWED: Final = frozenset(_VIEWS)
