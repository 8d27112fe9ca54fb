"""Keys of an issuer: which are taken, and how new ones come and old ones go."""

import asyncio
import json
from datetime import timedelta
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.util import int_to_base64

from shared.oidc.key_ring import PAUSE_SECONDS
from shared.oidc.keys import read_keys
from tests.support.key_server import House, signing_key

SECOND: Final = timedelta(seconds=1)
PAUSE: Final = timedelta(seconds=PAUSE_SECONDS)
REFRESH: Final = timedelta(minutes=10)
INVALID: Final = "token_invalid"


def published(key: Any, **changes: Any) -> dict[str, Any]:
    """A key as it is published, but for these; None leaves one out."""
    told = {**key.as_dict(private=False), "kid": "k2", **changes}
    return {name: value for name, value in told.items() if value is not None}


USELESS: Final[dict[str, dict[str, Any]]] = {
    "for encryption": {"use": "enc"},
    "for signing": {"key_ops": ["sign"]},
    "for no one knows what": {"key_ops": "verify"},
    "for another algorithm": {"alg": "ES384"},
    "of no name": {"kid": None},
    "of an empty name": {"kid": ""},
    "of another curve": {"crv": "P-384"},
    "of another type": {"kty": "RSA"},
    "of no type": {"kty": None},
    "of a list for a type": {"kty": ["EC"]},
    "that is broken": {"x": "AAAA"},
    "that is a number": {"x": 5},
    "that lacks half": {"y": None},
}


@pytest.mark.parametrize("changes", USELESS.values(), ids=USELESS.keys())
async def test_a_key_that_is_not_for_checking_tokens_is_left_out(
    house: House, changes: dict[str, Any]
) -> None:
    """And harms none of its neighbours."""
    key, other = signing_key("k2"), house.server.keys[0]
    house.server.published = [published(key, **changes), 5, None, published(other, kid="k1")]
    claims = house.server.claims(house.time.now())
    assert await house.who(house.token())
    assert await house.code(jwt.encode({"alg": "ES256", "kid": "k2"}, claims, key)) == INVALID


@pytest.mark.parametrize("bits", [1024, 2047, 8193, 100_000])
def test_rsa_keys_that_are_too_short_or_far_too_long_are_left_out(bits: int) -> None:
    odd = published(signing_key("k2", "RS256"), n=int_to_base64((1 << (bits - 1)) + 1))
    good = published(signing_key("k3", "RS256"), kid="k3")
    assert list(read_keys(json.dumps({"keys": [odd, good]}).encode())) == [("k3", "RS256")]


async def test_private_parts_that_were_published_by_mistake_are_not_needed(house: House) -> None:
    key = house.server.keys[0]
    house.server.published = [key.as_dict(private=True)]
    assert await house.who(house.token())
    keys = await house.ring.current()
    assert [one.is_private for one in keys.values()] == [False]


# -- keys that change ----------------------------------------------------------------------------


async def test_a_new_key_is_asked_for_when_it_is_first_used(house: House) -> None:
    old = house.token()
    await house.who(old)
    house.time.move(PAUSE)
    house.server.rotate(signing_key("k2"))
    assert await house.who(house.token())
    assert house.asked == 2
    assert await house.who(old), "the old key is still published"


async def test_a_key_that_is_no_more_published_drops_out_with_all_tokens_it_signed(
    house: House,
) -> None:
    old = house.token()
    await house.who(old)
    house.time.move(PAUSE)
    house.server.rotate(signing_key("k2"), keep=False)
    assert await house.who(house.token(sub="o2"))
    assert await house.code(old) == INVALID


async def test_another_key_under_the_same_name_takes_its_place(house: House) -> None:
    old = house.token()
    await house.who(old)
    house.server.rotate(signing_key("k1"), keep=False)
    house.time.move(REFRESH)
    assert await house.who(old), "nobody waits for the refresh"
    await house.answered()
    assert await house.code(old) == INVALID
    assert await house.who(house.token())


async def test_keys_are_refreshed_in_time_and_an_emptied_set_ends_everything(house: House) -> None:
    token = house.token()
    await house.who(token)
    house.server.published = []
    house.time.move(REFRESH - SECOND)
    assert await house.who(token)
    assert house.asked == 1
    house.time.move(SECOND)
    assert await house.who(token)
    await house.answered()
    assert await house.code(token) == INVALID


async def test_a_flood_of_made_up_keys_costs_the_key_server_one_question_in_five_seconds(
    house: House,
) -> None:
    await house.who(house.token())
    good = house.server.claims(house.time.now())
    for second in range(60):
        junk = [house.server.sign_as(f"junk-{second}-{n}", good) for n in range(20)]
        codes = await asyncio.gather(*(house.code(token) for token in junk))
        assert set(codes) == {INVALID}
        house.time.move(SECOND)
    assert house.asked <= 1 + 60 / PAUSE_SECONDS
    assert await house.who(house.token())


async def test_many_who_come_first_ask_once(house: House) -> None:
    tokens = [house.token(sub=f"o{n}") for n in range(50)]
    found = await asyncio.gather(*(house.who(token) for token in tokens))
    assert found == [f"o{n}" for n in range(50)]
    assert house.asked == 1


async def test_tokens_that_are_bad_anyway_ask_for_no_key(house: House) -> None:
    await house.who(house.token())
    house.time.move(PAUSE)
    house.server.rotate(signing_key("k2"))
    for bad in ({"aud": "x"}, {"iss": "https://x.example"}, {"role": "root"}, {"sub": None}):
        assert await house.code(house.token(**bad)) == INVALID
    assert house.asked == 1
