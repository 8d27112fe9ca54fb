"""The headers of a Kafka record, as the AsyncAPI document describes them: the one place.

CloudEvents 1.0, Kafka binding, binary mode. A test compares the names with those that are written.
"""

from typing import Any, Final

from shared.events.vocabulary import Role

Schema = dict[str, Any]


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _count(description: str, pattern: str = "^[1-9][0-9]*$") -> Schema:
    return _text(f"{description} A whole number in decimal digits.", pattern=pattern)


def _instant(description: str) -> Schema:
    return _text(description, format="date-time")


REQUIRED: Final[dict[str, Schema]] = {
    "content-type": _text("Of the body.", const="application/json"),
    "ce_specversion": _text("Of CloudEvents.", const="1.0"),
    "ce_id": _text("Of the event, a UUIDv7: the same wherever and whenever it is read."),
    "ce_source": _text("The service that recorded it, the topic's one writer."),
    "ce_type": _text("The event version, which is the name of the message."),
    "ce_time": _instant("When the act took place: `occurred_at` of the payload."),
    "ce_partitionkey": _text("The key of the record."),
    "ce_stream": _text("The stream of its source that it belongs to."),
    "ce_streamversion": _count("Its number in that stream, counted from 1."),
    "ce_shard": _count("The partition: murmur2 of the key, as Kafka's clients do.", "^[0-9]+$"),
    "ce_gpos": _count("Grows along a partition of a source, with gaps, and never repeats."),
    "ce_recordedat": _instant("When it was stored; never decreases along a partition."),
    "ce_actorrole": _text("What the one who acted is.", enum=[role.value for role in Role]),
    "ce_actorid": _text("Who acted: a person's opaque id or a service's name."),
    "ce_correlationid": _text("Shared by an event and all that follows from it."),
}
"""What every record carries."""

OPTIONAL: Final[dict[str, Schema]] = {
    "ce_actoronbehalfof": _text("For whom a specialist or service acted."),
    "ce_causationid": _text("`ce_id` of the event that this one answers."),
    "ce_traceparent": _text("W3C trace context of the act."),
}
"""What a record carries where there is something to say."""

_OF_DEAD_LETTERS: Final[dict[str, Schema]] = {
    "content-type": REQUIRED["content-type"],
    "ce_specversion": REQUIRED["ce_specversion"],
    "ce_id": _text("Of this change of the letter: `id` and `revision`. It may come twice."),
    "ce_source": _text("The service that could not handle something."),
    "ce_type": _text("The name of the message."),
    "ce_time": _instant("Since when it is so, in real time: `changed_at` of the payload."),
    "ce_subject": _text("The letter: `id` of the payload."),
    "ce_partitionkey": _text("The key of the record, which is the letter again."),
}

DEAD_LETTER_HEADERS: Final[Schema] = {
    "type": "object",
    "description": "CloudEvents 1.0 in binary mode; values are UTF-8 text.",
    "properties": _OF_DEAD_LETTERS,
    "required": list(_OF_DEAD_LETTERS),
}
"""What every record about a dead letter carries."""

HEADERS: Final[Schema] = {
    "type": "object",
    "description": "CloudEvents 1.0 in binary mode; values are UTF-8 text.",
    "properties": {**REQUIRED, **OPTIONAL},
    "required": list(REQUIRED),
}
