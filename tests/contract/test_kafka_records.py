"""What lies on a topic is a valid CloudEvent in binary mode, and reads back as it was recorded."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import EPOCH, from_ms, rfc3339
from shared.codec import Undecodable, decode, encode, fact
from shared.events.envelope import Actor, Recorded
from shared.events.registry import COMPLAINTS, event_type, event_types
from shared.events.vocabulary import Role
from shared.kafka.records import (
    Headers,
    NotAnEvent,
    Place,
    from_kafka,
    gpos_of,
    stand_in,
    to_kafka,
)
from tests.contract.examples import full_example

PUBLISHED = [entry.full_name for entry in event_types() if entry.topic is not None]
FILED = "amends.complaint.filed.v1"


def recorded(full_name: str = FILED, **changes: Any) -> Recorded:
    """A full example of an event, with a full envelope."""
    entry = event_type(full_name)
    example = full_example(entry.cls)
    record = Recorded(
        id="0199d2f0-0000-7000-8000-000000000001",
        source="intake",
        topic=entry.topic,
        key="c-1",
        stream="complaint-c-1",
        version=7,
        type=full_name,
        shard=3,
        gpos=42,
        occurred_at=example.occurred_at,
        recorded_at=example.occurred_at + timedelta(milliseconds=5),
        actor=Actor(role=Role.SPECIALIST, id="s1", on_behalf_of="u1"),
        correlation_id="corr-1",
        causation_id="cause-1",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        data=encode(example),
    )
    return record._replace(**changes)


def place_of(record: Recorded, offset: int = 9) -> Place:
    assert record.topic is not None
    return Place(record.topic, record.shard, offset)


def read_back(record: Recorded) -> Recorded:
    sent = to_kafka(record)
    return from_kafka(place_of(record), sent.key, sent.value, sent.headers)


@pytest.mark.parametrize("full_name", PUBLISHED)
def test_every_event_reads_back_as_it_was_recorded(full_name: str) -> None:
    record = recorded(full_name)
    assert read_back(record) == record
    assert decode(read_back(record)) == decode(record)


def test_what_is_optional_may_be_missing() -> None:
    record = recorded(
        causation_id=None, traceparent=None, actor=Actor(role=Role.SYSTEM, id="intake")
    )
    assert read_back(record) == record


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
INSTANTS = st.integers(0, 10**13).map(from_ms)


@given(
    key=TEXT,
    gpos=st.integers(1, 2**63 - 1),
    occurred_at=INSTANTS,
    recorded_at=INSTANTS,
)
def test_any_envelope_reads_back_equal(
    key: str, gpos: int, occurred_at: datetime, recorded_at: datetime
) -> None:
    record = recorded(
        key=key, stream=key, gpos=gpos, occurred_at=occurred_at, recorded_at=recorded_at
    )
    assert read_back(record) == record


@pytest.mark.parametrize("full_name", PUBLISHED)
def test_the_cloudevents_sdk_reads_a_valid_event_in_binary_mode(full_name: str) -> None:
    record = recorded(full_name)
    sent = to_kafka(record)
    message = KafkaMessage(headers=dict(sent.headers), key=sent.key, value=sent.value)
    event = from_binary(message, JSONFormat(), CloudEvent)
    assert (event.get_id(), event.get_type(), event.get_source()) == (
        record.id,
        record.type,
        record.source,
    )
    assert event.get_time() == record.occurred_at
    assert event.get_specversion() == "1.0"
    assert event.get_datacontenttype() == "application/json"
    assert event.get_extension("partitionkey") == record.key
    assert event.get_extension("gpos") == str(record.gpos)
    assert event.get_extension("recordedat") == rfc3339(record.recorded_at)
    assert event.get_data() == JSONFormat().read_data(record.data, "application/json")


def test_the_body_is_the_stored_bytes_and_the_partition_is_the_shard() -> None:
    record = recorded(data=b'{ "as" : "it was" }')
    sent = to_kafka(record)
    assert (sent.topic, sent.partition, sent.key) == (COMPLAINTS, 3, b"c-1")
    assert sent.value == b'{ "as" : "it was" }'


def test_a_private_event_is_refused() -> None:
    with pytest.raises(ValueError, match="private"):
        to_kafka(recorded(topic=None))


def without(name: str, headers: Headers) -> list[tuple[str, bytes]]:
    return [(key, value) for key, value in headers if key != name]


def with_(name: str, value: bytes, headers: Headers) -> list[tuple[str, bytes]]:
    return [*without(name, headers), (name, value)]


NEEDED = [
    "content-type",
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_stream",
    "ce_streamversion",
    "ce_shard",
    "ce_gpos",
    "ce_recordedat",
    "ce_actorrole",
    "ce_actorid",
    "ce_correlationid",
]


@pytest.mark.parametrize("header", NEEDED)
def test_a_record_without_a_header_it_needs_says_where_it_lies(header: str) -> None:
    record = recorded()
    sent = to_kafka(record)
    with pytest.raises(NotAnEvent) as raised:
        from_kafka(place_of(record), sent.key, sent.value, without(header, sent.headers))
    error = raised.value
    assert header in error.reason
    assert (error.place, error.key, error.value) == (place_of(record), sent.key, sent.value)
    assert f"{COMPLAINTS}/3 at 9" in str(error)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("content-type", b"application/cloudevents+json"),
        ("ce_specversion", b"0.3"),
        ("ce_gpos", b"many"),
        ("ce_gpos", b"0"),
        ("ce_shard", b"4"),
        ("ce_streamversion", b"\xff"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-01-31T08:00:00"),
        ("ce_recordedat", b""),
        ("ce_actorrole", b"emperor"),
    ],
)
def test_a_garbled_header_is_said_without_its_content(header: str, value: bytes) -> None:
    record = recorded()
    sent = to_kafka(record)
    with pytest.raises(NotAnEvent) as raised:
        from_kafka(place_of(record), sent.key, sent.value, with_(header, value, sent.headers))
    assert header in raised.value.reason
    assert "emperor" not in str(raised.value)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [(None, b"{}", "no key"), (b"\xff", b"{}", "key is not UTF-8"), (b"c-1", None, "no body")],
)
def test_key_and_body_are_needed(key: bytes | None, value: bytes | None, reason: str) -> None:
    record = recorded()
    with pytest.raises(NotAnEvent, match=reason):
        from_kafka(place_of(record), key, value, to_kafka(record).headers)


def test_a_body_that_is_no_json_keeps_its_envelope_and_fails_in_the_codec() -> None:
    record = read_back(recorded(data=b"not json"))
    assert (record.gpos, record.key) == (42, "c-1")
    with pytest.raises(Undecodable):
        fact(record)


def test_what_stands_in_for_no_event_can_never_be_decoded_and_keeps_key_and_bytes() -> None:
    record = recorded()
    sent = to_kafka(record)
    with pytest.raises(NotAnEvent) as raised:
        from_kafka(place_of(record), sent.key, sent.value, without("ce_gpos", sent.headers))
    stands = stand_in(raised.value)
    assert (stands.key, stands.data, stands.topic, stands.shard) == (
        "c-1",
        sent.value,
        COMPLAINTS,
        3,
    )
    assert stands.gpos < 0
    assert stands.recorded_at == EPOCH
    with pytest.raises(Undecodable, match="ce_gpos is missing"):
        fact(stands)


def test_what_stands_in_is_told_apart_by_its_place() -> None:
    def at(offset: int, key: bytes | None) -> Recorded:
        return stand_in(NotAnEvent("no", Place(COMPLAINTS, 3, offset), key, None))

    assert at(1, b"k") == at(1, b"k")
    assert at(1, b"k").id != at(2, b"k").id
    assert at(1, b"k").gpos != at(2, b"k").gpos
    assert at(1, None).key == at(1, None).id == f"{COMPLAINTS}/3/1"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (b"c-1", "c-1"),
        (b"\xff\x00", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
        (b"k" * 255, "k" * 255),
        (b"k" * 256, f"sha256:{sha256(b'k' * 256).hexdigest()}"),
    ],
)
def test_whatever_key_it_had_can_be_stored_and_told(key: bytes, shown: str) -> None:
    assert stand_in(NotAnEvent("no", Place(COMPLAINTS, 3, 1), key, None)).key == shown


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_stream", "ce_actorid"])
def test_no_text_holds_what_postgresql_cannot_store(name: str) -> None:
    record = recorded()
    headers = [(k, b"a\0b" if k == name else v) for k, v in to_kafka(record).headers]
    with pytest.raises(NotAnEvent, match=f"{name} holds a character"):
        from_kafka(place_of(record), b"c-1", b"{}", headers)
    with pytest.raises(NotAnEvent, match="the key holds a character"):
        from_kafka(place_of(record), b"c\0", b"{}", to_kafka(record).headers)


def test_the_gpos_of_a_record_can_be_read_alone() -> None:
    headers = to_kafka(recorded()).headers
    assert gpos_of(headers) == 42
    assert gpos_of(without("ce_gpos", headers)) is None
