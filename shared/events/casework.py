"""What is done on a case without moving it: status, turn and ETag stay as they are.

Written by intake into the complaint's stream, in topic `amends.complaints`.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.events.complaints import ComplaintEvent, Demand
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, EVERYONE, event
from shared.events.vocabulary import Audience, Category, EvidenceKind, LinkRelation, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseworkEvent(ComplaintEvent):
    """A fact about the work on a complaint. Its `status` and `turn` are those before it."""


@event("complaint.note_added", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(CaseworkEvent):
    """Staff wrote something down for each other. No party ever sees it."""

    text: Personal


@event("complaint.reclassified", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintReclassified(CaseworkEvent):
    """Once the consumer had been heard, it turned out to be about something else."""

    category: Category
    demand: Demand
    order_ids: tuple[str, ...]
    reason: str


@event("complaint.evidence_added", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAdded(CaseworkEvent):
    """A file was added. This event's own `visible_to` narrows who may see that there is one.

    `sha256` of its content in hexadecimal, `bytes` its length; `media_type` is what the content
    is, not what it was called. `completeness`: the share of what settles such a complaint that is
    there now, 0 to 1.
    """

    evidence_id: str
    sha256: str
    kind: EvidenceKind
    bytes: int
    media_type: str
    by_role: Role
    visible_to: tuple[Audience, ...]
    completeness: float
    label: Personal | None = None


@event("complaint.linked", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintLinked(CaseworkEvent):
    """Something belongs to this complaint and has a life of its own: neither ends the other.

    With `track`, `other_id` is the violation that was reported in the same filing.
    """

    other_id: str
    relation: LinkRelation


@event("complaint.regulator_answered", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class RegulatorAnswered(CaseworkEvent):
    """The regulator who passed the complaint on has its answer, under `reference`."""

    reference: str
    answered_at: datetime


CaseworkFact = (
    NoteAdded | ComplaintReclassified | EvidenceAdded | ComplaintLinked | RegulatorAnswered
)
"""Every event of this module. A new one belongs here, and is then asked for wherever it matters."""
