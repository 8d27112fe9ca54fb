"""The AsyncAPI document is valid, says what the code does, and is the one that lies in `docs/`."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from scripts import asyncapi_dead_letters as dead
from scripts.asyncapi import KEYS, OTHER_KEYS, PARTITIONS, READERS, Document, document, written
from scripts.write_schemas import DOCS
from shared.events.registry import event_types
from shared.kafka.dead_letters import CHANGED, dead_topic
from tests.crossings.cases import in_progress, introduce_merchant
from tests.support.erasing import erase
from tests.support.system import System

TOPICS_OF = {
    **{entry.full_name: {entry.topic} for entry in event_types() if entry.topic is not None},
    CHANGED: {dead_topic(service) for service in READERS},
}
"""By message the topics it travels on."""

COMPONENT = re.compile(r"[a-zA-Z0-9.\-_]+")
TOP = {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}


def references(place: Any) -> Iterator[str]:
    """Every `$ref` below a place."""
    if isinstance(place, dict):
        if "$ref" in place:
            yield place["$ref"]
        place = list(place.values())
    if isinstance(place, list):
        for inner in place:
            yield from references(inner)


def resolved(root: Any, reference: str, folder: Path = DOCS) -> Any:
    """What a reference points to; None if it points nowhere. Files may only name themselves."""
    name, _, pointer = reference.partition("#")
    if name:
        file = folder / name
        root = msgspec.json.decode(file.read_bytes()) if file.is_file() else None
        if any(resolved(root, inner) is None for inner in references(root)):
            return None
    for step in pointer.split("/")[1:]:
        root = root.get(step) if isinstance(root, dict) else None
    return root


def faults(content: Document) -> list[str]:
    """Which rules of AsyncAPI 3.0, and which of ours, a document breaks."""
    parts = content["components"]
    return [
        *(f"unknown member {name}" for name in content.keys() ^ TOP),
        *(f"{ref} is nowhere" for ref in references(content) if resolved(content, ref) is None),
        *(f"{n} is no name" for part in parts.values() for n in part if not COMPONENT.fullmatch(n)),
        *_faults_of_channels(content),
        *_faults_of_messages(parts["messages"]),
        *_faults_of_operations(content),
    ]


def _faults_of_channels(content: Document) -> Iterator[str]:
    channels = content["channels"].values()
    addresses = Counter(channel["address"] for channel in channels)
    yield from (f"{topic} is two channels" for topic, times in addresses.items() if times > 1)
    found: Counter[str] = Counter()
    for channel in channels:
        for key, reference in channel["messages"].items():
            name = (resolved(content, reference["$ref"]) or {}).get("name")
            found[key] += 1
            if name != key or channel["address"] not in TOPICS_OF.get(key, ()):
                yield f"{key} does not belong to {channel['address']}"
    for name, topics in TOPICS_OF.items():
        if found[name] != len(topics):
            yield f"{name} is there {found[name]} times"


def _faults_of_messages(messages: Document) -> Iterator[str]:
    yield from (f"{name} is no message" for name in TOPICS_OF.keys() ^ messages.keys())
    for name, message in messages.items():
        payload = resolved({}, message["payload"]["$ref"]) or {}
        if payload.get("title") != name:
            yield f"{name} has the payload of another"
        of_topic = dead.KEY if name == CHANGED else KEYS.get(payload.get("x-topic", ""))
        key = OTHER_KEYS.get(name, of_topic)
        if key not in payload.get("required", ()):
            yield f"{name} may lack its key"
        if message["headers"].get("type") != "object":
            yield f"{name} has headers that are no object"


def _faults_of_operations(content: Document) -> Iterator[str]:
    writers: Counter[str] = Counter()
    for name, operation in content["operations"].items():
        if operation["action"] not in {"send", "receive"}:
            yield f"{name} neither sends nor receives"
        writers[operation["channel"]["$ref"]] += operation["action"] == "send"
        if not operation["channel"]["$ref"].startswith("#/channels/"):
            yield f"{name} uses no channel"
    for topic in content["channels"]:
        if writers[f"#/channels/{topic}"] != 1:
            yield f"{topic} has {writers[f'#/channels/{topic}']} writers"


def test_the_document_is_what_the_code_says() -> None:
    assert (DOCS / "asyncapi.yaml").read_bytes() == written(document()), "run `make docs`"


def test_the_document_on_disk_follows_the_rules() -> None:
    assert faults(yaml.safe_load((DOCS / "asyncapi.yaml").read_bytes())) == []


def test_every_topic_has_its_partitions() -> None:
    found = [channel["bindings"]["kafka"] for channel in document()["channels"].values()]
    assert {(kafka["partitions"], kafka["bindingVersion"]) for kafka in found} == {
        (PARTITIONS, "0.5.0")
    }


async def test_the_readers_are_those_that_read() -> None:
    async with System() as system:
        read = {service.name: {*service.consumers[0].sources} for service in system.services}
    assert {name: set(topics) for name, topics in READERS.items()} == read


async def test_the_keys_are_those_that_records_have() -> None:
    async with System() as system:
        await introduce_merchant(system)
        await in_progress(system)
        await erase(system, "u1")
        records = [r for service in system.services for r in await system.records(service.name)]
    published = [record for record in records if record.topic is not None]
    assert {record.topic for record in published} == set(KEYS)
    for record in published:
        assert record.topic is not None
        field = OTHER_KEYS.get(record.type, KEYS[record.topic])
        assert msgspec.json.decode(record.data)[field] == record.key


def _message(content: Document, name: str) -> Document:
    found: Document = content["components"]["messages"][f"amends.{name}.v1"]
    return found


def _twice(content: Document) -> None:
    content["channels"]["again"] = {**content["channels"]["amends.clocks"]}


def _astray(content: Document) -> None:
    messages = content["channels"]["amends.clocks"]["messages"]
    content["channels"]["amends.merchants"]["messages"]["amends.clock.paused.v1"] = messages.pop(
        "amends.clock.paused.v1"
    )


PLANTED: list[tuple[Callable[[Document], Any], str]] = [
    (lambda d: d.update(topics={}), "unknown member topics"),
    (lambda d: d.pop("operations") and d.update(operations={}), "amends.clocks has 0 writers"),
    (lambda d: d["components"]["schemas"].clear(), "#/components/schemas/CloudEventHeaders is"),
    (lambda d: d["components"]["schemas"].update({"a b": {}}), "a b is no name"),
    (_twice, "amends.clocks is two channels"),
    (_twice, "amends.clock.paused.v1 is there 2 times"),
    (_astray, "amends.clock.paused.v1 does not belong to amends.merchants"),
    (lambda d: d["channels"].pop("amends.sla.dead"), f"{CHANGED} is there 4 times"),
    (
        lambda d: _message(d, "dead_letter.changed").update(
            payload={"$ref": "./schemas/amends.clock.paused.v1.json"}
        ),
        f"{CHANGED} may lack its key",
    ),
    (
        lambda d: d["channels"]["amends.clocks"]["messages"].pop("amends.clock.paused.v1"),
        "amends.clock.paused.v1 is there 0 times",
    ),
    (
        lambda d: d["components"]["messages"].pop("amends.clock.paused.v1"),
        "amends.clock.paused.v1 is no message",
    ),
    (
        lambda d: _message(d, "clock.paused").update(payload={"$ref": "./schemas/no.json"}),
        "./schemas/no.json is nowhere",
    ),
    (
        lambda d: _message(d, "clock.paused").update(
            payload={"$ref": "./schemas/amends.clock.resumed.v1.json"}
        ),
        "amends.clock.paused.v1 has the payload of another",
    ),
    (
        lambda d: _message(d, "clock.paused").update(payload={"$ref": "#/info"}),
        "amends.clock.paused.v1 may lack its key",
    ),
    (
        lambda d: _message(d, "clock.paused")["headers"].pop("type"),
        "amends.clock.paused.v1 has headers that are no object",
    ),
    (
        lambda d: d["operations"]["slaSendsClocks"].update(action="publish"),
        "slaSendsClocks neither sends nor receives",
    ),
    (
        lambda d: d["operations"]["slaReceivesComplaints"].update(channel={"$ref": "#/info"}),
        "slaReceivesComplaints uses no channel",
    ),
]


@pytest.mark.parametrize(("plant", "fault"), PLANTED, ids=[fault for _, fault in PLANTED])
def test_a_broken_document_is_noticed(plant: Callable[[Document], Any], fault: str) -> None:
    content = yaml.safe_load(written(document()))
    plant(content)
    assert any(found.startswith(fault) for found in faults(content)), faults(content)


def test_a_file_with_a_dead_reference_in_it_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "whole.json").write_text('{"a":{"$ref":"#/$defs/A"},"$defs":{"A":{"b":1}}}')
    (tmp_path / "torn.json").write_text('{"a":{"$ref":"#/$defs/B"},"$defs":{"A":{"b":1}}}')
    assert resolved({}, "./whole.json#/$defs/A", tmp_path) == {"b": 1}
    assert resolved({}, "./torn.json#/$defs/A", tmp_path) is None


def test_the_same_document_gives_the_same_bytes() -> None:
    assert written(document()) == written(yaml.safe_load(written(document())))
