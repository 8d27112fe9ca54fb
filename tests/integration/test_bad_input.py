"""Bodies, headers and paths that no client of ours would send: refused by code, never by accident.

Everything here runs on a platform that must not notice (`undisturbed`).
"""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from shared.http import MAX_BODY_BYTES, encode_cursor
from tests.crossings.cases import FILING
from tests.integration.bad_input import refusal, undisturbed

COMPLAINTS: Final = "/v1/complaints"
TEXT: Final = json.dumps(FILING)
MALFORMED: Final = (400, "malformed_json")
INVALID: Final = (422, "validation_failed")


def filing(**changes: Any) -> bytes:
    return json.dumps({**FILING, **changes}).encode()


def with_text(old: str, new: str) -> bytes:
    """The filing with some of its JSON replaced by what `json` would not write."""
    assert old in TEXT
    return TEXT.replace(old, new).encode()


BODIES: Final = {
    "cut off": (b'{"channel":', MALFORMED),
    "not UTF-8": (b'{"channel":"\xff\xfe"}', MALFORMED),
    "a number too long to read": (with_text("12900", "9" * 5000), MALFORMED),
    "deeper than any parser goes": (b"[" * 100_000, MALFORMED),
    "deep and complete": (b'{"a":' * 5000 + b"1" + b"}" * 5000, MALFORMED),
    "empty": (b"", INVALID),
    "null": (b"null", INVALID),
    "a list": (b"[]", INVALID),
    "not a number": (with_text("12900", "NaN"), INVALID),
    "infinite": (with_text("12900", "Infinity"), INVALID),
    "beyond a float": (with_text("12900", "1e400"), INVALID),
    "beyond any amount": (with_text("12900", "9" * 100), INVALID),
    "a fraction of a minor unit": (with_text("12900", "1.5"), INVALID),
    "less than nothing": (with_text("12900", "-1"), INVALID),
    "a truth for a number": (with_text("12900", "true"), INVALID),
    "a text for a number": (with_text("12900", '"12900"'), INVALID),
    "an unknown field": (filing(status="closed"), INVALID),
    "an unknown field within": (filing(demand={"kind": "refund", "x": 1}), INVALID),
    "a text for a list": (filing(order_ids="o1"), INVALID),
    "an unknown category": (filing(category="gossip"), INVALID),
    "a text too long": (filing(description="x" * 20_001), INVALID),
    "half a character": (with_text("The bag is a fake.", "\\ud800"), INVALID),
    "half a character in an id": (with_text('"u1"', '"u\\ud800"'), INVALID),
    "half a character as a name": (with_text('"language"', '"\\udfff"'), INVALID),
    "NUL in an id": (filing(consumer_id="u\x00"), INVALID),
    "a line break in an id": (filing(order_ids=["o1\nX-Header: 1"]), INVALID),
    "a line break in an address": (filing(contact={"email": "a@b.c\nBcc: x@y.z"}), INVALID),
    "a time without a zone": (filing(happened_at="2026-03-01T00:00:00"), INVALID),
    "a time as a number": (filing(happened_at=0), INVALID),
    "before the year 1 in UTC": (filing(happened_at="0001-01-01T00:00:00+14:00"), INVALID),
    "after the year 9999 in UTC": (filing(happened_at="9999-12-31T23:59:59-14:00"), INVALID),
    "an e-mail address as an id": (
        filing(consumer_id="u1@example.com"),
        (422, "consumer_id_is_personal"),
    ),
    "the same field twice": ((TEXT[:-1] + ', "channel": "form"}').encode(), (403, "forbidden")),
}


async def test_every_bad_body_has_its_code() -> None:
    async with undisturbed() as wire:
        found = {name: await wire.refused("POST", COMPLAINTS, BODIES[name][0]) for name in BODIES}
        assert found == {name: expected for name, (_, expected) in BODIES.items()}


