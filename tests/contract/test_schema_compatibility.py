"""Which changes of a schema readers and stored events bear; each rule is seen to fire."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.schema_compatibility import Break, Rule, Schema, breaks, main, shape
from scripts.write_schemas import DOCS

EVENT = "amends.parcel.sent.v1"
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NULL: Schema = {"type": "null"}
MAYBE: Schema = {"anyOf": [WHOLE, NULL]}
CARRIER: Schema = {"enum": ["bicycle", "train"]}


def record(*, required: tuple[str, ...] = (), closed: bool = False, **fields: Schema) -> Schema:
    """The schema of an object with these fields."""
    found: Schema = {"type": "object", "properties": fields, "required": list(required)}
    return {**found, "additionalProperties": False} if closed else found


def judged(old: Schema, new: Schema) -> list[tuple[str, Rule]]:
    """Where and how `new` breaks the event."""
    return [(one.where, one.rule) for one in breaks({EVENT: old}, {EVENT: new})]


def judged_at(old: Schema, new: Schema) -> list[tuple[str, Rule]]:
    """The same for a field `it` that always is there."""
    return judged(record(required=("it",), it=old), record(required=("it",), it=new))


CLEAR = record(required=("s", "v"), closed=True, s=TEXT, v=TEXT)
SEALED = record(required=("s", "c"), closed=True, s=TEXT, c=TEXT)
SEALED_WITH_KEY = record(required=("s", "c"), closed=True, s=TEXT, c=TEXT, k=TEXT)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        pytest.param(record(a=TEXT, it=TEXT), record(a=TEXT), Rule.FIELD_REMOVED, id="optional"),
        pytest.param(
            record(required=("it",), it=TEXT), record(), Rule.FIELD_REMOVED, id="required"
        ),
        pytest.param(
            record(), record(required=("it",), it=TEXT), Rule.REQUIRED_FIELD_ADDED, id="new"
        ),
        pytest.param(
            record(it=TEXT), record(required=("it",), it=TEXT), Rule.MADE_REQUIRED, id="firm"
        ),
        pytest.param(
            record(required=("it",), it=TEXT), record(it=TEXT), Rule.MADE_OPTIONAL, id="loose"
        ),
        pytest.param(
            record(it={**WHOLE, "default": 0}),
            record(it={**WHOLE, "default": 1}),
            Rule.DEFAULT_CHANGED,
            id="default",
        ),
        pytest.param(
            record(closed=True), record(closed=True, it=TEXT), Rule.FIELD_ADDED_TO_CLOSED, id="shut"
        ),
    ],
)
def test_a_field_keeps_its_place(old: Schema, new: Schema, rule: Rule) -> None:
    assert judged(old, new) == [(f"{EVENT}: it", rule)]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        pytest.param(CARRIER, {"enum": ["train"]}, Rule.VALUE_REMOVED, id="value removed"),
        pytest.param({"enum": ["train"]}, CARRIER, Rule.VALUE_ADDED, id="value added"),
        pytest.param(MAYBE, WHOLE, Rule.TYPE_NARROWED, id="null refused"),
        pytest.param(WHOLE, MAYBE, Rule.TYPE_WIDENED, id="null allowed"),
        pytest.param({"type": "number"}, WHOLE, Rule.TYPE_NARROWED, id="number to integer"),
        pytest.param(WHOLE, {"type": "number"}, Rule.TYPE_WIDENED, id="integer to number"),
        pytest.param(TEXT, CARRIER, Rule.TYPE_NARROWED, id="text to list"),
        pytest.param(CARRIER, TEXT, Rule.TYPE_WIDENED, id="list to text"),
        pytest.param({}, TEXT, Rule.TYPE_NARROWED, id="anything to text"),
        pytest.param(
            {"oneOf": [CLEAR, SEALED]}, SEALED, Rule.TYPE_NARROWED, id="one shape refused"
        ),
        pytest.param(CLEAR, {"oneOf": [CLEAR, SEALED]}, Rule.TYPE_WIDENED, id="one shape more"),
        pytest.param(
            {**TEXT, "format": "date-time"}, TEXT, Rule.CONSTRAINT_CHANGED, id="format dropped"
        ),
        pytest.param(WHOLE, {**WHOLE, "minimum": 1}, Rule.CONSTRAINT_CHANGED, id="bound set"),
        pytest.param(record(), record(closed=True), Rule.CONSTRAINT_CHANGED, id="object closed"),
    ],
)
def test_a_field_keeps_its_type(old: Schema, new: Schema, rule: Rule) -> None:
    assert judged_at(old, new) == [(f"{EVENT}: it", rule)]


def test_another_type_breaks_both_sides() -> None:
    place = f"{EVENT}: it"
    assert judged_at(TEXT, WHOLE) == [(place, Rule.TYPE_NARROWED), (place, Rule.TYPE_WIDENED)]


def test_a_version_stays() -> None:
    assert breaks({EVENT: record()}, {}) == [Break(EVENT, Rule.VERSION_REMOVED)]


def test_an_event_stays_on_its_topic() -> None:
    old, new = ({**record(), "x-topic": topic} for topic in ("amends.parcels", "amends.letters"))
    assert judged(old, new) == [(EVENT, Rule.CONSTRAINT_CHANGED)]


@pytest.mark.parametrize(
    ("around", "path"),
    [
        (lambda place: {"type": "array", "items": place}, "it[]"),
        (lambda place: {"type": "object", "additionalProperties": place}, "it{}"),
        (lambda place: {"type": "object", "propertyNames": place}, "it{key}"),
        (lambda place: {"anyOf": [record(inner=place), NULL]}, "it.inner"),
        (lambda place: {"oneOf": [TEXT, {"type": "array", "items": record(x=place)}]}, "it[].x"),
    ],
)
def test_what_lies_deep_inside_is_found(around: Any, path: str) -> None:
    assert judged_at(around({"enum": ["train"]}), around(CARRIER)) == [
        (f"{EVENT}: {path}", Rule.VALUE_ADDED)
    ]


def test_a_closed_shape_among_others_stays_as_it_is() -> None:
    old, new = {"oneOf": [CLEAR, SEALED]}, {"oneOf": [CLEAR, SEALED_WITH_KEY]}
    assert judged_at(old, new) == [(f"{EVENT}: it.k", Rule.FIELD_ADDED_TO_CLOSED)]


def test_references_are_followed() -> None:
    old = {**record(it={"$ref": "#/$defs/Carrier"}), "$defs": {"Carrier": CARRIER}}
    new = {**record(it={"$ref": "#/$defs/Carrier"}), "$defs": {"Carrier": {"enum": ["train"]}}}
    assert judged(old, new) == [(f"{EVENT}: it", Rule.VALUE_REMOVED)]
    assert judged(old, record(it=CARRIER)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(record(), record(it=TEXT), id="optional field added"),
        pytest.param(
            {"anyOf": [record(), NULL]}, {"anyOf": [NULL, record(it=TEXT)]}, id="inside an optional"
        ),
        pytest.param(TEXT, {**TEXT, "description": "In grams.", "title": "Weight"}, id="words"),
        pytest.param(CARRIER, {"enum": ["train", "bicycle"]}, id="order of values"),
        pytest.param(MAYBE, {"type": ["integer", "null"]}, id="another spelling"),
        pytest.param(
            {**TEXT, "x-extensible-enum": ["train"]},
            {**TEXT, "x-extensible-enum": ["bicycle"]},
            id="open vocabulary",
        ),
    ],
)
def test_what_everybody_bears_is_let_through(old: Schema, new: Schema) -> None:
    assert judged_at(old, new) == []


def test_a_new_version_breaks_nobody() -> None:
    assert breaks({EVENT: record()}, {EVENT: record(), "amends.parcel.sent.v2": TEXT}) == []


def test_a_field_may_be_called_what_a_keyword_is_called() -> None:
    place = record(title=TEXT, required=("title",))
    assert shape(place) == place
    assert judged(place, record()) == [(f"{EVENT}: title", Rule.FIELD_REMOVED)]


def test_a_shape_is_its_own_shape() -> None:
    for path in (DOCS / "schemas").glob("*.json"):
        bound = shape(json.loads(path.read_text()))
        assert shape(bound) == bound


def test_two_folders_can_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, schema in (("old", record(it=TEXT)), ("new", record())):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{EVENT}.json").write_text(json.dumps(schema))
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    assert main([old, old]) == 0
    assert capsys.readouterr().out == ""
    assert main([old, new]) == 1
    assert capsys.readouterr().out == f"{EVENT}: it is removed; readers rely on it\n"
