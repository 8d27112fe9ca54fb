"""The whole platform with tokens of a real issuer: calls, live stream, page, and an outage."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.crossings.cases import FILING
from tests.integration.dashboard.live import stream
from tests.support.key_server import House, key_server, signing_key
from tests.support.system import System

SPECIALIST = {"role": "specialist", "sub": "hotline"}
MAX_AGE = timedelta(hours=1)


class Platform(System):
    """`System`, but for who makes its tokens."""

    house: House

    @property
    def http_to_it(self) -> httpx.AsyncClient:
        """Somebody who calls, with cookies and without a token."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://test")

    def bearer(self, **claims: Any) -> dict[str, str]:
        """The header of a call with these claims."""
        return {"Authorization": f"Bearer {self.house.token(**claims)}"}


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with key_server() as server, Platform() as system:
        system.house = House(server, time=system.time)
        system.app.state.tokens = system.house.tokens
        yield system


async def test_a_complaint_is_filed_and_seen_with_tokens_of_the_issuer(platform: Platform) -> None:
    async with platform.http_to_it as http:
        specialist = platform.bearer(**SPECIALIST)
        filed = await http.post("/v1/complaints", json=FILING, headers=specialist)
        assert filed.status_code == 201, filed.text
        path = f"/v1/complaints/{filed.json()['id']}"
        own = {"role": "consumer", "sub": FILING["consumer_id"]}
        assert (await http.get(path, headers=platform.bearer(**own))).status_code == 200
        stranger = platform.bearer(role="consumer", sub="u9")
        assert (await http.get(path, headers=stranger)).status_code == 404
        merchant = platform.bearer(role="merchant", sub="x", merchant_id=FILING["merchant_id"])
        assert (await http.get(path, headers=merchant)).status_code == 200


async def test_tokens_that_the_platform_signed_itself_are_taken_no_more(
    platform: Platform,
) -> None:
    refused = await platform.as_("specialist", "s1").refused("/v1/complaints", FILING)
    assert refused == (401, "token_invalid")


async def test_a_key_that_changes_between_two_calls_disturbs_nobody(platform: Platform) -> None:
    async with platform.http_to_it as http:
        first = await http.get("/v1/complaints", headers=platform.bearer())
        platform.time.move(timedelta(minutes=1))
        platform.house.server.rotate(signing_key("k2"), keep=False)
        second = await http.get("/v1/complaints", headers=platform.bearer())
        assert (first.status_code, second.status_code) == (200, 200)


async def test_the_live_stream_and_the_page_take_them_too(platform: Platform) -> None:
    token = platform.house.token()
    async with platform.http_to_it as http:
        filed = await http.post(
            "/v1/complaints", json=FILING, headers=platform.bearer(**SPECIALIST)
        )
        await platform.settle()
        async with stream(platform.app, {"Cookie": f"amends_ops={token}"}, cursor="begin") as live:
            assert (await live.next()).body["key"] == filed.json()["id"]
        assert (await http.get("/ops", params={"token": token})).status_code == 303
        assert (await http.get("/ops")).status_code == 200


async def test_without_keys_nobody_is_let_in_and_nobody_is_sent_away_for_good(
    platform: Platform,
) -> None:
    async with platform.http_to_it as http:
        bearer, token = platform.bearer(), platform.house.token()
        assert (await http.get("/v1/complaints", headers=bearer)).status_code == 200
        await http.get("/ops", params={"token": token})
        platform.house.server.status = 500
        platform.time.move(MAX_AGE)
        for path in ("/v1/complaints", "/v1/stream", "/v1/metrics/summary"):
            answer = await http.get(path, headers=bearer)
            assert (answer.status_code, answer.json()["code"]) == (503, "keys_unavailable")
            assert int(answer.headers["Retry-After"]) in range(1, 6)
            assert "WWW-Authenticate" not in answer.headers
        filed = await http.post("/v1/complaints", json=FILING, headers=bearer)
        assert (filed.status_code, filed.json()["code"]) == (503, "keys_unavailable")
        for query in ({}, {"token": token}, {"lang": "zh-CN"}):
            page = await http.get("/ops", params=query)
            assert (page.status_code, "Retry-After" in page.headers) == (503, True)
            assert "set-cookie" not in page.headers, "the browser keeps its token"
        assert "暂时无法校验令牌" in page.text
        platform.house.server.status = 200
        platform.time.move(timedelta(seconds=5))
        assert (await http.get("/ops")).status_code == 200
