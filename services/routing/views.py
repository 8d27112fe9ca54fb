"""Read tables: specialists and the queue, kept in the transaction that records the events."""

from collections import Counter
from typing import Final

import msgspec
from sqlmodel import Field, SQLModel

from services.routing.domain.events import AssignmentEnded
from shared.access import ComplaintAccess
from shared.clock import to_ms
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.assignments import (
    AssignmentAssessed,
    AssignmentDecided,
    AssignmentReleased,
)
from shared.events.envelope import Event, Fact
from shared.events.profiles import (
    SpecialistPresenceChanged,
    SpecialistProfile,
)
from shared.events.vocabulary import UnassignReason


class RoutingSpecialist(SQLModel, table=True):
    """Which specialists there are, and whether they are online. Times in milliseconds."""

    __tablename__ = "routing_specialist"

    specialist_id: str = Field(primary_key=True)
    team_id: str | None = Field(default=None, index=True)
    online: int = 0
    since: int


class RoutingAssignment(SQLModel, table=True):
    """Where each assignment stands. `reasons` is JSON: how many each filter removed."""

    __tablename__ = "routing_assignment"

    complaint_id: str = Field(primary_key=True)
    state: str = Field(index=True)
    cycle: int
    score: int
    band: str
    needed_tier: int
    effort_minutes: int
    waiting_since: int
    outcome: str | None = None
    specialist_id: str | None = None
    reasons: str = "{}"
    sentence: str = "{}"


TABLES: Final[tuple[type[SQLModel], ...]] = (
    RoutingSpecialist,
    RoutingAssignment,
    ComplaintAccess,
)

_SPECIALIST: Final = (
    "INSERT INTO routing_specialist (specialist_id, team_id, online, since) "
    "VALUES (:specialist_id, :team_id, 0, :since) "
    "ON CONFLICT (specialist_id) DO UPDATE SET team_id = excluded.team_id"
)
_PRESENCE: Final = (
    "UPDATE routing_specialist SET online = :online, since = :since "
    "WHERE specialist_id = :specialist_id"
)
_ASSESSED: Final = (
    "INSERT INTO routing_assignment (complaint_id, state, cycle, score, band, needed_tier, "
    "effort_minutes, waiting_since, reasons, sentence) VALUES (:complaint_id, 'queued', :cycle, "
    ":score, :band, :needed_tier, :effort_minutes, :waiting_since, '{}', '{}') "
    "ON CONFLICT (complaint_id) DO UPDATE SET state = 'queued', cycle = excluded.cycle, "
    "score = excluded.score, band = excluded.band, needed_tier = excluded.needed_tier, "
    "effort_minutes = excluded.effort_minutes, waiting_since = excluded.waiting_since, "
    "outcome = NULL, specialist_id = NULL, reasons = '{}', sentence = '{}'"
)
_DECIDED: Final = (
    "UPDATE routing_assignment SET state = :state, outcome = :outcome, "
    "specialist_id = :specialist_id, reasons = :reasons, sentence = :sentence "
    "WHERE complaint_id = :complaint_id"
)
_STATE: Final = (
    "UPDATE routing_assignment SET state = :state, outcome = NULL, specialist_id = NULL, "
    "reasons = '{}', sentence = '{}' WHERE complaint_id = :complaint_id"
)


def project(fact: Fact[Event]) -> list[Statement]:
    """How an own event changes the tables."""
    event = fact.event
    if isinstance(event, AssignmentAssessed):
        return [_assessed(event)]
    if isinstance(event, AssignmentDecided):
        return [_decided(event)]
    if isinstance(event, AssignmentReleased):
        state = "ended" if event.reason is UnassignReason.TERMINAL else "queued"
        return [Statement(_STATE, {"complaint_id": event.complaint_id, "state": state})]
    if isinstance(event, AssignmentEnded):
        return [Statement(_STATE, {"complaint_id": event.complaint_id, "state": "ended"})]
    return _specialist(event)


def _specialist(event: Event) -> list[Statement]:
    if isinstance(event, SpecialistProfile):
        values: dict[str, object] = {
            "specialist_id": event.specialist_id,
            "team_id": event.team_id,
            "since": to_ms(event.occurred_at),
        }
        return [Statement(_SPECIALIST, values)]
    if isinstance(event, SpecialistPresenceChanged):
        presence: dict[str, object] = {
            "specialist_id": event.specialist_id,
            "online": int(event.online),
            "since": to_ms(event.since),
        }
        return [Statement(_PRESENCE, presence)]
    return []


def _assessed(event: AssignmentAssessed) -> Statement:
    return Statement(
        _ASSESSED,
        {
            "complaint_id": event.complaint_id,
            "cycle": event.cycle,
            "score": event.score,
            "band": str(event.band),
            "needed_tier": event.needed_tier,
            "effort_minutes": event.effort_minutes,
            "waiting_since": to_ms(event.occurred_at),
        },
    )


def _decided(event: AssignmentDecided) -> Statement:
    removed = Counter(c.removed_by for c in event.candidates if c.removed_by is not None)
    reasons = {name: removed[name] for name in sorted(removed)}
    return Statement(
        _DECIDED,
        {
            "complaint_id": event.complaint_id,
            "state": "queued" if event.specialist_id is None else "held",
            "outcome": str(event.outcome),
            "specialist_id": event.specialist_id,
            "reasons": msgspec.json.encode(reasons).decode(),
            "sentence": msgspec.json.encode(event.sentence).decode(),
        },
    )


async def specialists_after(log: EventLog, after: str, limit: int) -> list[str]:
    """Ids of specialists behind `after`, in order of id."""
    rows = await log.fetch(
        Statement(
            "SELECT specialist_id FROM routing_specialist WHERE specialist_id > :after "
            "ORDER BY specialist_id LIMIT :limit",
            {"after": after, "limit": limit},
        )
    )
    return [row["specialist_id"] for row in rows]


async def queue_after(
    log: EventLog, outcome: str | None, after: tuple[int, str], limit: int
) -> list[Row]:
    """Waiting complaints behind `after` = (waiting since, complaint id), oldest first."""
    condition = "" if outcome is None else "AND outcome = :outcome "
    values: dict[str, object] = {"since": after[0], "id": after[1], "limit": limit}
    if outcome is not None:
        values["outcome"] = outcome
    query = (
        "SELECT * FROM routing_assignment WHERE state = 'queued' "
        "AND (waiting_since > :since OR (waiting_since = :since AND complaint_id > :id)) "
        f"{condition}ORDER BY waiting_since, complaint_id LIMIT :limit"
    )
    return await log.fetch(Statement(query, values))
