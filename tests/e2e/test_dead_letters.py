"""`amends dead` beside a running `amends up`, and on its folder while nothing runs."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.platform import Platform
from tests.e2e.test_ops_page import FILING
from tests.support.commands import Ran, amends

PATIENCE_SECONDS = 60
BROKEN = b"not a case"


class Shop:
    """A platform, a complaint in it, and what sla keeps about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = Platform(folder)
        self.complaint = ""

    async def file(self) -> None:
        """A complaint, once sla knows it."""
        filed = await self.platform.act("specialist", "s9", "POST", "/v1/complaints", FILING)
        self.complaint = filed["id"]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self._case() is None:  # noqa: ASYNC110 - another process cannot set an event
                await asyncio.sleep(0.1)

    async def say(self, text: str) -> None:
        """The consumer writes."""
        path = f"/v1/complaints/{self.complaint}/messages"
        await self.platform.act("consumer", "u1", "POST", path, {"text": text})

    def break_case(self) -> bytes:
        """What sla keeps is damaged; what it was."""
        good = self._case()
        assert good is not None
        self._put_case(BROKEN)
        return good

    def mend(self, good: bytes) -> None:
        self._put_case(good)

    def _case(self) -> bytes | None:
        connection = sqlite3.connect(self.folder / "sla.sqlite3", timeout=30)
        query = "SELECT data FROM documents WHERE kind = 'case' AND key = ?"
        row = connection.execute(query, (self.complaint,)).fetchone()
        connection.close()
        return None if row is None else bytes(row[0])

    def _put_case(self, data: bytes) -> None:
        connection = sqlite3.connect(self.folder / "sla.sqlite3", timeout=30)
        with connection:
            connection.execute(
                "UPDATE documents SET data = ? WHERE kind = 'case' AND key = ?",
                (data, self.complaint),
            )
        connection.close()

    async def dead(self, *arguments: str) -> Ran:
        return await amends("dead", *arguments, "--data", str(self.folder))

    async def letters(self) -> list[Any]:
        ran = await self.dead("list", "--json")
        assert ran.code == 0, ran.err
        found: list[Any] = ran.json["letters"]
        return found

    async def until_letters(self, count: int) -> list[Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found := await self.letters()) != count:
                pass
        return found


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(tmp_path)
    await shop.platform.start()
    await shop.file()
    yield shop
    await shop.platform.stop()


async def test_what_is_parked_is_listed_and_redriven_while_the_platform_runs(shop: Shop) -> None:
    good = shop.break_case()
    await shop.say("Hello?")
    await shop.say("Anybody there?")
    (letter,) = await shop.until_letters(1)
    assert (letter["service"], letter["key"]) == ("sla", shop.complaint)
    failing = await shop.dead("redrive", letter["id"])
    assert (failing.code, "still parked" in failing.out) == (1, True), failing.err
    shop.mend(good)
    mended = await shop.dead("redrive", letter["id"], "--json")
    assert mended.code == 0, mended.err
    (done,) = mended.json["redriven"]
    assert (done["result"], done["handled"], done["held_up_by"]) == ("handled", 2, None)
    assert await shop.letters() == []


async def test_what_is_parked_is_dropped_while_the_platform_runs(shop: Shop) -> None:
    good = shop.break_case()
    await shop.say("Hello?")
    await shop.say("Anybody there?")
    (letter,) = await shop.until_letters(1)
    shop.mend(good)
    dropped = await shop.dead("drop", letter["id"], "--reason", "damaged", "--by", "me")
    assert dropped.code == 0, dropped.err
    assert "dropped; 1 parked behind it handled" in dropped.out


async def test_what_is_asked_while_nothing_runs_is_done_at_the_next_start(shop: Shop) -> None:
    good = shop.break_case()
    await shop.say("Hello?")
    (letter,) = await shop.until_letters(1)
    await shop.platform.stop()
    asked = await shop.dead("redrive", letter["id"])
    assert asked.code == 0, asked.err
    assert "nobody runs on this store" in asked.out
    assert len(await shop.letters()) == 1
    shop.mend(good)
    await shop.platform.start()
    await shop.until_letters(0)
