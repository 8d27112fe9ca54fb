"""Where sealed texts stand in an event's JSON."""

import json

import pytest

from services.intake.bundle.texts import says, sealed_in
from shared.events.personal import Personal

SEALED = {"s": "u1", "k": "intake:1", "n": "bm9uY2U=", "c": "c2VjcmV0"}
TEXT = Personal.from_wire(SEALED)


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"description": SEALED}, "/description"),
        ({"contact": {"email": SEALED}}, "/contact/email"),
        ({"reasons": [None, SEALED]}, "/reasons/1"),
        ({"a/b~c": SEALED}, "/a~1b~0c"),
    ],
)
def test_a_sealed_text_is_found_wherever_it_stands(event: object, field: str) -> None:
    assert sealed_in(json.dumps(event).encode()) == [(field, TEXT)]


@pytest.mark.parametrize(
    "data",
    [
        b'{"text": {"s": "u1", "v": "in clear"}}',
        b'{"text": {"s": "u1", "k": 1, "n": "", "c": ""}}',
        b'{"text": {"s": "u1", "k": "", "n": "", "c": "", "more": ""}}',
        b"no json",
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_no_sealed_text_is_not_taken_for_one(data: bytes) -> None:
    assert sealed_in(data) == []


@pytest.mark.parametrize("key", ["", "AAAA", "no base64", "A" * 43 + "="])
def test_a_wrong_key_opens_nothing(key: str) -> None:
    assert says(TEXT, key) is None
