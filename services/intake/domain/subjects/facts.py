"""What happened to the record of a person, beside `SubjectErased`: private to intake."""

from dataclasses import dataclass

from shared.events.personal import Personal
from shared.events.registry import event
from shared.events.subjects import SubjectEvent


@event("subject.hold_placed", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldPlaced(SubjectEvent):
    """The person's texts have to be kept, under this reference, until it is released.

    The same reference again: for another `reason` from now on.
    """

    hold_id: str
    reason: Personal


@event("subject.hold_released", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldReleased(SubjectEvent):
    """What they were kept for under this reference is over."""

    hold_id: str
