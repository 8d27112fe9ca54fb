"""Which event types exist, in which version, on which topic, and who may see them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from shared.events.envelope import Event
from shared.events.vocabulary import Audience

COMPLAINTS: Final = "amends.complaints"
ASSIGNMENTS: Final = "amends.assignments"
MERCHANTS: Final = "amends.merchants"
SPECIALISTS: Final = "amends.specialists"
CLOCKS: Final = "amends.clocks"
FOLLOWUPS: Final = "amends.followups"

EVERYONE: Final = frozenset(Audience)
CONSUMER_AND_STAFF: Final = frozenset({Audience.CONSUMER, Audience.STAFF})
MERCHANT_AND_STAFF: Final = frozenset({Audience.MERCHANT, Audience.STAFF})
STAFF: Final = frozenset({Audience.STAFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One published (or private) version of one event.

    `wire_names` maps a field to its name on the wire where Python reserves the word.
    """

    name: str
    version: int
    cls: type[Event]
    topic: str | None
    visible_to: frozenset[Audience]
    wire_names: Mapping[str, str]

    @property
    def full_name(self) -> str:
        """The name on the wire, for example `amends.complaint.filed.v1`."""
        return f"amends.{self.name}.v{self.version}"


Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the decoded JSON of one version of an event into that of the next."""

_types: dict[str, EventType] = {}
_upcasts: dict[str, tuple[str, Upcast]] = {}
_E = TypeVar("_E", bound=Event)


def event(
    name: str,
    *,
    topic: str | None,
    visible_to: frozenset[Audience] = STAFF,
    version: int = 1,
    wire_names: Mapping[str, str] = MappingProxyType({}),
) -> Callable[[type[_E]], type[_E]]:
    """Declare a dataclass to be the definition of an event type.

    Raises `ValueError` if the name and version are already taken.
    """

    def declare(cls: type[_E]) -> type[_E]:
        entry = EventType(
            name=name,
            version=version,
            cls=cls,
            topic=topic,
            visible_to=visible_to,
            wire_names=wire_names,
        )
        if entry.full_name in _types:
            raise ValueError(f"{entry.full_name} is already defined")
        _types[entry.full_name] = entry
        cls.TYPE = entry.full_name
        return cls

    return declare


def upcaster(old: str, new: str) -> Callable[[Upcast], Upcast]:
    """Declare how stored data of type `old` (full name) reads as type `new`."""

    def declare(function: Upcast) -> Upcast:
        _upcasts[old] = (new, function)
        return function

    return declare


def upcast_of(full_name: str) -> tuple[str, Upcast] | None:
    """The step that lifts this stored type to its next version, if there is one."""
    return _upcasts.get(full_name)


def event_type(full_name: str) -> EventType:
    """Look up a type by full name. Raises `KeyError` if nobody defined it."""
    return _types[full_name]


def event_types() -> Iterable[EventType]:
    """Every defined type, in order of name."""
    return [_types[name] for name in sorted(_types)]


def topics() -> Mapping[str, list[EventType]]:
    """The published types of each topic."""
    found: dict[str, list[EventType]] = {}
    for entry in event_types():
        if entry.topic is not None:
            found.setdefault(entry.topic, []).append(entry)
    return found
