"""Whether readers and stored events bear a change of event schemas.

    python -m scripts.schema_compatibility OLD_FOLDER NEW_FOLDER

Events are stored for good and read by programs of others, so a version has to hold both ways: who
was built on the old schema meets new events, and who is built on the new one meets old events. An
added optional field leaves both in peace, and so do words (titles, descriptions). Everything else
breaks one of them, and `Rule` says whom. What no rule knows is taken for a break.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

Schema = dict[str, Any]

_WORDS: Final = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "deprecated"}
    | {"x-extensible-enum"}  # an open vocabulary is a string: its values are examples
)
_INNER: Final = {"items": "[]", "additionalProperties": "{}", "propertyNames": "{key}"}
_MAPS: Final = frozenset({"properties", "patternProperties"})
_LISTS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SETS: Final = frozenset({"required", "enum"})
_JUDGED: Final = frozenset({"properties", "required", "enum", "default", *_INNER})


class Rule(StrEnum):
    """What may not happen to a published version, and whom it would break."""

    VERSION_REMOVED = "removed; stored events of it could no longer be read"
    FIELD_REMOVED = "removed; readers rely on it"
    REQUIRED_FIELD_ADDED = "added as a required field; events already stored lack it"
    FIELD_ADDED_TO_CLOSED = "added to an object whose readers refuse what it does not name"
    MADE_REQUIRED = "made required; events already stored may lack it"
    MADE_OPTIONAL = "made optional; readers rely on it"
    DEFAULT_CHANGED = "given another default; events without it would change their meaning"
    TYPE_NARROWED = "narrowed; events already stored may not fit"
    TYPE_WIDENED = "widened; readers do not expect it"
    VALUE_ADDED = "given a new value; readers know a closed list"
    VALUE_REMOVED = "deprived of a value; events already stored may have it"
    CONSTRAINT_CHANGED = "bound otherwise; events already stored may not fit, or new ones"


@dataclass(frozen=True, slots=True)
class Break:
    """One change that somebody does not bear. `where` is `event` or `event: path`."""

    where: str
    rule: Rule
    what: str = ""

    def __str__(self) -> str:
        """A sentence for whoever made the change."""
        return f"{self.where} is {self.rule}" + (f" ({self.what})" if self.what else "")


def breaks(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[Break]:
    """Everything in `new` that breaks what `old` promised. Added versions never do."""
    found: list[Break] = []
    for name, schema in old.items():
        if name in new:
            found += _differences(name, shape(schema), shape(new[name]))
        else:
            found.append(Break(name, Rule.VERSION_REMOVED))
    return found


def shape(schema: Schema, definitions: Schema | None = None) -> Schema:
    """What binds the data: references resolved, words left out, sets in order.

    The shape of a shape is itself. An event never holds itself, so references end.
    """
    inside = schema.get("$defs", {}) if definitions is None else definitions
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return shape({**inside[schema["$ref"].removeprefix("#/$defs/")], **rest}, inside)
    return {key: _part(key, value, inside) for key, value in schema.items() if key not in _WORDS}


def _part(keyword: str, value: Any, definitions: Schema) -> Any:
    if keyword in _MAPS:
        return {name: shape(part, definitions) for name, part in value.items()}
    if keyword in _LISTS:
        return [shape(part, definitions) for part in value]
    if keyword in _SETS:
        return sorted(value, key=_text)
    if keyword in _INNER and isinstance(value, dict):
        return shape(value, definitions)
    return value


def _differences(where: str, old: Schema, new: Schema) -> Iterator[Break]:
    """Pair the alternatives of two places; judge pairs of a kind, then what is left over."""
    was, now = _alternatives(old), _alternatives(new)
    lost = [one for one in was if one not in now]
    gained = [one for one in now if one not in was]
    for one in list(lost):
        other = next((other for other in gained if _kind(other) == _kind(one)), None)
        if other is not None:
            lost.remove(one)
            gained.remove(other)
            yield from _same_kind(where, one, other)
    for one in lost:
        if not any(_covers(other, one) for other in now):
            yield Break(where, Rule.TYPE_NARROWED, f"no longer {_kind(one)}")
    for other in gained:
        if not any(_covers(one, other) for one in was):
            yield Break(where, Rule.TYPE_WIDENED, f"now also {_kind(other)}")


def _alternatives(place: Schema) -> list[Schema]:
    rest = {key: value for key, value in place.items() if key not in {"anyOf", "oneOf", "default"}}
    for keyword in ("anyOf", "oneOf"):
        if keyword in place:
            return [{**rest, **one} for part in place[keyword] for one in _alternatives(part)]
    kinds = rest.get("type")
    return [{**rest, "type": kind} for kind in kinds] if isinstance(kinds, list) else [rest]


def _kind(place: Schema) -> str:
    if "enum" in place:
        return "a value of a list"
    return str(place.get("type", "anything"))


def _covers(wide: Schema, narrow: Schema) -> bool:
    """Whether `wide` is a bare type that takes all that fits `narrow`."""
    match wide:
        case {"type": "number", **rest} if not rest:
            return _kind(narrow) == "integer"
        case {"type": "string", **rest} if not rest:
            return all(isinstance(value, str) for value in narrow.get("enum", [None]))
    return not wide


def _same_kind(where: str, old: Schema, new: Schema) -> Iterator[Break]:
    yield from _fields(where, old, new)
    was, now = old.get("enum", []), new.get("enum", [])
    yield from (Break(where, Rule.VALUE_ADDED, _text(v)) for v in now if v not in was)
    yield from (Break(where, Rule.VALUE_REMOVED, _text(v)) for v in was if v not in now)
    for keyword, mark in _INNER.items():
        was, now = old.get(keyword, True), new.get(keyword, True)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _differences(where + mark, was, now)
        elif was != now:
            yield _constraint(where, keyword, was, now)
    for keyword in sorted((old.keys() | new.keys()) - _JUDGED):
        if old.get(keyword) != new.get(keyword):
            yield _constraint(where, keyword, old.get(keyword), new.get(keyword))


def _fields(where: str, old: Schema, new: Schema) -> Iterator[Break]:
    was, now = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    closed = old.get("additionalProperties") is False
    for name, place in was.items():
        path = _inside(where, name)
        if name not in now:
            yield Break(path, Rule.FIELD_REMOVED)
            continue
        if name in needed ^ needs:
            yield Break(path, Rule.MADE_REQUIRED if name in needs else Rule.MADE_OPTIONAL)
        elif place.get("default") != now[name].get("default"):
            change = f"was {_text(place.get('default'))}, is {_text(now[name].get('default'))}"
            yield Break(path, Rule.DEFAULT_CHANGED, change)
        yield from _differences(path, place, now[name])
    for name in now.keys() - was.keys():
        path = _inside(where, name)
        if name in needs:
            yield Break(path, Rule.REQUIRED_FIELD_ADDED)
        elif closed:
            yield Break(path, Rule.FIELD_ADDED_TO_CLOSED)


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if ": " in where else f"{where}: {name}"


def _constraint(where: str, keyword: str, was: Any, now: Any) -> Break:
    change = f"{keyword} was {_text(was)}, is {_text(now)}"
    return Break(where, Rule.CONSTRAINT_CHANGED, change)


def _text(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def schemas_in(folder: Path) -> dict[str, Schema]:
    """The JSON Schemas in a folder by event version."""
    return {path.stem: msgspec.json.decode(path.read_bytes()) for path in folder.glob("*.json")}


def main(arguments: list[str]) -> int:
    """Compare two folders; say what breaks. The exit status is 1 if anything does."""
    parser = argparse.ArgumentParser(prog="schema_compatibility", description="Find breaks.")
    parser.add_argument("old", type=Path, help="schemas that others were built on")
    parser.add_argument("new", type=Path, help="schemas as they would become")
    given = parser.parse_args(arguments)
    found = breaks(schemas_in(given.old), schemas_in(given.new))
    for one in sorted(map(str, found)):
        print(one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