async def test_a_refused_body_says_which_field_is_wrong() -> None:
    async with undisturbed() as wire:
        answer = await wire.send("POST", COMPLAINTS, filing(order_ids=[]))
        assert refusal(answer) == INVALID
        assert [error["field"] for error in answer.json()["errors"]] == ["body.order_ids"]
        assert FILING["description"] not in answer.text


JUNK: Final = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff",
    b'{"x":1}',
    b'{"n":1e999,"reference":"r"}',
    b'{"n":true,"reference":"r"}',
    b'{"n":1,"reference":"\\ud800"}',
    b'{"text":"\\ud800"}',
    b'{"questions":"\\ud800"}',
    b'{"reason":"\\ud800"}',
    b'{"outcome":"\\ud800"}',
    b'{"consent_how":"\\ud800"}',
    b'{"stance":"informs","text":"\\ud800"}',
    b'{"remedy":"refund","payer":"merchant","reasons":"\\ud800"}',
    b'{"channel":"call","two_way":"yes"}',
    b'{"channel":"call","two_way":true,"occurred_at":"0001-01-01T00:00:00+14:00"}',
    b'{"channel":"call","two_way":true,"occurred_at":"9999-12-31T23:59:59-14:00"}',
)
ACTS: Final = (
    "merchant-requests",
    "merchant-responses",
    "contacts",
    "messages",
    "consumer-responses",
    "solutions",
    "solutions/1/acceptance",
    "solutions/1/rejection",
    "solutions/0/acceptance",
    "solutions/x/acceptance",
    f"solutions/{'9' * 5000}/acceptance",
    "remedies",
    "remedies/1/confirmation",
    "remedies/1/failure",
    "resolution",
    "withdrawal",
    "reopening",
)


async def test_no_act_takes_junk() -> None:
    async with undisturbed() as wire:
        case = wire.case
        for who in (case.specialist, case.consumer, case.merchant, case.supervisor):
            for act in ACTS:
                for body in JUNK:
                    status, _ = await wire.refused("POST", f"{case.path}/{act}", body, who=who)
                    assert status < 500, (act, body)


async def too_much() -> AsyncIterator[bytes]:
    """A body that does not say how long it is, and is too long."""
    for _ in range(MAX_BODY_BYTES // 65_536 + 1):
        yield b" " * 65_536


async def test_a_huge_body_is_refused_declared_or_streamed() -> None:
    async with undisturbed() as wire:
        large = (413, "body_too_large")
        for path in (COMPLAINTS, f"{wire.case.path}/messages", "/v1/surveys/x"):
            assert await wire.refused("POST", path, b" " * (MAX_BODY_BYTES + 1)) == large
        assert await wire.refused("POST", COMPLAINTS, too_much()) == large
        assert await wire.refused("POST", f"{wire.case.path}/messages", too_much()) == large


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense"]
)
async def test_another_media_type_is_refused(media_type: str) -> None:
    async with undisturbed() as wire:
        headers = {"Content-Type": media_type}
        refused = await wire.refused("POST", COMPLAINTS, TEXT.encode(), headers=headers)
        assert refused == (415, "unsupported_media_type")


