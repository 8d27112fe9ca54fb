"""The live page in a real browser, on the real platform."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.e2e.platform import Platform

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000
PRIVATE_WORDS = "the lamp of my grandmother"
PRIVATE_NAME = "Li Whose-Name-Is-Private"
FILING = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "quality",
    "description": PRIVATE_WORDS,
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "en",
}
SPECIALIST = {
    "id": "li",
    "name": PRIVATE_NAME,
    "skills": {"quality": 7},
    "tier": 4,
    "languages": ["en"],
    "capacity": 20,
}


def browser_path() -> str:
    """Where the browser is. Fails with one clear line if there is none."""
    for name in BROWSERS:
        if (path := shutil.which(name)) is not None:
            return path
    pytest.fail("no Chromium: run scripts/browser, or apt-get install chromium", pytrace=False)


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    """A running platform with one specialist."""
    platform = Platform(tmp_path)
    await platform.start()
    await platform.act("ops", "o", "POST", "/v1/specialists", SPECIALIST)
    await platform.act("specialist", "li", "PUT", "/v1/specialists/li/presence", {"online": True})
    yield platform
    await platform.stop()


@asynccontextmanager
async def browsing(
    *, width: int = 1280, height: int = 900, language: str = "en", dark: bool = False
) -> AsyncIterator[Page]:
    """A page in a new browser; it must not complain in its console."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        context = await browser.new_context(
            viewport=ViewportSize(width=width, height=height),
            locale=language,
            color_scheme="dark" if dark else "light",
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Security Policy" in said.text else None,
        )
        yield page
        await browser.close()
    assert complaints == []


async def signed_in(page: Page, platform: Platform) -> None:
    """Open the page with a token and wait until it is live."""
    await page.goto(f"{platform.url}/ops?token={platform.token('ops', 'me')}")
    await is_live(page)


async def is_live(page: Page) -> None:
    """The page hears what happens."""
    await expect(page.locator("#dot")).to_have_class("dot on", timeout=PATIENCE_MS)


async def shows(page: Page, selector: str, text: str | re.Pattern[str]) -> None:
    """Sooner or later the page says this here."""
    await expect(page.locator(selector)).to_contain_text(text, timeout=PATIENCE_MS)


async def filed(platform: Platform, consumer: str = "u1") -> str:
    """File a complaint by phone."""
    body = {**FILING, "consumer_id": consumer}
    answer = await platform.act("specialist", "li", "POST", "/v1/complaints", body)
    return str(answer["id"])


async def test_what_happens_shows_at_once_without_a_name_or_a_word_of_anybody(
    platform: Platform,
) -> None:
    async with browsing() as page:
        await signed_in(page, platform)
        await shows(page, "#tile-open .number", "0")
        complaint = await filed(platform)
        await shows(page, "#events-table", "Complaint filed")
        await shows(page, "#events-table", complaint[-8:])
        await shows(page, "#tile-open .number", "1")
        await shows(page, "#status-table", re.compile("Assigned.*Specialist"))
        await shows(page, "#load-table", re.compile("li.*1"))
        await shows(page, "#due-table", "First contact")
        await shows(page, "#due-table", re.compile(r"23:59:\d\d"))
        content = await page.content()
    assert PRIVATE_WORDS not in content
    assert PRIVATE_NAME not in content


async def test_the_page_asks_for_a_token_and_opens_with_one_pasted_into_it(
    platform: Platform,
) -> None:
    async with browsing(language="zh-CN") as page:
        await page.goto(f"{platform.url}/ops")
        await shows(page, "h1", "需要访问令牌")
        await shows(page, "pre", "amends token --role ops --subject me")
        await page.fill("#token", platform.token("supervisor", "v"))
        await page.click("button")
        await is_live(page)
        await shows(page, "h1", "运营看板")
        assert "token" not in page.url
        cookies = await page.context.cookies()
        assert [(c.get("httpOnly"), c.get("sameSite")) for c in cookies] == [(True, "Strict")]
        await page.click("nav a[hreflang=en]")
        await shows(page, "h1", "Operations")


async def test_the_page_goes_on_by_itself_after_the_platform_was_started_again(
    platform: Platform,
) -> None:
    async with browsing() as page:
        await signed_in(page, platform)
        before = await filed(platform)
        await shows(page, "#events-table", before[-8:])
        await platform.stop()
        await shows(page, "#connection", "Connection lost")
        await platform.start()
        after = await filed(platform, "u2")
        await shows(page, "#events-table", after[-8:])
        await is_live(page)
        rows = page.locator("#events-table tr", has_text="Complaint filed")
        await expect(rows).to_have_count(2)


async def test_on_a_phone_and_in_the_dark_it_can_be_read_too(platform: Platform) -> None:
    await filed(platform)
    async with browsing(width=390, height=844, dark=True) as page:
        await signed_in(page, platform)
        await shows(page, "#due-table", "First contact")
        wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0
        background = "getComputedStyle(document.body).backgroundColor"
        assert await page.evaluate(background) == "rgb(14, 19, 24)"
        await page.click("#theme")
        assert await page.evaluate(background) == "rgb(244, 246, 248)"
        await page.reload()
        assert await page.evaluate(background) == "rgb(244, 246, 248)"


async def test_while_paused_the_tail_stands_still_and_then_catches_up(platform: Platform) -> None:
    async with browsing() as page:
        await signed_in(page, platform)
        await shows(page, "#events-table", "Specialist registered")
        await page.click("#pause")
        complaint = await filed(platform)
        await shows(page, "#held", "new while paused")
        await expect(page.locator("#events-table")).not_to_contain_text(complaint[-8:])
        await page.click("#pause")
        await shows(page, "#events-table", complaint[-8:])
