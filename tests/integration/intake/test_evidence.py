"""Evidence through the platform: sent as it is, listed, shown to whom it concerns, read by link."""

from datetime import timedelta
from typing import Any

import httpx

from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import Case, in_progress
from tests.support.system import Client, System

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 1000
TEXT = b"Seller: we never said that.\n" * 50


async def send(
    case: Case, who: Client, content: bytes = PNG, kind: str = "product_photo", **more: Any
) -> httpx.Response:
    headers = {"Authorization": who.authorization, **more.pop("headers", {})}
    transport = httpx.ASGITransport(case.system.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(
            f"{case.path}/evidence", params={"kind": kind, **more}, content=content, headers=headers
        )


async def test_a_file_is_listed_and_read_through_a_link() -> None:
    async with System() as system:
        case = await in_progress(system)
        answer = await send(case, case.consumer, filename="../../etc/passwd")
        assert answer.status_code == 201, answer.text
        body = answer.json()
        [file] = body["evidence"]
        assert (file["media_type"], file["bytes"], file["by"]) == (
            "image/png",
            len(PNG),
            "consumer",
        )
        assert body["completeness"] == 0.33
        assert [one["kind"] for one in body["missing_evidence"]] == [
            "order_screenshot",
            "test_report",
        ]
        link = await case.consumer.get(answer.headers["location"])
        got = await system.http.request("GET", link["url"].removeprefix("http://test"))
        assert got.content == PNG
        assert got.headers["content-disposition"].startswith('attachment; filename="evidence-')
        assert "passwd" not in str(got.headers)
        assert got.headers["x-content-type-options"] == "nosniff"
        system.time.move_to(system.time.now() + timedelta(minutes=5))
        late = await system.http.request("GET", link["url"].removeprefix("http://test"))
        assert (late.status_code, late.json()["code"]) == (410, "link_expired")
        await nothing_in_limbo(system)


async def test_a_merchant_sees_what_it_is_shown() -> None:
    async with System() as system:
        case = await in_progress(system)
        added = (await send(case, case.consumer)).json()["evidence"][0]
        seen = await case.merchant.get(case.path)
        assert seen["evidence"] == []
        assert "missing_evidence" not in seen
        path = f"{case.path}/evidence/{added['id']}"
        assert (await case.merchant.request("GET", path)).status_code == 404
        told = str((await case.merchant.get(f"{case.path}/events"))["items"])
        assert "evidence_added" not in told
        await case.act(
            case.specialist,
            "merchant-requests",
            {"questions": "Is this yours?", "evidence_ids": [added["id"]]},
        )
        assert [one["id"] for one in (await case.merchant.get(case.path))["evidence"]] == [
            added["id"]
        ]
        assert (await case.merchant.request("GET", path)).status_code == 200
        stranger = system.as_("consumer", "u2")
        assert (await stranger.request("GET", path)).status_code == 404


async def test_everything_missing_is_asked_for_in_one_message() -> None:
    async with System() as system:
        case = await in_progress(system)
        await send(case, case.consumer)
        await case.act(case.specialist, "consumer-requests", {"reason": "They settle it."})
        asked = (await case.consumer.get(case.path))["open_question"]
        assert asked["items"] == ["a screenshot of the order", "a test report"]


async def test_a_repeated_upload_is_one_piece() -> None:
    async with System() as system:
        case = await in_progress(system)
        key: dict[str, Any] = {"headers": {"Idempotency-Key": "k1"}}
        first = await send(case, case.consumer, **key)
        again = await send(case, case.consumer, **key)
        assert (again.status_code, again.json()) == (201, first.json())
        other = await send(case, case.consumer, TEXT, "chat_log", **key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        plain = await send(case, case.consumer)
        assert len(plain.json()["evidence"]) == 1


async def test_what_is_no_evidence_is_refused_with_a_code() -> None:
    async with System() as system:
        case = await in_progress(system)
        refused = [
            (b"", None, 422, "evidence_empty"),
            (b"PK\x03\x04" + b"0" * 1000, None, 415, "unsupported_media_type"),
            (PNG, "text/html", 415, "unsupported_media_type"),
            (b"<svg onload=alert(1)>", "image/png", 415, "unsupported_media_type"),
            (TEXT + b"\x00" * 10, "text/plain", 415, "unsupported_media_type"),
            (PNG + b"0" * 20_000_000, None, 413, "evidence_too_large"),
        ]
        for content, declared, status, code in refused:
            headers = {} if declared is None else {"Content-Type": declared}
            answer = await send(case, case.consumer, content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await send(case, case.consumer, kind="holiday_photo")).status_code == 422
        assert (await send(case, system.as_("consumer", "u2"))).status_code == 404
        assert (await case.consumer.get(case.path))["evidence"] == []


async def test_a_made_up_link_opens_nothing() -> None:
    async with System() as system:
        for token in ("x", "!!", "A" * 60):
            answer = await system.http.request("GET", f"/v1/evidence/{token}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
