"""How records and timers lie in SQLite rows."""

from typing import Any, Final

from shared.clock import from_ms
from shared.codec import pack, unpack
from shared.eventlog.ports import Timer
from shared.events.envelope import Actor, Recorded

EVENT_COLUMNS: Final = (
    "gpos, id, topic, key, stream, version, type, shard, occurred_at, recorded_at, actor, "
    "correlation_id, causation_id, traceparent, data"
)

_ACTORS_KEPT: Final = 10_000
_actors: dict[bytes, Actor] = {}


def actor_of(packed: bytes) -> Actor:
    """Read an actor; few distinct ones exist, so they are remembered."""
    found = _actors.get(packed)
    if found is None:
        if len(_actors) > _ACTORS_KEPT:
            _actors.clear()
        found = _actors[packed] = unpack(packed, Actor)
    return found


def recorded_of(source: str, row: tuple[Any, ...]) -> Recorded:
    """A record from a row of `EVENT_COLUMNS`."""
    return Recorded(
        row[1],
        source,
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[0],
        from_ms(row[8]),
        from_ms(row[9]),
        actor_of(row[10]),
        row[11],
        row[12],
        row[13],
        row[14],
    )


TIMER_COLUMNS: Final = "id, clock, shard, due_at, kind, key, payload"


def timer_of(row: tuple[Any, ...]) -> Timer:
    """A timer from a row of `TIMER_COLUMNS`."""
    return Timer(
        id=row[0],
        clock=row[1],
        shard=row[2],
        due_at=from_ms(row[3]),
        kind=row[4],
        key=row[5],
        payload=row[6],
    )


def packed_actor(actor: Actor) -> bytes:
    """The inverse of `actor_of`."""
    return pack(actor)
