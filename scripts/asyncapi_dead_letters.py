"""The topics of dead letters in the AsyncAPI document: one per service, all with one message."""

from typing import Any, Final

from scripts.asyncapi_headers import DEAD_LETTER_HEADERS
from scripts.write_schemas import in_words
from shared.kafka.dead_letters import CHANGED, DeadLetterChanged

Document = dict[str, Any]

HEADERS_NAME: Final = "DeadLetterHeaders"
KEY: Final = "id"
"""The field whose value is the key of the records."""

SCHEMAS: Final = {HEADERS_NAME: DEAD_LETTER_HEADERS}
"""What the message's headers refer to."""


def description(service: str) -> str:
    """What the topic of a service tells."""
    return (
        f"What {service} could not handle, and what became of it. A record holds the whole letter "
        "as it then is: keep the greatest `revision` of each `id`. It may come twice, with the "
        "same `ce_id`."
    )


def message() -> Document:
    """The one message."""
    this_type = {"ce_type": {"type": "string", "const": CHANGED}}
    return {
        "name": CHANGED,
        "title": DeadLetterChanged.__name__,
        "description": in_words(DeadLetterChanged),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "allOf": [
                {"$ref": f"#/components/schemas/{HEADERS_NAME}"},
                {"properties": this_type},
            ],
        },
        "payload": {"$ref": f"./schemas/{CHANGED}.json"},
        "bindings": {"$ref": f"#/components/messageBindings/{KEY}"},
        "x-visible-to": ["staff"],
    }
