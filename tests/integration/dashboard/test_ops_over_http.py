"""The page, its cookie, and the figures over the whole platform."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import Response

from services.dashboard.viewer import remember
from shared.auth import Principal
from shared.events.vocabulary import Role
from tests.integration.dashboard.live import stream
from tests.integration.dashboard.test_live_stream import OPS, filed
from tests.support.system import Client, System

SPECIALIST = {
    "id": "s1",
    "name": "Li",
    "skills": {"quality": 7},
    "tier": 4,
    "languages": ["en"],
    "capacity": 20,
}


def browser(system: System) -> httpx.AsyncClient:
    """A browser without a token: it keeps cookies and does not follow redirects by itself."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(system.app), base_url="http://test")


async def summary(system: System) -> Any:
    """The figures."""
    return await system.as_("ops", "o").get("/v1/metrics/summary")


async def specialist(system: System) -> Client:
    """Somebody to take complaints."""
    await system.as_("ops", "o").post("/v1/specialists", SPECIALIST)
    client = system.as_("specialist", "s1")
    await client.put("/v1/specialists/s1/presence", {"online": True})
    await system.settle()
    return client


async def test_a_complaint_s_way_shows_in_the_figures() -> None:
    async with System() as system:
        await specialist(system)
        await filed(system)
        found = await summary(system)
        assert found["business_now"] == "2026-03-02T09:00:00.000Z"
        assert found["rate"] == 1.0
        assert found["open"]["total"] == 1
        assert found["open"]["by_status"] == {"assigned": 1}
        assert found["open"]["by_turn"] == {"specialist": 1}
        assert found["open"]["by_age"]["under_1d"] == 1
        assert found["totals"]["filed"] == found["totals"]["assigned"] == 1
        (one,) = found["specialists"]
        assert (one["specialist_id"], one["load"], one["capacity"], one["online"]) == (
            "s1",
            1,
            20,
            True,
        )
        assert found["lag"] == {
            "read_up_to": "2026-03-02T09:00:00.000Z",
            "seconds": 0.0,
            "caught_up_since_start": True,
            "parked_keys": 0,
        }


async def test_a_first_contact_missed_is_a_breach_in_page_and_metrics() -> None:
    async with System() as system:
        await specialist(system)
        complaint = await filed(system)
        before = await summary(system)
        assert before["clocks"]["due_in_24h"] >= 1
        due = {clock["kind"]: clock["due_at"] for clock in before["clocks"]["due_soonest"]}
        assert due["first_contact"] == "2026-03-03T09:00:00.000Z"
        await system.advance(timedelta(hours=25))
        found = await summary(system)
        metrics = await system.http.request("GET", "/metrics")
    assert found["breaches"]["by_kind"]["first_contact"] == 1
    assert found["breaches"]["by_party"]["specialist"] == 1
    assert found["first_contact"] == {"in_time": 0, "late": 1, "in_time_share": 0.0}
    assert complaint in {clock["complaint_id"] for clock in found["breaches"]["latest"]}
    assert 'amends_breaches{kind="first_contact",party="specialist"} 1.0' in metrics.text
    assert 'amends_first_contacts{result="late"} 1.0' in metrics.text


async def test_a_complaint_nobody_can_take_is_unroutable() -> None:
    async with System() as system:
        await filed(system)
        assert (await summary(system))["routing"] == {"waiting": 0, "unroutable": 1}


@pytest.mark.parametrize("role", ["consumer", "merchant", "specialist", "service"])
async def test_the_figures_are_for_ops_and_supervisors(role: str) -> None:
    async with System() as system:
        answer = await system.as_(role, "x").request("GET", "/v1/metrics/summary")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert (await system.as_("supervisor", "v").get("/v1/metrics/summary"))["open"][
            "total"
        ] == 0
        answer = await system.http.request("GET", "/v1/metrics/summary")
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


# -- the page ------------------------------------------------------------------------------------


