"""Callers who are not who they say, look at what is not theirs, or act on what is no more."""

import base64
import json
from datetime import timedelta
from typing import Any, Final

import pytest

from shared.auth import AUDIENCE, ISSUER, EmbeddedTokens, Principal
from shared.events.complaints import ComplaintFiled, ComplaintWithdrawn
from shared.events.registry import COMPLAINTS
from shared.events.vocabulary import Role
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import CALL, DAY, FILING, REFUND, assigned
from tests.integration.bad_input import Wire, refusal, undisturbed
from tests.support.system import Client, System

INVALID_TOKEN: Final = (401, "token_invalid")
NOT_FOUND: Final = (404, "not_found")


def part(claims: dict[str, Any]) -> str:
    """One part of a hand-made token."""
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def tokens(wire: Wire) -> dict[str, str]:
    """Bearer tokens that nobody should get in with."""
    now = wire.system.time.now()
    exp = int((now + DAY).timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "s1", "role": "ops", "exp": exp}
    stranger = EmbeddedTokens(b"x" * 32, wire.system.time)
    ops, system = (Principal(role=role, subject="o1") for role in (Role.OPS, Role.SYSTEM))
    good = wire.system.tokens.issue(ops)
    head, _, signature = good.split(".")
    return {
        "garbage": "garbage",
        "three parts of garbage": "a.b.c",
        "very long": "x" * 20_000,
        "no algorithm": f"{part({'alg': 'none'})}.{part(claims)}.",
        "no signature": ".".join(good.split(".")[:2]) + ".",
        "another's claims": f"{head}.{part(claims)}.{signature}",
        "another key": stranger.issue(ops),
        "expired": wire.system.tokens.issue(ops, lifetime=timedelta(seconds=-1)),
        "the system itself": wire.system.tokens.issue(system),
        "nobody": wire.system.tokens.issue(Principal(role=Role.OPS, subject="")),
    }


async def test_no_bad_token_gets_in() -> None:
    async with undisturbed() as wire:
        for name, token in tokens(wire).items():
            headers = {"Authorization": f"Bearer {token}"}
            for path in ("/v1/complaints", wire.case.path, "/v1/clocks", "/v1/inbox", "/v1/queue"):
                answer = await wire.send("GET", path, headers=headers)
                assert refusal(answer) == INVALID_TOKEN, name
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            body = json.dumps(FILING).encode()
            assert await wire.refused("POST", "/v1/complaints", body, headers=headers) == (
                INVALID_TOKEN
            )


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic czE6eA==", "Token x"])
async def test_without_a_bearer_token_nothing_is_shown(header: str) -> None:
    async with undisturbed() as wire:
        headers = {"Authorization": header}
        for path in ("/v1/complaints", "/v1/dead-letters", "/v1/metrics/summary", "/v1/stream"):
            refused = await wire.refused("GET", path, headers=headers)
            assert refused == (401, "token_missing"), path


async def test_a_token_that_worked_expires_all_the_same() -> None:
    async with undisturbed() as wire:
        token = wire.system.tokens.issue(Principal(role=Role.OPS, subject="o1"), lifetime=DAY)
        headers = {"Authorization": f"Bearer {token}"}
        assert (await wire.send("GET", "/v1/clocks", headers=headers)).status_code == 200
        wire.system.time.move(DAY + timedelta(seconds=1))
        assert await wire.refused("GET", "/v1/clocks", headers=headers) == INVALID_TOKEN


def strangers(system: System) -> list[Client]:
    return [
        system.as_("consumer", "u2"),
        system.as_("merchant", "m2", merchant_id="m2"),
        system.as_("specialist", "s9"),
        system.as_("service", "crawler"),
    ]


async def test_strangers_do_not_learn_that_a_complaint_exists() -> None:
    async with undisturbed() as wire:
        case = wire.case
        for who in strangers(wire.system):
            for path in (case.path, f"{case.path}/events", f"/v1/assignments/{case.id}"):
                known = await wire.send("GET", path, who=who)
                unknown = await wire.send("GET", path.replace(case.id, "nothing-here"), who=who)
                assert refusal(known) == refusal(unknown) == NOT_FOUND, path
                assert known.json() == unknown.json()
            for name in ("clocks", "breaches"):
                assert (await who.get(f"/v1/{name}", complaint_id=case.id))["items"] == []
            assert (await who.get("/v1/complaints"))["items"] == []
            clock = await case.ops.get("/v1/clocks", complaint_id=case.id)
            ledger = f"/v1/clocks/{clock['items'][0]['id']}/ledger"
            assert await wire.refused("GET", ledger, who=who) == NOT_FOUND


