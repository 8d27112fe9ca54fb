"""A key server that is away, slow, or talks nonsense: nobody is let in, and nobody called wrong."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest

from shared.oidc.key_ring import PAUSE_SECONDS
from shared.oidc.key_server import MOST_BYTES
from shared.oidc.keys import MOST_KEYS
from tests.support.key_server import House, key_server, signing_key

SECOND: Final = timedelta(seconds=1)
PAUSE: Final = timedelta(seconds=PAUSE_SECONDS)
REFRESH: Final = timedelta(minutes=10)
MAX_AGE: Final = timedelta(hours=1)
NOT_NOW: Final = "keys_unavailable"


async def test_while_the_key_server_is_away_its_keys_are_good_up_to_their_age(
    house: House,
) -> None:
    known = house.token()
    await house.who(known)
    house.server.status = 500
    house.time.move(MAX_AGE - SECOND)
    assert await house.who(known)
    assert await house.who(house.token(sub="o2")), "one it has not seen before"
    await house.answered()
    assert house.alarm == 1
    house.time.move(SECOND)
    for token in (known, house.token(sub="o3"), "garbage"):
        refused = await house.refused(token)
        assert (refused.code, int(refused.headers["Retry-After"]) in range(1, 6)) == (NOT_NOW, True)
    house.server.status = 200
    house.time.move(PAUSE)
    assert await house.who(known)
    assert house.alarm == 0


async def test_a_key_that_may_have_been_published_meanwhile_is_not_called_wrong(
    house: House,
) -> None:
    await house.who(house.token())
    house.server.status = 503
    house.time.move(PAUSE)
    house.server.rotate(signing_key("k2"))
    new = house.token()
    refused = await house.refused(new)
    assert (refused.code, refused.headers["Retry-After"]) == (NOT_NOW, "5")
    house.time.move(2 * SECOND)
    again = await house.refused(new)
    assert (again.code, again.headers["Retry-After"]) == (NOT_NOW, "3")
    assert house.asked == 2
    house.server.status = 200
    house.time.move(3 * SECOND)
    assert await house.who(new)


async def test_nobody_gets_in_before_the_keys_are_there(house: House) -> None:
    await house.answered()
    house.server.status = 404
    house.open()
    await house.answered()
    assert await house.code(house.token()) == NOT_NOW
    assert house.asked == 2, "asked at the start, and not again at once"
    house.server.status = 200
    house.time.move(PAUSE)
    assert await house.who(house.token())


async def test_nobody_listening_is_told_as_well() -> None:
    async with key_server() as server:
        house = House(server)
        token = house.token()
    house.open()
    assert await house.code(token) == NOT_NOW


async def test_a_key_server_that_never_ends_its_answer_is_given_up(house: House) -> None:
    house.open(timeout=timedelta(seconds=0.2))
    house.server.silent.clear()
    assert await house.code(house.token()) == NOT_NOW
    house.server.silent.set()
    house.time.move(PAUSE)
    assert await house.who(house.token())


async def test_an_answer_that_trickles_is_given_up_as_well(house: House) -> None:
    """Each piece comes in time, and the whole never does."""
    await house.answered()
    house.server.trickling = True
    house.open(timeout=timedelta(seconds=0.2))
    async with asyncio.timeout(10):
        assert await house.code(house.token()) == NOT_NOW


async def test_a_slow_key_server_is_asked_one_question_at_a_time(house: House) -> None:
    await house.answered()
    house.server.silent.clear()
    house.time.move(PAUSE)
    house.server.rotate(signing_key("k2"))
    token = house.token()
    waiting = []
    for _ in range(3):
        waiting.append(asyncio.create_task(house.who(token)))
        await asyncio.sleep(0.05)  # for the question to arrive
        house.time.move(PAUSE)
    assert house.asked == 2
    house.server.silent.set()
    assert await asyncio.gather(*waiting) == ["o1"] * 3


async def test_while_one_waits_for_keys_others_are_served(house: House) -> None:
    known = house.token()
    await house.who(known)
    house.time.move(PAUSE)
    house.server.rotate(signing_key("k2"))
    house.server.silent.clear()
    waiting = asyncio.create_task(house.who(house.token(sub="o2")))
    await asyncio.sleep(0)
    assert await house.who(known)
    left = asyncio.create_task(house.who(house.token(sub="o3")))
    await asyncio.sleep(0)
    left.cancel()  # a caller who hangs up takes nothing from the others
    house.server.silent.set()
    assert await waiting == "o2"


@pytest.mark.parametrize(
    ("published", "why"),
    [
        (b"not json", "no JSON"),
        (b"[]", "no key set"),
        (b'{"keys": 5}', "no list"),
        (b"{}", "no keys"),
        (b"[" * 50_000, "deep"),
        (b'{"keys":[' + b",".join([b"{}"] * (MOST_KEYS + 1)) + b"]}", "many keys"),
        (b" " * MOST_BYTES + b'{"keys":[]}', "many bytes"),
    ],
)
async def test_an_answer_that_is_no_key_set_changes_nothing(
    house: House, published: bytes, why: str
) -> None:
    token = house.token()
    await house.who(token)
    house.server.raw = published
    house.time.move(REFRESH)
    await house.who(token)
    await house.answered()
    assert (house.alarm, await house.who(token)) == (1, await house.who(token)), why


async def test_an_answer_without_end_is_not_read_to_its_end(house: House) -> None:
    await house.answered()
    house.server.endless = True
    house.open()
    assert await house.code(house.token()) == NOT_NOW


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://another.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://keys.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://"},
        {"jwks_uri": "http://somebody@127.0.0.1:PORT/keys"},
    ],
)
async def test_a_discovery_document_that_misleads_is_not_followed(
    house: House, said: dict[str, Any]
) -> None:
    await house.answered()
    port = str(house.server.port)
    house.server.said = {n: v and v.replace("PORT", port) for n, v in said.items()}
    house.open()
    assert await house.code(house.token()) == NOT_NOW
    assert house.asked == 1


async def test_redirections_are_not_followed(house: House) -> None:
    house.open(jwks_url=f"{house.server.issuer}/moved")
    assert await house.code(house.token()) == NOT_NOW
