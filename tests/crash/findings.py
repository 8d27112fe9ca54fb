"""Looks into the files of a stopped platform and says what was lost, doubled or out of order."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from amends.bus import OWNERS

_SERVICES: Final = ("intake", "routing", "sla", "notify", "dashboard")


@contextmanager
def opened(data: Path, service: str) -> Iterator[sqlite3.Connection]:
    """A service's file, for reading."""
    connection = sqlite3.connect(data / f"{service}.sqlite3")
    try:
        yield connection
    finally:
        connection.close()


def events(data: Path, service: str) -> list[dict[str, Any]]:
    """A service's log in order, data decoded."""
    with opened(data, service) as db:
        rows = db.execute(
            "SELECT gpos, id, topic, key, stream, version, type, causation_id, data "
            "FROM events ORDER BY gpos"
        ).fetchall()
    names = ("gpos", "id", "topic", "key", "stream", "version", "type", "cause", "data")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for entry in found:
        entry["data"] = json.loads(entry["data"])
    return found


def of_type(entries: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The events of one type."""
    return [entry for entry in entries if entry["type"] == f"amends.{name}.v1"]


def broken_files(data: Path) -> list[str]:
    """Files that SQLite itself finds damaged."""
    damaged = []
    for service in _SERVICES:
        with opened(data, service) as db:
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                damaged.append(service)
    return damaged


def gaps_in_streams(data: Path) -> list[str]:
    """Streams whose versions do not count 1, 2, 3 … in order of gpos."""
    found = []
    for service in _SERVICES:
        versions: dict[str, list[int]] = defaultdict(list)
        for entry in events(data, service):
            versions[entry["stream"]].append(entry["version"])
        found += [
            f"{service} {stream} {seen}"
            for stream, seen in versions.items()
            if seen != list(range(1, len(seen) + 1))
        ]
    return found


def unread(data: Path) -> list[str]:
    """Consumers that did not read a source to its end. Also while the platform runs."""
    heads: dict[str, int] = {}
    for owner in sorted(set(OWNERS.values())):
        with opened(data, owner) as db:
            heads.update(
                db.execute(
                    "SELECT topic, max(gpos) FROM events WHERE topic IS NOT NULL GROUP BY topic"
                ).fetchall()
            )
    found = []
    for service in _SERVICES:
        with opened(data, service) as db:
            rows = db.execute("SELECT consumer, source, gpos FROM positions").fetchall()
            rows += db.execute("SELECT consumer, 'held', 0 FROM held").fetchall()
        found += [
            f"{consumer} read {source} to {gpos} of {heads.get(source)}"
            for consumer, source, gpos in rows
            if gpos != heads.get(source)
        ]
    return found


def copies_that_differ(data: Path) -> list[str]:
    """How the dashboard's copy of all topics differs from the logs: missing, doubled, reordered."""
    published: dict[str, list[int]] = {}
    for topic, owner in OWNERS.items():
        published[topic] = [e["gpos"] for e in events(data, owner) if e["topic"] == topic]
    copied: dict[str, list[int]] = defaultdict(list)
    with opened(data, "dashboard") as db:
        for source, gpos in db.execute("SELECT source, gpos FROM dashboard_feed_event ORDER BY id"):
            copied[source].append(gpos)
    return [
        f"{topic}: {len(copied[topic])} copied of {len(published[topic])}"
        for topic in published
        if copied[topic] != published[topic]
    ]


def repeated(keys: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Those that occur more than once."""
    return [key for key, count in Counter(keys).items() if count > 1]