LONG: Final = "x" * 9_000
PATHS: Final = {
    "/nowhere": (404, "not_found"),
    "/v1/complaints/": (404, "not_found"),
    "/v1//complaints": (404, "not_found"),
    f"/v1/complaints/{LONG}": INVALID,
    "/v1/complaints/%00": (404, "not_found"),
    "/v1/complaints/%ED%A0%80": (404, "not_found"),
    "/v1/complaints/..%2f..": (404, "not_found"),
    f"/v1/assignments/{LONG}": INVALID,
    "/v1/assignments/%00": INVALID,
    f"/v1/clocks/{LONG}/ledger": (404, "not_found"),
    "/v1/specialists/nobody": (404, "not_found"),
    "/v1/merchants/nobody": (404, "not_found"),
    "/v1/complaints?status=nope": INVALID,
    "/v1/complaints?nope=1": INVALID,
    "/v1/complaints?limit=0": INVALID,
    f"/v1/complaints?limit={'9' * 30}": INVALID,
    "/v1/complaints?merchant_id=%00": INVALID,
    "/v1/complaints?cursor=x": INVALID,
    f"/v1/complaints?cursor={encode_cursor({'id': 1})}": INVALID,
    f"/v1/clocks?cursor={encode_cursor({'at': 'x', 'id': 'x'})}": INVALID,
    "/v1/clocks?state=x": INVALID,
    "/v1/clocks?due_before=soon": INVALID,
    "/v1/clocks?due_before=0001-01-01T00:00:00%2B14:00": INVALID,
    "/v1/breaches?cursor=bnVsbA": INVALID,
    "/v1/queue?outcome=x": INVALID,
    "/v1/queue?cursor=%ff": INVALID,
    "/v1/merchants/m1/cooperation?at=9999-12-31T23:59:59-14:00": INVALID,
    "/v1/notifications?cursor=e30": INVALID,
    "/v1/inbox?cursor=x": INVALID,
    "/v1/follow-ups?cursor=x": INVALID,
}


def beyond_storage() -> list[str]:
    """Cursors with a number that no store can hold."""
    place = {"at": 10**21, "since": 10**21, "id": "x"}
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    return [f"/v1/{name}?cursor={cursor}" for name in ("clocks", "breaches", "queue", "inbox")]


async def test_every_bad_path_has_its_code() -> None:
    async with undisturbed() as wire:
        ops = wire.case.ops
        found = {path: await wire.refused("GET", path, who=ops) for path in PATHS}
        assert found == PATHS
        for path in beyond_storage():
            assert await wire.refused("GET", path, who=ops) == INVALID, path


async def test_a_wrong_method_is_refused() -> None:
    async with undisturbed() as wire:
        for method in ("DELETE", "PATCH", "TRACE", "FOO"):
            for path in (COMPLAINTS, wire.case.path, "/v1/dead-letters", "/v1/clocks"):
                refused = await wire.refused(method, path)
                assert refused == (405, "method_not_allowed"), (method, path)


PROFILES: Final = (
    b"",
    b"{",
    b"\xff",
    b'{"class":"\\ud800"}',
    b'{"class":"a","region":"\\u0000"}',
    b'{"contact":{"email":"\\ud800@a.bc"}}',
    b'{"name":"\\ud800"}',
    b'{"tier":"2"}',
    b'{"online":"yes"}',
    b'{"skills":{"gossip":1}}',
    b'{"shifts":[{"start":"0001-01-01T00:00:00+14:00","end":"2026-01-01T00:00:00Z"}]}',
    b'{"leave":[{"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"}]}',
    b'{"specialist_id":"s1","reason":"\\ud800"}',
)


async def test_no_profile_or_reassignment_takes_junk() -> None:
    async with undisturbed() as wire:
        acts = (
            ("PUT", "/v1/merchants/m1"),
            ("PUT", "/v1/merchants/%00"),
            ("POST", "/v1/specialists"),
            ("PATCH", "/v1/specialists/s1"),
            ("PUT", "/v1/specialists/s1/presence"),
            ("PUT", "/v1/specialists/s1/shifts"),
            ("PUT", "/v1/specialists/s1/leave"),
            ("POST", f"/v1/assignments/{wire.case.id}/reassignment"),
            ("POST", f"/v1/assignments/{wire.case.id}/decline"),
            ("POST", "/v1/dead-letters/%00/redrive"),
            ("POST", "/v1/dead-letters/%00/drop"),
            ("POST", "/v1/dead-letters/x/drop"),
            ("POST", "/v1/surveys/%00"),
        )
        for who in (wire.case.ops, wire.case.supervisor, wire.case.specialist):
            for method, path in acts:
                for body in PROFILES:
                    status, _ = await wire.refused(method, path, body, who=who)
                    assert status < 500, (path, body)