async def test_strangers_cannot_act() -> None:
    async with undisturbed() as wire:
        case = wire.case
        consumer, merchant, specialist, program = strangers(wire.system)
        acts = {
            "messages": {"text": "hello"},
            "withdrawal": {},
            "contacts": CALL,
            "solutions": REFUND,
            "merchant-responses": {"stance": "informs", "text": "x"},
        }
        for act, body in acts.items():
            assert await case.refused(consumer, act, body) == NOT_FOUND
            assert await case.refused(merchant, act, body) == NOT_FOUND
            status, code = await case.refused(specialist, act, body)
            assert (status, code) in {(403, "not_assigned"), (403, "forbidden")}
            assert await case.refused(program, act, body) == (403, "forbidden")
            assert await case.refused(case.ops, act, body) == (403, "forbidden")
        path = f"/v1/assignments/{case.id}"
        reason = {"reason": "because", "specialist_id": "s9"}
        for who in (consumer, merchant, specialist):
            assert await who.refused(f"{path}/reassignment", reason) == (403, "forbidden")
        declined = await specialist.refused(f"{path}/decline", {"reason": "not mine"})
        assert declined == (403, "not_assigned")


async def test_parties_do_not_see_what_is_for_staff() -> None:
    async with undisturbed() as wire:
        case = wire.case
        for who in (case.consumer, case.merchant):
            for path in ("/v1/queue", "/v1/dead-letters", "/v1/notifications", "/v1/specialists"):
                assert await wire.refused("GET", path, who=who) == (403, "forbidden"), path
        shown = await case.merchant.get(case.path)
        assert FILING["contact"]["email"] not in json.dumps(shown)


async def test_nobody_files_through_a_channel_or_for_a_person_not_theirs() -> None:
    async with undisturbed() as wire:
        forbidden = (403, "forbidden")
        case = wire.case
        filings = (
            (case.consumer, FILING),
            (case.consumer, {**FILING, "channel": "form", "consumer_id": "u2"}),
            (case.merchant, {**FILING, "channel": "form"}),
            (case.specialist, {**FILING, "channel": "regulator"}),
            (wire.system.as_("service", "x", scopes=["hotline"]), {**FILING, "channel": "media"}),
            (case.ops, FILING),
        )
        for who, body in filings:
            assert await who.refused("/v1/complaints", body) == forbidden


async def test_a_version_that_is_missing_stale_or_nonsense_is_refused() -> None:
    async with undisturbed() as wire:
        case = wire.case
        path = f"{case.path}/withdrawal"
        missing = await wire.refused("POST", path, b"{}", who=case.consumer)
        assert missing == (428, "if_match_required")
        version = await case.version()
        bad = ["", "x", "*", "-1", str(version - 1), str(version + 1), f'"{version}","1"']
        for given in (*bad, "9" * 30, "9" * 5000, "1e1", "0x1"):
            headers = {"If-Match": given}
            refused = await wire.refused("POST", path, b"{}", who=case.consumer, headers=headers)
            assert refused == (412, "version_mismatch"), given


async def test_one_key_for_another_body_is_refused_and_for_the_same_answered_alike() -> None:
    async with System() as system:
        case = await assigned(system)
        caller = system.as_("specialist", "hotline")
        first = await caller.request("POST", "/v1/complaints", FILING, key="k1")
        await system.settle()
        again = await caller.request("POST", "/v1/complaints", FILING, key="k1")
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["ETag"] == first.headers["ETag"]
        other = {**FILING, "category": "quality"}
        assert await caller.refused("/v1/complaints", other, key="k1") == (
            422,
            "idempotency_key_reused",
        )
        somebody = await case.specialist.request("POST", "/v1/complaints", other, key="k1")
        assert somebody.status_code == 201, "a key belongs to who used it"
        for key in ("", "k" * 256):
            refused = await caller.refused("/v1/complaints", FILING, key=key)
            assert refused == (422, "validation_failed")
        await system.settle()
        filed = [e for e in await system.events(COMPLAINTS) if isinstance(e, ComplaintFiled)]
        assert len(filed) == 3
        await nothing_in_limbo(system)


async def test_a_refusal_takes_no_key_and_a_repeated_act_is_answered_before_its_version() -> None:
    async with System() as system:
        case = await assigned(system)
        path, seen = f"{case.path}/withdrawal", await case.version()
        stale = await case.consumer.refused(path, {}, match=seen - 1, key="w1")
        assert stale == (412, "version_mismatch")
        first = await case.consumer.request("POST", path, {}, match=seen, key="w1")
        await system.settle()
        again = await case.consumer.request("POST", path, {}, match=seen, key="w1")
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        assert len(await case.told(ComplaintWithdrawn)) == 1
        await nothing_in_limbo(system)
