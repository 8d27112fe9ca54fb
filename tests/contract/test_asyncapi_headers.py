"""The documented headers of a Kafka record are those that are written, in name and in value."""

import re
from datetime import datetime
from typing import Any

from scripts.asyncapi import READERS, document
from scripts.asyncapi_headers import DEAD_LETTER_HEADERS, HEADERS, OPTIONAL, REQUIRED
from shared.clock import EPOCH
from shared.events.envelope import Actor, Recorded
from shared.events.registry import COMPLAINTS
from shared.events.vocabulary import Role
from shared.feed.dead_letters import DeadLetter
from shared.kafka.dead_letters import headers_of
from shared.kafka.records import to_kafka
from shared.kafka.settings import KafkaSettings

BARE = Recorded(
    id="0198c0de-0000-7000-8000-000000000001",
    source="intake",
    topic=COMPLAINTS,
    key="c1",
    stream="complaint-c1",
    version=1,
    type="amends.complaint.filed.v1",
    shard=0,
    gpos=1,
    occurred_at=EPOCH,
    recorded_at=EPOCH,
    actor=Actor(role=Role.SPECIALIST, id="s1"),
    correlation_id="c1",
    causation_id=None,
    traceparent=None,
    data=b"{}",
)
FULL = BARE._replace(
    actor=Actor(role=Role.SPECIALIST, id="s1", on_behalf_of="u1"),
    causation_id="0198c0de-0000-7000-8000-000000000002",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
LETTER = DeadLetter(
    id="0198c0de-0000-5000-8000-000000000003",
    service="sla",
    consumer="sla",
    source=COMPLAINTS,
    partition=0,
    position=1,
    key="c1",
    event_id=BARE.id,
    type=BARE.type,
    payload_sha256="",
    reason="KeyError: x",
    attempts=4,
    failed_at=EPOCH,
    redriven_at=None,
    dropped_at=None,
    dropped_by=None,
    drop_reason=None,
    revision=1,
)


def headers(record: Recorded) -> dict[str, str]:
    """The headers that are written for a record."""
    return {name: value.decode() for name, value in to_kafka(record).headers}


def fits(value: str, schema: dict[str, Any]) -> bool:
    """Whether a header's value is as its schema says."""
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        return False
    pattern, among = schema.get("pattern", ""), schema.get("enum", [value])
    return (
        re.search(pattern, value) is not None
        and schema.get("const", value) == value
        and value in among
    )


def test_what_every_record_carries_is_documented_as_required() -> None:
    assert set(headers(BARE)) == set(REQUIRED) == set(HEADERS["required"])


def test_whatever_a_record_may_carry_is_documented() -> None:
    assert set(headers(FULL)) == set(HEADERS["properties"])
    assert set(headers(FULL)) - set(headers(BARE)) == set(OPTIONAL)


def test_values_are_as_documented() -> None:
    written = headers(FULL)
    wrong = [n for n, schema in HEADERS["properties"].items() if not fits(written[n], schema)]
    assert wrong == []


def test_the_headers_of_dead_letters_are_documented() -> None:
    written = {name: value.decode() for name, value in headers_of(LETTER)}
    assert set(written) == set(DEAD_LETTER_HEADERS["required"])
    schemas = DEAD_LETTER_HEADERS["properties"]
    assert [name for name in written if not fits(written[name], schemas[name])] == []


def test_a_value_that_is_not_as_documented_is_noticed() -> None:
    assert not fits("0", REQUIRED["ce_gpos"])
    assert not fits("text/plain", REQUIRED["content-type"])
    assert not fits("passer-by", REQUIRED["ce_actorrole"])
    assert not fits("2026-01-01T08:00:00", REQUIRED["ce_time"])


def test_a_message_names_the_type_that_its_records_carry() -> None:
    for name, message in document()["components"]["messages"].items():
        _, own = message["headers"]["allOf"]
        assert own["properties"]["ce_type"]["const"] == name
    assert headers(FULL)["ce_type"] == FULL.type


def test_the_consumer_groups_are_those_that_join() -> None:
    settings = KafkaSettings(topic_prefix="")
    operations = document()["operations"].values()
    documented = {
        operation["bindings"]["kafka"]["groupId"]["const"]
        for operation in operations
        if operation["action"] == "receive"
    }
    assert documented == {settings.group(reader) for reader in READERS}
