"""Events to bytes and back. What is stored, published, hashed and replayed is the same bytes."""

from typing import Any, TypeVar

import msgspec

from shared.events.envelope import Event, Fact, Recorded
from shared.events.personal import Personal
from shared.events.registry import EventType, event_type, upcast_of

T = TypeVar("T")


class Undecodable(Exception):
    """Stored bytes that do not fit their type: unknown type, broken JSON, wrong shape."""


def _enc_hook(value: object) -> object:
    if isinstance(value, Personal):
        return value.to_wire()
    raise NotImplementedError(f"cannot encode {type(value).__name__}")


def _dec_hook(expected: type, value: Any) -> object:
    if expected is Personal:
        return Personal.from_wire(value)
    raise NotImplementedError(f"cannot decode {expected.__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_enc_hook)


_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def _decoder(cls: type[T]) -> msgspec.json.Decoder[T]:
    found = _decoders.get(cls)
    if found is None:
        found = _decoders[cls] = msgspec.json.Decoder(cls, dec_hook=_dec_hook)
    return found


def encode(event: Event) -> bytes:
    """The JSON of an event, keys in order of definition."""
    entry = event_type(event.TYPE)
    if not entry.wire_names:
        return _encoder.encode(event)
    fields: dict[str, Any] = msgspec.to_builtins(event, enc_hook=_enc_hook)
    return _encoder.encode({entry.wire_names.get(k, k): v for k, v in fields.items()})


def decode_data(full_name: str, data: bytes) -> Event:
    """The event in these bytes, lifted to its newest version. Raises `Undecodable`."""
    try:
        upcast = upcast_of(full_name)
        if upcast is None and not event_type(full_name).wire_names:
            return _decoder(event_type(full_name).cls).decode(data)
        return _decode_fields(full_name, msgspec.json.decode(data))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Undecodable(f"{full_name}: {error}") from error


def _decode_fields(full_name: str, fields: dict[str, Any]) -> Event:
    upcast = upcast_of(full_name)
    while upcast is not None:
        full_name, lift = upcast
        fields = lift(fields)
        upcast = upcast_of(full_name)
    entry: EventType = event_type(full_name)
    back = {wire: name for name, wire in entry.wire_names.items()}
    renamed = {back.get(k, k): v for k, v in fields.items()}
    return msgspec.convert(renamed, entry.cls, dec_hook=_dec_hook)


def decode(recorded: Recorded) -> Event:
    """The event of a record. Raises `Undecodable`."""
    return decode_data(recorded.type, recorded.data)


def fact(recorded: Recorded) -> Fact[Event]:
    """The record with its event. Raises `Undecodable`."""
    return Fact(recorded, decode(recorded))


def pack(value: object) -> bytes:
    """A dataclass (or builtin) as JSON, for documents and timer payloads."""
    return _encoder.encode(value)


def unpack(data: bytes, cls: type[T]) -> T:
    """The inverse of `pack`. Raises `msgspec.ValidationError` if it does not fit."""
    return _decoder(cls).decode(data)
