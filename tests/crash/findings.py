"""What a run left behind in a platform's stores, and what is wrong with it."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from amends.bus import OWNERS

SERVICES: Final = ("intake", "routing", "sla", "notify", "dashboard")

EVENTS: Final = (
    "SELECT gpos, id, topic, shard, key, stream, version, type, causation_id, data "
    "FROM events ORDER BY gpos"
)
_NAMES: Final = (
    *("gpos", "id", "topic", "shard", "key", "stream", "version", "type", "cause", "data"),
)
POSITIONS: Final = "SELECT consumer, source, partition, gpos FROM positions"
HELD: Final = "SELECT consumer, key FROM held"
TIMERS: Final = "SELECT key, clock FROM timers"
COPIES: Final = "SELECT source, partition, gpos FROM dashboard_feed_event ORDER BY id"
HEADS: Final = (
    "SELECT topic, shard, max(gpos) FROM events WHERE topic IS NOT NULL GROUP BY topic, shard"
)

Row = Sequence[Any]
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The stores of all services, as they were at one moment. Keys are services."""

    events: Mapping[str, list[Entry]]
    positions: Mapping[str, Sequence[Row]]
    held: Mapping[str, Sequence[Row]]
    timers: Mapping[str, Sequence[Row]]
    copies: Sequence[Row]


def entries(rows: Iterable[Row]) -> list[Entry]:
    """Events by name of column, data decoded."""
    found = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    for entry in found:
        entry["data"] = json.loads(entry["data"])
    return found


@contextmanager
def opened(data: Path, service: str) -> Iterator[sqlite3.Connection]:
    """A service's file, for reading."""
    connection = sqlite3.connect(data / f"{service}.sqlite3")
    try:
        yield connection
    finally:
        connection.close()


def rows(data: Path, service: str, query: str) -> list[Row]:
    """What a query finds in a service's file."""
    with opened(data, service) as db:
        return db.execute(query).fetchall()


def in_files(data: Path) -> Findings:
    """What a stopped embedded platform left in its folder."""
    return Findings(
        events={service: entries(rows(data, service, EVENTS)) for service in SERVICES},
        positions={service: rows(data, service, POSITIONS) for service in SERVICES},
        held={service: rows(data, service, HELD) for service in SERVICES},
        timers={service: rows(data, service, TIMERS) for service in SERVICES},
        copies=rows(data, "dashboard", COPIES),
    )


def of_type(found: list[Entry], name: str) -> list[Entry]:
    """The events of one type."""
    return [entry for entry in found if entry["type"] == f"amends.{name}.v1"]


def broken_files(data: Path) -> list[str]:
    """Files that SQLite itself finds damaged."""
    return [s for s in SERVICES if rows(data, s, "PRAGMA integrity_check") != [("ok",)]]


def gaps_in_streams(found: Findings) -> list[str]:
    """Streams whose versions do not count 1, 2, 3 … in order of gpos."""
    gaps = []
    for service, log in found.events.items():
        versions: dict[str, list[int]] = defaultdict(list)
        for entry in log:
            versions[entry["stream"]].append(entry["version"])
        gaps += [
            f"{service} {stream} {seen}"
            for stream, seen in versions.items()
            if seen != list(range(1, len(seen) + 1))
        ]
    return gaps


def unread(
    heads: Mapping[tuple[str, int], int],
    positions: Iterable[Row],
    held: Iterable[Row],
) -> list[str]:
    """Consumers that did not read a partition to its end, or keep something back."""
    behind = [
        f"{consumer} read {source}/{partition} to {gpos} of {heads.get((source, partition))}"
        for consumer, source, partition, gpos in positions
        if consumer != "relay" and gpos != heads.get((source, partition))
    ]
    return behind + [f"{consumer} holds {key}" for consumer, key in held]


def heads_of(found: Findings) -> dict[tuple[str, int], int]:
    """The last gpos of every topic and partition."""
    return {
        (entry["topic"], entry["shard"]): entry["gpos"]
        for log in found.events.values()
        for entry in log
        if entry["topic"] is not None
    }


def unread_in(found: Findings) -> list[str]:
    """As `unread`, for all services."""
    positions = [row for service in found.positions.values() for row in service]
    held = [row for service in found.held.values() for row in service]
    return unread(heads_of(found), positions, held)


def unread_in_files(data: Path) -> list[str]:
    """As `unread_in`, quickly, also while the platform runs."""
    heads: dict[tuple[str, int], int] = {}
    for owner in sorted(set(OWNERS.values())):
        heads.update({(row[0], row[1]): row[2] for row in rows(data, owner, HEADS)})
    positions = [row for service in SERVICES for row in rows(data, service, POSITIONS)]
    held = [row for service in SERVICES for row in rows(data, service, HELD)]
    return unread(heads, positions, held)


def published(found: Findings) -> dict[tuple[str, int], list[int]]:
    """Per topic and partition the gpos of its events, in order."""
    places: dict[tuple[str, int], list[int]] = defaultdict(list)
    for log in found.events.values():
        for entry in log:
            if entry["topic"] is not None:
                places[entry["topic"], entry["shard"]].append(entry["gpos"])
    return dict(places)


def copies_that_differ(found: Findings) -> list[str]:
    """How the dashboard's copy of all topics differs from the logs: missing, doubled, reordered."""
    copied: dict[tuple[str, int], list[int]] = defaultdict(list)
    for source, partition, gpos in found.copies:
        copied[source, partition].append(gpos)
    return [
        f"{place}: {len(copied[place])} copied of {len(gpos)}"
        for place, gpos in published(found).items()
        if copied[place] != gpos
    ]


def repeated(keys: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Those that occur more than once."""
    return [key for key, count in Counter(keys).items() if count > 1]
