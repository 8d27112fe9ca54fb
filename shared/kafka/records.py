"""A recorded event as a Kafka record and back: CloudEvents 1.0, Kafka binding, binary mode.

The body is the stored bytes, untouched; everything else is a header. The key decides the partition
by the same function that gives a record its shard, but the partition is always named explicitly.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from shared.clock import EPOCH, rfc3339
from shared.events.envelope import Actor, Recorded
from shared.events.vocabulary import Role

Headers = Iterable[tuple[str, bytes]]

JSON: Final = b"application/json"
GPOS: Final = "ce_gpos"

NOT_AN_EVENT: Final = "not an event: "
"""The type of what stands in for none begins so, and goes on with what is wrong, without data."""

SPECVERSION: Final = "1.0"
_LONGEST_KEY: Final = 255
_NUL: Final = "\0"
_T = TypeVar("_T")


class KafkaRecord(NamedTuple):
    """What is produced: `topic` is the event's own, without any prefix of an installation."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies. `topic` is the event's own, without any prefix of an installation."""

    topic: str
    partition: int
    offset: int


class NotAnEvent(Exception):
    """A Kafka record that is none of our events: a header is missing or garbled, or the body is.

    `reason` names what is wrong and never holds data.
    """

    def __init__(self, reason: str, place: Place, key: bytes | None, value: bytes | None) -> None:
        super().__init__(f"{place.topic}/{place.partition} at {place.offset}: {reason}")
        self.reason = reason
        self.place = place
        self.key = key
        self.value = value


def to_kafka(record: Recorded) -> KafkaRecord:
    """The Kafka record of a published event. Raises `ValueError` for a private one."""
    if record.topic is None:
        raise ValueError(f"{record.type} is private to {record.source}")
    actor = record.actor
    attributes = {
        "specversion": SPECVERSION,
        "id": record.id,
        "source": record.source,
        "type": record.type,
        "time": rfc3339(record.occurred_at),
        "partitionkey": record.key,
        "stream": record.stream,
        "streamversion": str(record.version),
        "shard": str(record.shard),
        "gpos": str(record.gpos),
        "recordedat": rfc3339(record.recorded_at),
        "actorrole": actor.role.value,
        "actorid": actor.id,
        "actoronbehalfof": actor.on_behalf_of,
        "correlationid": record.correlation_id,
        "causationid": record.causation_id,
        "traceparent": record.traceparent,
    }
    headers = [(f"ce_{k}", v.encode()) for k, v in attributes.items() if v is not None]
    return KafkaRecord(
        topic=record.topic,
        partition=record.shard,
        key=record.key.encode(),
        value=record.data,
        headers=[("content-type", JSON), *headers],
    )


def from_kafka(place: Place, key: bytes | None, value: bytes | None, headers: Headers) -> Recorded:
    """The inverse of `to_kafka`. Raises `NotAnEvent`.

    Whether the body fits its type is the codec's business, as for events from anywhere else.
    """
    try:
        return _recorded(place, key, value, _Attributes(dict(headers)))
    except _Wrong as wrong:
        raise NotAnEvent(str(wrong), place, key, value) from wrong


def gpos_of(headers: Headers) -> int | None:
    """The gpos a record carries, if it carries one."""
    try:
        return _Attributes(dict(headers)).required("gpos", int)
    except _Wrong:
        return None


def stand_in(error: NotAnEvent) -> Recorded:
    """A record for what is no event, which no codec can decode: its key gets parked.

    Its gpos is negative and derived from the offset: it has no place in the order of events, only
    one in the partition. Its id is the same whenever the same record is read. Without a key it
    holds up nothing but itself.
    """
    place = error.place
    name = f"{place.topic}/{place.partition}/{place.offset}"
    return Recorded(
        id=name,
        source="unknown",
        topic=place.topic,
        key=_any_key(error.key) if error.key else name,
        stream="unknown",
        version=0,
        type=f"{NOT_AN_EVENT}{error.reason}",
        shard=place.partition,
        gpos=-1 - place.offset,
        occurred_at=EPOCH,
        recorded_at=EPOCH,
        actor=Actor(role=Role.SYSTEM, id="unknown"),
        correlation_id="unknown",
        causation_id=None,
        traceparent=None,
        data=error.value or b"",
    )


def _any_key(raw: bytes) -> str:
    """Somebody's key, as far as it can be stored and told."""
    if len(raw) > _LONGEST_KEY:
        return f"sha256:{hashlib.sha256(raw).hexdigest()}"
    return raw.decode(errors="replace").replace(_NUL, "\N{REPLACEMENT CHARACTER}")


class _Wrong(Exception):
    """What is wrong with a record, in words without data."""


class _Attributes:
    """The headers of one record by the name of their CloudEvents attribute."""

    def __init__(self, headers: Mapping[str, bytes | None]) -> None:
        self._headers = headers

    def content_type(self) -> bytes | None:
        return self._headers.get("content-type")

    def optional(self, name: str) -> str | None:
        raw = self._headers.get(f"ce_{name}")
        if raw is None:
            return None
        return _text(raw, f"header ce_{name}")

    def required(self, name: str, read: Callable[[str], _T]) -> _T:
        text = self.optional(name)
        if text is None:
            raise _Wrong(f"header ce_{name} is missing")
        try:
            return read(text)
        except ValueError as error:
            raise _Wrong(f"header ce_{name} is garbled") from error

    def text(self, name: str) -> str:
        return self.required(name, str)


def _recorded(
    place: Place, key: bytes | None, value: bytes | None, attributes: _Attributes
) -> Recorded:
    if attributes.content_type() != JSON:
        raise _Wrong("content-type is not application/json")
    if attributes.text("specversion") != SPECVERSION:
        raise _Wrong("header ce_specversion is not 1.0")
    if not key:
        raise _Wrong("there is no key")
    if value is None:
        raise _Wrong("there is no body")
    shard = attributes.required("shard", int)
    if shard != place.partition:
        raise _Wrong("header ce_shard is not the partition")
    return Recorded(
        id=attributes.text("id"),
        source=attributes.text("source"),
        topic=place.topic,
        key=_text(key, "the key"),
        stream=attributes.text("stream"),
        version=attributes.required("streamversion", int),
        type=attributes.text("type"),
        shard=shard,
        gpos=attributes.required("gpos", _positive),
        occurred_at=attributes.required("time", _instant),
        recorded_at=attributes.required("recordedat", _instant),
        actor=Actor(
            role=attributes.required("actorrole", Role),
            id=attributes.text("actorid"),
            on_behalf_of=attributes.optional("actoronbehalfof"),
        ),
        correlation_id=attributes.text("correlationid"),
        causation_id=attributes.optional("causationid"),
        traceparent=attributes.optional("traceparent"),
        data=value,
    )


def _text(raw: bytes, what: str) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise _Wrong(f"{what} is not UTF-8") from error
    if _NUL in text:
        raise _Wrong(f"{what} holds a character that no text of PostgreSQL can hold")
    return text


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("a gpos counts from 1")
    return number


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    return instant
