"""What others build against says what the code does."""

import msgspec
import pytest

from scripts.write_docs import documents
from scripts.write_schemas import DOCS, schema_of
from shared.events.registry import EventType, event_type, event_types
from shared.kafka.dead_letters import CHANGED
from tests.contract.golden_files import golden_file

PUBLISHED = [entry for entry in event_types() if entry.topic is not None]


def test_the_documents_are_what_the_code_says() -> None:
    stale = [str(name) for name, data in documents().items() if _on_disk(str(name)) != data]
    assert stale == [], "run `make docs`"


def test_there_is_no_schema_of_what_nobody_defines() -> None:
    on_disk = {path.stem for path in (DOCS / "schemas").glob("*.json")}
    assert on_disk == {*(entry.full_name for entry in PUBLISHED), CHANGED}


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry.full_name)
def test_a_schema_names_the_fields_of_the_golden_json(entry: EventType) -> None:
    schema = schema_of(entry)
    golden = msgspec.json.decode(golden_file(entry.full_name).read_bytes())
    assert set(schema["properties"]) == set(golden)
    assert set(schema["required"]) <= set(golden)


def _on_disk(name: str) -> bytes | None:
    path = DOCS / name
    return path.read_bytes() if path.exists() else None


def test_a_schema_says_which_strings_are_instants() -> None:
    started = schema_of(event_type("amends.clock.started.v1"))["properties"]
    assert started["started_at"] == {"type": "string", "format": "date-time"}
    assert {"type": "string", "format": "date-time"} in started["due_at"]["anyOf"]
    assert started["warn_at"]["items"] == {"type": "string", "format": "date-time"}
    assert started["target"] == {"type": "string"}
    registered = schema_of(event_type("amends.specialist.registered.v1"))
    assert registered["$defs"]["Period"]["properties"]["start"]["format"] == "date-time"
