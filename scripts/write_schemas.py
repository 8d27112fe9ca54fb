"""JSON Schemas of events, and the page that lists them, from the event definitions.

`docs/schemas/<full name>.json` is the JSON Schema of one published version (draft 2020-12);
`docs/events.md` lists them all. `x-topic` is where the events of that version travel.
"""

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import EnumType
from pathlib import Path
from typing import Any, Final

import msgspec

from shared.events import Personal
from shared.events.registry import EventType, event_types, topics
from shared.kafka.dead_letters import CHANGED, DeadLetterChanged, dead_topic

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final = {"type": "string"}
_PERSONAL: Final = {
    "description": "Personal data of subject `s`: in clear (`v`), or sealed with its key.",
    "oneOf": [
        {
            "type": "object",
            "properties": {"s": _TEXT, "v": _TEXT},
            "required": ["s", "v"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"s": _TEXT, "k": _TEXT, "n": _TEXT, "c": _TEXT},
            "required": ["s", "k", "n", "c"],
            "additionalProperties": False,
        },
    ],
}


def schema_of(entry: EventType) -> dict[str, Any]:
    """The JSON Schema of an event version. Readers must ignore fields that it does not name."""
    return _schema(entry.full_name, entry.cls, entry.topic, entry.wire_names)


def dead_letter_schema() -> dict[str, Any]:
    """The JSON Schema of what is told about dead letters; `{service}` stands for each."""
    return _schema(CHANGED, DeadLetterChanged, dead_topic("{service}"), {})


def _schema(
    name: str, described: type, topic: str | None, wire: Mapping[str, str]
) -> dict[str, Any]:
    _, parts = msgspec.json.schema_components(
        [described], schema_hook=_schema_hook, ref_template="#/$defs/{name}"
    )
    for cls in _dataclasses_in(described):
        _date(cls, parts[cls.__name__]["properties"])
        _open(cls, parts)
    top: dict[str, Any] = parts.pop(described.__name__)
    schema = {
        "$schema": _DIALECT,
        "$id": f"urn:{name.replace('.', ':')}",
        "title": name,
        "description": in_words(described),
        **({} if topic is None else {"x-topic": topic}),
        "type": "object",
        "properties": {wire.get(name, name): part for name, part in top["properties"].items()},
        "required": [wire.get(name, name) for name in top["required"]],
    }
    return {**schema, "$defs": parts} if parts else schema


def _dataclasses_in(cls: type) -> Iterator[type]:
    """A dataclass and those its fields hold."""
    yield cls
    for hint in typing.get_type_hints(cls).values():
        for kind in _kinds(hint):
            if dataclasses.is_dataclass(kind):
                yield from _dataclasses_in(kind)


def _kinds(hint: Any) -> Iterator[type]:
    inner = typing.get_args(hint)
    if not inner:
        yield hint
    for part in inner:
        yield from _kinds(part)


def _date(cls: type, properties: dict[str, Any]) -> None:
    """Say which strings are instants; msgspec does not, because a datetime may lack a zone."""
    hints = typing.get_type_hints(cls)
    for name, part in properties.items():
        if datetime in _kinds(hints[name]):
            for place in (part, *part.get("anyOf", ()), part.get("items", {})):
                if place.get("type") == "string":
                    place["format"] = "date-time"


def _open(cls: type, parts: dict[str, Any]) -> None:
    """A vocabulary whose Python class takes unknown words (`_missing_`) is no closed list."""
    for hint in typing.get_type_hints(cls).values():
        for kind in _kinds(hint):
            if isinstance(kind, EnumType) and "_missing_" in vars(kind):
                part = parts[kind.__name__]
                if "enum" in part:
                    part |= {"type": "string", "x-extensible-enum": part.pop("enum")}


def _schema_hook(cls: type) -> dict[str, Any]:
    if cls is Personal:
        return _PERSONAL
    raise NotImplementedError(cls.__name__)


def description_of(entry: EventType) -> str:
    """What an event means, in its own words."""
    return in_words(entry.cls)


def in_words(cls: type) -> str:
    """What a class stands for, in its own words."""
    return " ".join((cls.__doc__ or "").split())


def catalogue() -> str:
    """All published events as a page, by topic."""
    lines = [
        "# Events",
        "",
        "Written by `make docs` from `shared/events/`. One topic has one writer; the key keeps the",
        "events of one complaint (merchant, specialist) in order. Each name links to its JSON",
        "Schema. `occurred_at` is when the act took place, the envelope's `recorded_at` when it",
        "was stored. Readers ignore fields they do not know.",
    ]
    for topic, entries in topics().items():
        lines += ["", f"## `{topic}`", "", "| event | seen by | meaning |", "|---|---|---|"]
        lines += [
            f"| [`{entry.full_name}`](schemas/{entry.full_name}.json) "
            f"| {', '.join(sorted(entry.visible_to))} | {description_of(entry).replace('|', '/')} |"
            for entry in entries
        ]
    return "\n".join(lines) + "\n"


def documents() -> dict[Path, bytes]:
    """Every file this module owns (relative to `docs/`), as it should be."""
    found = {Path("events.md"): catalogue().encode()}
    for name, schema in published_schemas().items():
        text = msgspec.json.format(msgspec.json.encode(schema), indent=2)
        found[Path("schemas", f"{name}.json")] = text + b"\n"
    return found


def published_schemas() -> dict[str, dict[str, Any]]:
    """The schema of everything that is published, by its name."""
    found = {e.full_name: schema_of(e) for e in event_types() if e.topic is not None}
    return {**found, CHANGED: dead_letter_schema()}
