"""How records, timers and claims lie in rows: alike on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from shared.clock import from_ms, to_ms
from shared.codec import encode, pack, unpack
from shared.eventlog.ports import Append, Claim, Timer
from shared.events.envelope import Actor, Event, Fact, Recorded
from shared.events.registry import event_type

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


def timer_row(timer: Timer) -> tuple[Any, ...]:
    """The inverse of `timer_of`."""
    return (
        *(timer.id, timer.clock, timer.shard, to_ms(timer.due_at)),
        *(timer.kind, timer.key, timer.payload),
    )


CLAIM_COLUMNS: Final = "principal, operation, key, body_sha256, status, id, version, created_at"


def claim_of(row: Sequence[Any]) -> Claim:
    """A claim from a row of `CLAIM_COLUMNS`."""
    return Claim(
        principal=row[0],
        operation=row[1],
        key=row[2],
        body_sha256=row[3],
        status=row[4],
        id=row[5],
        version=row[6],
        created_at=from_ms(row[7]),
    )


def claim_row(claim: Claim) -> tuple[Any, ...]:
    """The inverse of `claim_of`."""
    return (
        *(claim.principal, claim.operation, claim.key, claim.body_sha256),
        *(claim.status, claim.id, claim.version, to_ms(claim.created_at)),
    )


def event_rows(
    append: Append,
    *,
    source: str,
    shard: int,
    recorded_ms: int,
    gpos: Iterable[int],
    new_id: Callable[[], str],
) -> Iterator[tuple[Fact[Event], tuple[Any, ...]]]:
    """The events of an append as facts, each with its row of `EVENT_COLUMNS`.

    `gpos` gives out their positions, one for each event and no more.
    """
    actor = pack(append.actor)
    recorded_at = from_ms(recorded_ms)
    version, stream, key = append.expected_version, append.stream, append.key
    links = (append.correlation_id, append.causation_id, append.traceparent)
    for event, place in zip(append.events, gpos, strict=False):
        version += 1
        event_id, data, occurred_at = new_id(), encode(event), event.occurred_at
        topic, type_name = event_type(event.TYPE).topic, event.TYPE
        # By position: this runs for every event, and names would double its time.
        record = Recorded(
            event_id, source, topic, key, stream, version, type_name, shard, place,
            occurred_at, recorded_at, append.actor, *links, data,
        )  # fmt: skip
        yield Fact(record, event), (
            place, event_id, topic, key, stream, version, type_name, shard,
            to_ms(occurred_at), recorded_ms, actor, *links, data,
        )  # fmt: skip
