"""What surrounds every event: who, when, where in which stream, caused by what."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, NamedTuple, TypeVar

from shared.events.vocabulary import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it. `on_behalf_of` names the person for whom a specialist or service acted."""

    role: Role
    id: str
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. Past tense, immutable, self-contained.

    `occurred_at` is when the act took place (UTC, whole milliseconds), not when it was stored.
    """

    TYPE: ClassVar[str] = ""

    occurred_at: datetime


class Recorded(NamedTuple):
    """An event as it lies in a log and travels between services: envelope plus encoded bytes.

    A named tuple, because one is made for every event written and read: a frozen dataclass takes
    four times as long to make.

    `version` counts the events of `stream` from 1; `gpos` grows along `shard` and never repeats;
    `recorded_at` never decreases along a shard. `topic` is None for an event private to its owner.
    `type` is the full name, such as `amends.complaint.filed.v1`.
    """

    id: str
    source: str
    topic: str | None
    key: str
    stream: str
    version: int
    type: str
    shard: int
    gpos: int
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    data: bytes


E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[E_co]):
    """A recorded event with its data decoded."""

    recorded: Recorded
    event: E_co
