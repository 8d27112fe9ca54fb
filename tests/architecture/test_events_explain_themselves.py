"""Events are the contract: each says what it means, who may see it, and hides personal data."""

import dataclasses
import typing
from datetime import datetime

from shared.events import Event, Personal
from shared.events.registry import EVERYONE, EventType, event_types
from shared.events.vocabulary import Audience

INSTANT_ENDINGS = ("_at", "since", "at", "as_of", "promised_for")
PERSONAL_NAMES = frozenset(
    {
        "answer",
        "contact",
        "description",
        "email",
        "name",
        "note",
        "phone",
        "question",
        "questions",
        "summary",
        "text",
    }
)


def faults(entry: EventType) -> list[str]:
    """What a reader of the contract would miss."""
    cls = entry.cls
    generated = f"{cls.__name__}("
    found = []
    if not cls.__doc__ or cls.__doc__.startswith(generated):
        found.append(f"{entry.full_name} has no docstring")
    if Audience.STAFF not in entry.visible_to:
        found.append(f"{entry.full_name} is hidden from staff")
    types = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        kinds = {types[field.name], *typing.get_args(types[field.name])}
        if field.name in PERSONAL_NAMES and Personal not in kinds:
            found.append(f"{entry.full_name}.{field.name} is not Personal")
        if datetime in kinds and not field.name.endswith(INSTANT_ENDINGS):
            found.append(f"{entry.full_name}.{field.name} does not say that it is an instant")
    return found


def test_every_event_says_what_it_means_and_who_may_see_it() -> None:
    assert [fault for entry in event_types() for fault in faults(entry)] == []


def test_there_are_events_to_look_at() -> None:
    assert len(list(event_types())) > 30


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Event):
    phone: str
    deadline: datetime | None


def test_an_event_that_explains_nothing_is_noticed() -> None:
    entry = EventType(
        name="silent.event",
        version=1,
        cls=Silent,
        topic=None,
        visible_to=EVERYONE - {Audience.STAFF},
        wire_names={},
    )
    assert faults(entry) == [
        "amends.silent.event.v1 has no docstring",
        "amends.silent.event.v1 is hidden from staff",
        "amends.silent.event.v1.phone is not Personal",
        "amends.silent.event.v1.deadline does not say that it is an instant",
    ]
