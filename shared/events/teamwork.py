"""How staff work on a case together, and keep their word: nothing of it moves the complaint.

Written by intake into the complaint's stream, in topic `amends.complaints`. Numbers count within
the cycle, helps and callbacks each for themselves.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.events.casework import CaseworkEvent
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, CONSUMER_AND_STAFF, event
from shared.events.vocabulary import Role


@event("complaint.step_recorded", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecorded(CaseworkEvent):
    """Staff took a step of a playbook. `playbook_version` names it: `counterfeit@1`."""

    step: str
    playbook_version: str


@event("complaint.help_asked", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAsked(CaseworkEvent):
    """A colleague was asked. `collaborator_id` may read the complaint until they have answered.

    `collaborator_role` says in which role they are told.
    """

    n: int
    collaborator_id: str
    collaborator_role: Role
    question: Personal


@event("complaint.help_given", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class HelpGiven(CaseworkEvent):
    """Question n was answered: by the colleague, or by whoever wrote down what they said."""

    n: int
    answer: Personal


@event("complaint.callback_promised", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPromised(CaseworkEvent):
    """The consumer was promised a call at this time."""

    n: int
    promised_for: datetime


@event("complaint.callback_made", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackMade(CaseworkEvent):
    """Promised call n was made. Whether anybody answered is a matter of contacts."""

    n: int


@event("complaint.handed_over", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintHandedOver(CaseworkEvent):
    """Whoever has it by routing's decision n, `specialist_id`, is to be released from it.

    `summary` is for whoever has it next. `to` is whom they have in mind; routing decides who.
    """

    n: int
    specialist_id: str
    to: str | None
    summary: Personal


TeamworkFact = (
    StepRecorded | HelpAsked | HelpGiven | CallbackPromised | CallbackMade | ComplaintHandedOver
)
"""Every event of this module. A new one belongs here, and is then asked for wherever it matters."""
