"""The dashboard's durable copy of every event: written with the figures, read by live streams.

A place in the copy is a vector: for every source (topic) and partition the gpos of the last event
seen. It stays true after a rebuild, because gpos belongs to the event and not to the copy.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from services.dashboard.audience import audiences
from shared.clock import rfc3339
from shared.codec import pack
from shared.eventlog.ports import Statement
from shared.events.envelope import Event, Fact, Recorded
from shared.events.vocabulary import Audience
from shared.problems import Problem

LATE: Final = "amends.dashboard.late"
"""The source under which the copy keeps an event that had been parked and came after others that
lay behind it: readers are past its own place, so it gets a new one."""

_INSERT: Final = (
    "INSERT INTO dashboard_feed_event "
    "(source, partition, gpos, key, type, to_consumer, to_merchant, envelope, data) "
    "VALUES (:source, :partition, :gpos, :key, :type, :to_consumer, :to_merchant, "
    ":envelope, :data)"
)
_INSERT_LATE: Final = (
    "INSERT INTO dashboard_feed_event "
    "(source, partition, gpos, key, type, to_consumer, to_merchant, envelope, data) "
    "SELECT :source, :partition, head_gpos, :key, :type, :to_consumer, :to_merchant, "
    ":envelope, :data FROM dashboard_feed_head "
    "WHERE source = :source AND partition = :partition"
)
_HEAD: Final = (
    "INSERT INTO dashboard_feed_head (source, partition, head_gpos, floor_gpos) "
    "VALUES (:source, :partition, :gpos, 0) "
    "ON CONFLICT (source, partition) DO UPDATE SET head_gpos = excluded.head_gpos"
)
_HEAD_LATE: Final = (
    "INSERT INTO dashboard_feed_head (source, partition, head_gpos, floor_gpos) "
    "VALUES (:source, :partition, 1, 0) "
    "ON CONFLICT (source, partition) DO UPDATE SET head_gpos = dashboard_feed_head.head_gpos + 1"
)


def copied(fact: Fact[Event], *, late: bool = False) -> list[Statement]:
    """Keep an event for the live stream. `late` if its partition has been counted beyond it."""
    recorded = fact.recorded
    seen_by = audiences(fact.event)
    place: dict[str, Any] = {"source": recorded.topic, "partition": recorded.shard}
    if late:
        place["source"] = LATE
    row = place | {
        "key": recorded.key,
        "type": recorded.type,
        "to_consumer": int(Audience.CONSUMER in seen_by),
        "to_merchant": int(Audience.MERCHANT in seen_by),
        "envelope": pack(envelope_of(recorded)),
        "data": recorded.data,
    }
    if late:
        return [Statement(_HEAD_LATE, place), Statement(_INSERT_LATE, row)]
    at = {"gpos": recorded.gpos}
    return [Statement(_INSERT, row | at), Statement(_HEAD, place | at)]


def envelope_of(recorded: Recorded) -> dict[str, Any]:
    """The envelope as `/v1/stream` shows it."""
    return {
        "id": recorded.id,
        "source": recorded.source,
        "topic": recorded.topic,
        "key": recorded.key,
        "stream": recorded.stream,
        "version": recorded.version,
        "type": recorded.type,
        "shard": recorded.shard,
        "gpos": recorded.gpos,
        "occurred_at": rfc3339(recorded.occurred_at),
        "recorded_at": rfc3339(recorded.recorded_at),
        "actor": {
            "role": recorded.actor.role,
            "id": recorded.actor.id,
            "on_behalf_of": recorded.actor.on_behalf_of,
        },
        "correlation_id": recorded.correlation_id,
        "causation_id": recorded.causation_id,
    }


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the copy: (source, partition) → gpos of the last event seen."""

    seen: Mapping[tuple[str, int], int]

    def of(self, source: str, partition: int) -> int:
        """The last gpos seen in a partition; 0 before the first."""
        return self.seen.get((source, partition), 0)

    def after(self, source: str, partition: int, gpos: int) -> "Place":
        """The place once this event has been seen too; never further back."""
        furthest = max(gpos, self.of(source, partition))
        return Place({**self.seen, (source, partition): furthest})

    def encoded(self) -> str:
        """As it travels in `id:` and `?cursor=`: base64url of `{topic: {partition: gpos}}`."""
        nested: dict[str, dict[str, int]] = {}
        for (source, partition), gpos in sorted(self.seen.items()):
            nested.setdefault(source, {})[str(partition)] = gpos
        return urlsafe_b64encode(msgspec.json.encode(nested)).rstrip(b"=").decode()


BEGINNING: Final = Place({})


_Gpos = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


def decoded_place(text: str) -> Place:
    """The inverse of `Place.encoded`. Raises `Problem` 422 `validation_failed` on anything else."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        nested = msgspec.json.decode(raw, type=dict[str, dict[int, _Gpos]])
    except (ValueError, binascii.Error) as error:
        raise Problem(
            "validation_failed",
            "The cursor is not one that this stream gave out.",
            errors=[{"field": "cursor", "message": "unreadable"}],
        ) from error
    return Place(
        {
            (source, partition): gpos
            for source, partitions in nested.items()
            for partition, gpos in partitions.items()
        }
    )
