"""Two complaints that are one: merged into the survivor, and taken apart again.

Written by intake into the duplicate's stream, the survivor's, or both; in `amends.complaints`.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.events.complaints import ComplaintEvent
from shared.events.registry import COMPLAINTS, EVERYONE, event


@event("complaint.merged", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintMerged(ComplaintEvent):
    """This complaint is a duplicate and goes on in `into_id`. `by`: who or which rule said so."""

    into_id: str
    by: str
    reason: str | None = None


@event("complaint.absorbed", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAbsorbed(ComplaintEvent):
    """The duplicate `from_id` goes on in this complaint. The earlier of both acceptances stands."""

    from_id: str
    earliest_accepted_at: datetime | None


@event("complaint.unmerged", topic=COMPLAINTS, visible_to=EVERYONE)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintUnmerged(ComplaintEvent):
    """They were two complaints after all; in both streams. The duplicate is where it was before."""

    other_id: str
    reason: str


MergingFact = ComplaintMerged | ComplaintAbsorbed | ComplaintUnmerged
"""Every event of this module."""
