"""Events of intake about persons themselves (key and stream: the person), whoever they are."""

from dataclasses import dataclass

from shared.events.envelope import Event
from shared.events.registry import COMPLAINTS, event


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectEvent(Event):
    """`subject_id` is the opaque id of the person: a consumer, a merchant or a specialist."""

    subject_id: str


@event("subject.erased", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectErased(SubjectEvent):
    """The key of this person's texts was destroyed: from now on nobody can read them.

    `legal_basis` says on what ground, such as `PIPL Art. 47`. Whoever keeps what the texts said,
    or seals texts of the person with a key of their own, lets go of it now.
    """

    legal_basis: str
