"""What is done on a case without moving it: status, turn and ETag stay as they are.

Written by intake into the complaint's stream, in topic `amends.complaints`.
"""

from dataclasses import dataclass

from shared.events.complaints import ComplaintEvent, Demand
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, EVERYONE, event
from shared.events.vocabulary import Category


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


CaseworkFact = NoteAdded | ComplaintReclassified
"""Every event of this module. A new one belongs here, and is then asked for wherever it matters."""
