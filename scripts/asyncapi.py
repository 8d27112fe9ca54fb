"""The topics as an AsyncAPI 3.0 document, `docs/asyncapi.yaml`, from the event registry.

One channel per topic, one message per published event version (and one for dead letters), and an
operation for each service that writes or reads a topic. Payloads are the files in `docs/schemas/`.
AsyncAPI tools read them as they are: of what JSON Schema gained since draft 7 they use only
`$defs`, by plain pointers.
"""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from amends.bus import OWNERS
from scripts import asyncapi_dead_letters as dead
from scripts.asyncapi_headers import HEADERS
from scripts.write_schemas import description_of
from services.dashboard.main import TOPICS as DASHBOARD_READS
from services.intake.reactions import TOPICS as INTAKE_READS
from services.notify.reactions import TOPICS as NOTIFY_READS
from services.routing.reactions import TOPICS as ROUTING_READS
from services.sla.reactions import TOPICS as SLA_READS
from shared.events import registry
from shared.events.registry import EventType, topics
from shared.events.subjects import SubjectErased
from shared.kafka.dead_letters import CHANGED, dead_topic

READERS: Final[Mapping[str, tuple[str, ...]]] = {
    "intake": INTAKE_READS,
    "routing": ROUTING_READS,
    "sla": SLA_READS,
    "notify": NOTIFY_READS,
    "dashboard": DASHBOARD_READS,
}
"""What each service reads."""

KEYS: Final[Mapping[str, str]] = {
    registry.COMPLAINTS: "complaint_id",
    registry.ASSIGNMENTS: "complaint_id",
    registry.MERCHANTS: "merchant_id",
    registry.SPECIALISTS: "specialist_id",
    registry.CLOCKS: "complaint_id",
    registry.FOLLOWUPS: "complaint_id",
}
"""The field whose value is the key of a topic's records, but for those that `OTHER_KEYS` names."""

OTHER_KEYS: Final[Mapping[str, str]] = {SubjectErased.TYPE: "subject_id"}
"""By message what is its key in place of that of its topic."""

PARTITIONS: Final = 12
"""Of every topic: as many as a distributed store has shards."""

_BINDING_VERSION: Final = "0.5.0"
_ABOUT: Final = (
    "What happened to complaints, as immutable facts. A topic has one writer; its key keeps the "
    "events of one complaint (merchant, specialist) in order, and nothing orders topics among each "
    "other. Delivery is at least once: drop a record whose `ce_gpos` is not above the last one of "
    "its topic and partition. Ignore fields, headers and message types that you do not know. "
    "Topics are for systems of staff; `x-visible-to` says to whom an event may be shown. An "
    "installation may put a prefix before all topics and consumer groups."
)
Document = dict[str, Any]


def document() -> Document:
    """The document, ready to be written."""
    root = Path(__file__).resolve().parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Amends events",
            "version": project["version"],
            "description": _ABOUT,
            "license": {"name": project["license"]},
        },
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": {
                entry.full_name: _message(topic, entry)
                for topic, entries in topics().items()
                for entry in entries
            }
            | {CHANGED: dead.message()},
            "schemas": {"CloudEventHeaders": HEADERS, **dead.SCHEMAS},
            "messageBindings": {
                f: _key(f) for f in (*sorted({*KEYS.values(), *OTHER_KEYS.values()}), dead.KEY)
            },
            "correlationIds": {
                "correlation": {
                    "description": "Shared by an event and all that follows from it.",
                    "location": "$message.header#/ce_correlationid",
                }
            },
        },
    }


def _channels() -> Document:
    found: Document = {}
    for topic, entries in topics().items():
        about = " ".join((sys.modules[entries[0].cls.__module__].__doc__ or "").split())
        found[topic] = _channel(topic, about, [entry.full_name for entry in entries])
    for service in READERS:
        topic = dead_topic(service)
        found[topic] = _channel(topic, dead.description(service), [CHANGED])
    return found


def _channel(topic: str, about: str, messages: list[str]) -> Document:
    kafka = {"topic": topic, "partitions": PARTITIONS, "bindingVersion": _BINDING_VERSION}
    return {
        "address": topic,
        "description": about,
        "messages": {name: _ref("messages", name) for name in messages},
        "bindings": {"kafka": kafka},
    }


def _message(topic: str, entry: EventType) -> Document:
    this_type = {"ce_type": {"type": "string", "const": entry.full_name}}
    return {
        "name": entry.full_name,
        "title": entry.cls.__name__,
        "description": description_of(entry),
        "contentType": "application/json",
        "correlationId": _ref("correlationIds", "correlation"),
        "headers": {
            "type": "object",
            "allOf": [_ref("schemas", "CloudEventHeaders"), {"properties": this_type}],
        },
        "payload": {"$ref": f"./schemas/{entry.full_name}.json"},
        "bindings": _ref("messageBindings", OTHER_KEYS.get(entry.full_name, KEYS[topic])),
        "x-visible-to": sorted(audience.value for audience in entry.visible_to),
    }


def _key(field: str) -> Document:
    key = {"type": "string", "description": f"`{field}` of the payload."}
    return {"kafka": {"key": key, "bindingVersion": _BINDING_VERSION}}


def _operations() -> Document:
    found: Document = {}
    for topic, owner in OWNERS.items():
        found[_id(owner, "Sends", topic)] = _operation("send", owner, f"{owner} writes", topic)
    for service in READERS:
        topic = dead_topic(service)
        found[_id(service, "Sends", topic)] = _operation(
            "send", service, f"{service} writes", topic
        )
    for reader, read in READERS.items():
        for topic in sorted(read):
            name = _id(reader, "Receives", topic)
            found[name] = _operation("receive", reader, f"{reader} reads", topic)
            found[name]["bindings"] = {"kafka": _group(reader)}
    return found


def _id(service: str, verb: str, topic: str) -> str:
    return f"{service}{verb}{topic.rpartition('.')[2].capitalize()}"


def _operation(action: str, service: str, does: str, topic: str) -> Document:
    return {
        "action": action,
        "summary": f"{does} {topic}.",
        "channel": {"$ref": f"#/channels/{topic}"},
        "tags": [{"name": service}],
    }


def _group(reader: str) -> Document:
    group = {"type": "string", "const": f"amends-{reader}"}
    return {"groupId": group, "bindingVersion": _BINDING_VERSION}


def _ref(kind: str, name: str) -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}


class _Plain(yaml.SafeDumper):
    """Writes equal parts out each time: an alias helps no reader."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def written(content: Document) -> bytes:
    """The document as YAML, the same bytes for the same content."""
    head = "# Written by `make docs` from shared/events; edit there.\n"
    text = yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    return (head + text).encode()
