"""Published event versions keep their bytes: what was stored can be read, now and in ten years."""

from pathlib import Path

import pytest

from shared.codec import Undecodable, decode_data, encode
from shared.events import Event
from shared.events.registry import EventType, event_types
from tests.contract.examples import bare_example, full_example
from tests.contract.golden_files import FOLDER, add_missing, golden_file

PUBLISHED = [entry for entry in event_types() if entry.topic is not None]
REGISTERED = list(event_types())


def name_of(entry: EventType) -> str:
    return entry.full_name


@pytest.mark.parametrize("entry", PUBLISHED, ids=name_of)
def test_a_published_event_encodes_to_its_golden_bytes(entry: EventType) -> None:
    golden = golden_file(entry.full_name)
    assert golden.exists(), f"{entry.full_name} has no golden JSON yet: run `make golden`"
    assert encode(full_example(entry.cls)) == golden.read_bytes()


@pytest.mark.parametrize("entry", PUBLISHED, ids=name_of)
def test_golden_bytes_decode_to_the_event(entry: EventType) -> None:
    golden = golden_file(entry.full_name).read_bytes()
    assert decode_data(entry.full_name, golden) == full_example(entry.cls)


@pytest.mark.parametrize("entry", REGISTERED, ids=name_of)
def test_an_event_with_nothing_optional_survives_the_round_trip(entry: EventType) -> None:
    example: Event = bare_example(entry.cls)
    assert decode_data(entry.full_name, encode(example)) == example


@pytest.mark.parametrize("golden", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_file_ever_written_can_still_be_read(golden: Path) -> None:
    assert isinstance(decode_data(golden.stem, golden.read_bytes()), Event)


def test_a_sealed_person_travels_in_the_same_field() -> None:
    name = "amends.complaint.solution_rejected.v1"
    golden = golden_file(name).read_bytes()
    clear = golden[golden.index(b'{"s"') : golden.index(b"}") + 1]
    sealed = b'{"s":"u1","k":"key-1","n":"bm9uY2U=","c":"Y2lwaGVy"}'
    event = decode_data(name, golden.replace(clear, sealed))
    assert encode(event) == golden.replace(clear, sealed)


def test_a_changed_field_is_noticed() -> None:
    name = "amends.complaint.closed.v1"
    golden = golden_file(name).read_bytes()
    with pytest.raises(Undecodable):
        decode_data(name, golden.replace(b'"reason"', b'"why"'))


def test_golden_files_are_added_and_never_overwritten(tmp_path: Path) -> None:
    first = golden_file(PUBLISHED[0].full_name, tmp_path)
    first.write_bytes(b"as it was")
    added = add_missing(tmp_path)
    assert first.read_bytes() == b"as it was"
    assert len(added) == len(PUBLISHED) - 1
    assert add_missing(tmp_path) == []
