"""The frozen record of every event version ever published: `docs/schemas/published.lock`.

One line per version: its name, and the shape of its schema as JSON. Others built on these; stored
events have them. The record is only ever extended: by versions, and by what `schema_compatibility`
lets a version gain. It never follows a change that breaks somebody.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from scripts.schema_compatibility import Break, Schema, breaks, shape
from scripts.write_schemas import DOCS, published_schemas

LOCK: Final = Path("schemas", "published.lock")
"""Where the record lies, below `docs/`."""

WHAT_TO_DO: Final = (
    "A published version keeps its shape: put it back, and define the change as the next version "
    "with an @upcaster from this one (docs/development.md, 'Add an event')."
)


class BrokenPromise(Exception):
    """Definitions that break what was published, with every break and what to do instead."""

    def __init__(self, found: list[Break]) -> None:
        self.found = found
        super().__init__("\n".join([*sorted(map(str, found)), WHAT_TO_DO]))


def schemas() -> dict[str, Schema]:
    """The schema of every published version, as defined now and as JSON has it."""
    decoded: dict[str, Schema] = msgspec.json.decode(msgspec.json.encode(published_schemas()))
    return decoded


def recorded(docs: Path = DOCS) -> dict[str, Schema]:
    """The shapes on record."""
    lock = docs / LOCK
    lines = lock.read_text().splitlines() if lock.exists() else []
    parts = (line.partition(" ") for line in lines)
    return {name: msgspec.json.decode(text) for name, _, text in parts}


def extended(record: Mapping[str, Schema], now: Mapping[str, Schema]) -> dict[str, Schema]:
    """The record together with what is defined now. Raises `BrokenPromise`."""
    found = breaks(record, now)
    if found:
        raise BrokenPromise(found)
    return {name: shape(schema) for name, schema in sorted(now.items())}


def written(record: Mapping[str, Schema]) -> bytes:
    """The record as a file."""
    lines = (
        f"{name} {msgspec.json.encode(schema, order='sorted').decode()}\n"
        for name, schema in record.items()
    )
    return "".join(lines).encode()
