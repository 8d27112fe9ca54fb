"""A playbook's stream: each edit is a new version, and none is ever lost."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.playbooks.content import Content, Passage, Playbook, faults
from shared.decider import Decider, Refused
from shared.events.envelope import Event
from shared.events.registry import event
from shared.events.vocabulary import Category


@event("playbook.edited", topic=None)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookEdited(Event):
    """Ops replaced what a playbook says. Versions count from that of the texts as delivered."""

    category: Category
    version: int
    steps: tuple[Passage, ...]
    asks: tuple[Passage, ...]
    explanations: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlaybook:
    """Replace all that a playbook says."""

    now: datetime
    content: Content


def playbook_decider(delivered: Playbook) -> Decider[EditPlaybook, Playbook]:
    """The domain of one category; it begins with the texts as delivered."""
    return Decider(initial=delivered, decide=decide, evolve=evolve)


def decide(command: EditPlaybook, state: Playbook) -> list[Event]:
    """The next version. The same words again change nothing.

    Raises `Refused` `playbook_invalid` where a text has a fault.
    """
    found = faults(command.content)
    if found:
        raise Refused("playbook_invalid", "; ".join(found))
    if command.content == state.content:
        return []
    return [
        PlaybookEdited(
            occurred_at=command.now,
            category=state.category,
            version=state.version + 1,
            steps=command.content.steps,
            asks=command.content.questions,
            explanations=command.content.explanations,
        )
    ]


def evolve(state: Playbook, event: Event) -> Playbook:
    """The playbook as edited last."""
    if not isinstance(event, PlaybookEdited):
        return state
    return replace(state, version=event.version, content=content_of(event))


def content_of(event: PlaybookEdited) -> Content:
    """What the playbook said from then on."""
    return Content(steps=event.steps, questions=event.asks, explanations=event.explanations)