async def test_the_token_in_the_address_becomes_a_cookie_that_scripts_cannot_read() -> None:
    async with System() as system, browser(system) as http:
        token = system.tokens.issue(OPS)
        answer = await http.get("/ops", params={"token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/ops")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        page = await http.get("/ops")
        assert page.status_code == 200
        assert token not in page.text
        assert (await http.get("/v1/metrics/summary")).status_code == 200


async def test_the_cookie_opens_the_stream_and_nothing_that_changes_anything() -> None:
    async with System() as system, browser(system) as http:
        await filed(system)
        token = system.tokens.issue(OPS)
        async with stream(
            system.app, {"Cookie": f"amends_ops={token}"}, cursor="begin", personal="false"
        ) as live:
            message = await live.next()
        assert message.body["data"]["description"]["v"] == "⟨masked⟩"
        await http.get("/ops", params={"token": token})
        refused = await http.post("/v1/specialists", json=SPECIALIST)
        assert (refused.status_code, refused.json()["code"]) == (401, "token_missing")


async def test_a_bearer_token_goes_before_the_cookie() -> None:
    async with System() as system, browser(system) as http:
        await http.get("/ops", params={"token": system.tokens.issue(OPS)})
        other = system.tokens.issue(Principal(role=Role.CONSUMER, subject="u1"))
        answer = await http.get("/v1/metrics/summary", headers={"Authorization": f"Bearer {other}"})
        assert answer.status_code == 403


async def test_without_a_token_the_page_says_how_to_get_one() -> None:
    async with System() as system, browser(system) as http:
        answer = await http.get("/ops")
        assert answer.status_code == 401
        assert "amends token --role ops --subject me" in answer.text
        assert 'lang="en"' in answer.text


async def test_a_token_that_is_no_token_is_not_kept() -> None:
    async with System() as system, browser(system) as http:
        answer = await http.get("/ops", params={"token": "nonsense"})
        assert answer.status_code == 401
        assert "not valid" in answer.text
        assert "set-cookie" not in answer.headers


async def test_a_cookie_that_has_run_out_is_dropped() -> None:
    async with System() as system, browser(system) as http:
        await http.get("/ops", params={"token": system.tokens.issue(OPS)})
        system.time.move(timedelta(days=2))
        answer = await http.get("/ops")
        assert answer.status_code == 401
        assert "no longer valid" in answer.text
        assert 'amends_ops=""' in answer.headers["set-cookie"]


async def test_a_valid_token_of_another_role_is_told_whom_the_page_is_for() -> None:
    async with System() as system, browser(system) as http:
        consumer = Principal(role=Role.CONSUMER, subject="u1")
        await http.get("/ops", params={"token": system.tokens.issue(consumer)})
        answer = await http.get("/ops")
        assert answer.status_code == 403
        assert "for ops and supervisors" in answer.text


async def test_signing_out_drops_the_cookie() -> None:
    async with System() as system, browser(system) as http:
        await http.get("/ops", params={"token": system.tokens.issue(OPS)})
        await http.get("/ops/leave")
        assert (await http.get("/ops")).status_code == 401


async def test_the_page_speaks_the_language_asked_for() -> None:
    async with System() as system, browser(system) as http:
        answer = await http.get("/ops", params={"token": system.tokens.issue(OPS), "lang": "zh-CN"})
        assert answer.headers["location"] == "/ops?lang=zh-CN"
        assert "运营看板" in (await http.get("/ops?lang=zh-CN")).text
        assert "Operations" in (await http.get("/ops?lang=en")).text
        chinese = await http.get("/ops", headers={"Accept-Language": "zh-CN,en;q=0.5"})
        assert 'lang="zh-CN"' in chinese.text


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("ops.css", "text/css; charset=utf-8"),
        ("ops.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
async def test_style_and_script_are_served_to_anybody(name: str, media_type: str) -> None:
    async with System() as system, browser(system) as http:
        answer = await http.get(f"/ops/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize("name", ["ops.html", "..%2fops_page.py", "words.py"])
async def test_nothing_else_is_served(name: str) -> None:
    async with System() as system, browser(system) as http:
        assert (await http.get(f"/ops/{name}")).status_code == 404


async def test_the_page_may_load_from_here_alone() -> None:
    async with System() as system, browser(system) as http:
        policy = (await http.get("/ops")).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_of_an_https_address_is_sent_over_https_alone(secure: bool) -> None:
    answer = Response()
    remember(answer, "token", secure=secure)
    assert ("Secure" in answer.headers["set-cookie"]) is secure
