"""What was published once holds for good: the record is extended, never changed."""

from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

import pytest

from scripts import write_docs
from scripts.published import LOCK, WHAT_TO_DO, BrokenPromise, extended, recorded, schemas, written
from scripts.schema_compatibility import Rule, Schema, breaks
from scripts.write_schemas import DOCS, schema_of
from shared.events.envelope import Event
from shared.events.registry import STAFF, EventType

CLOSED = "amends.complaint.closed.v1"
NEXT = "amends.complaint.closed.v2"


def test_no_published_version_was_broken() -> None:
    found = breaks(recorded(), schemas())
    assert not found, BrokenPromise(found)


def test_every_published_version_is_on_record() -> None:
    missing = schemas().keys() - recorded().keys()
    assert not missing, "run `make docs`"
    assert (DOCS / LOCK).read_bytes() == written(extended(recorded(), schemas())), "run `make docs`"


def test_a_removed_field_is_refused_and_the_way_out_is_named() -> None:
    now = deepcopy(schemas())
    del now[CLOSED]["properties"]["reason"]
    with pytest.raises(BrokenPromise) as refused:
        extended(recorded(), now)
    assert str(refused.value).splitlines() == [
        f"{CLOSED}: reason is removed; readers rely on it",
        WHAT_TO_DO,
    ]


def test_a_word_more_in_a_vocabulary_is_found_in_every_event_that_uses_it() -> None:
    now = deepcopy(schemas())
    using = [name for name, schema in now.items() if "Turn" in schema.get("$defs", {})]
    for name in using:
        now[name]["$defs"]["Turn"]["enum"].append("ombudsman")
    found = breaks(recorded(), now)
    assert {one.where.partition(":")[0] for one in found} == set(using)
    assert {(one.rule, one.what) for one in found} == {(Rule.VALUE_ADDED, '"ombudsman"')}


def test_a_version_nobody_defines_any_more_is_refused() -> None:
    now = schemas()
    del now[CLOSED]
    with pytest.raises(BrokenPromise, match=f"{CLOSED} is removed"):
        extended(recorded(), now)


def test_the_record_grows_by_versions_and_by_optional_fields() -> None:
    now = deepcopy(schemas())
    now[NEXT] = {"title": NEXT, "type": "object", "properties": {}, "required": []}
    now[CLOSED]["properties"]["mood"] = {"type": "string"}
    before, after = recorded(), extended(recorded(), now)
    assert after.keys() - before.keys() == {NEXT}
    assert [name for name in before if before[name] != after[name]] == [CLOSED]
    assert breaks(before, after) == []
    with pytest.raises(BrokenPromise, match="mood is removed"):
        extended(after, {**schemas(), NEXT: now[NEXT]})


def test_a_record_reads_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / LOCK).parent.mkdir()
    (tmp_path / LOCK).write_bytes(written(recorded()))
    assert recorded(tmp_path) == recorded()


def test_documents_are_written_below_the_folder(tmp_path: Path) -> None:
    assert write_docs.main(tmp_path) == 0
    files = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == set(write_docs.documents())


def test_nothing_is_written_over_a_broken_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    promised: dict[str, Schema] = {**recorded(), NEXT: {"type": "object"}}
    (tmp_path / LOCK).parent.mkdir()
    (tmp_path / LOCK).write_bytes(written(promised))
    assert write_docs.main(tmp_path) == 1
    assert capsys.readouterr().err.startswith(f"{NEXT} is removed")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / LOCK]
    assert recorded(tmp_path) == promised


class Shade(StrEnum):
    """A closed list."""

    RED = "red"


class Smell(StrEnum):
    """A list that may grow."""

    SWEET = "sweet"
    OTHER = "other"

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls("other")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowerPicked(Event):
    """Somebody picked a flower."""

    shade: Shade
    smell: Smell
    also: tuple[Smell, ...] = ()


def test_a_vocabulary_is_open_if_its_class_takes_unknown_words() -> None:
    flower = EventType(
        name="flower.picked",
        version=1,
        cls=FlowerPicked,
        topic="amends.flowers",
        visible_to=STAFF,
        wire_names={},
    )
    schema = schema_of(flower)
    assert schema["$defs"]["Shade"]["enum"] == ["red"]
    assert schema["$defs"]["Smell"]["type"] == "string"
    assert schema["$defs"]["Smell"]["x-extensible-enum"] == ["other", "sweet"]
    grown = deepcopy(schema)
    grown["$defs"]["Smell"]["x-extensible-enum"].append("sour")
    assert breaks({"flower": schema}, {"flower": grown}) == []
    grown["$defs"]["Shade"]["enum"].append("blue")
    assert [one.rule for one in breaks({"flower": schema}, {"flower": grown})] == [Rule.VALUE_ADDED]
