"""Tokens of an issuer: which it must have signed, how, and for whom."""

from datetime import timedelta
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from shared.auth import Principal
from shared.events.vocabulary import Role
from tests.support.key_server import DISCOVERY, JWKS, House, signing_key

SECOND: Final = timedelta(seconds=1)
LEEWAY: Final = timedelta(seconds=30)
INVALID: Final = "token_invalid"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA", "Ed25519"])
async def test_keys_of_these_kinds_are_taken(house: House, algorithm: str) -> None:
    house.server.rotate(signing_key("k2", algorithm))
    assert await house.who(house.token()) == "o1"


async def test_a_known_token_asks_nobody_anything(house: House) -> None:
    token = house.token()
    assert [await house.who(token) for _ in range(50)] == ["o1"] * 50
    assert (house.asked, house.server.asked[DISCOVERY]) == (1, 1)
    waiting = house.tokens.verify(token)
    with pytest.raises(StopIteration):  # it comes to its end without waiting for anything
        waiting.send(None)


async def test_a_known_address_needs_no_discovery(house: House) -> None:
    house.open(jwks_url=f"{house.server.issuer}{JWKS}")
    await house.who(house.token())
    assert house.server.asked[DISCOVERY] == 1, "once, before it was told"


async def test_claims_are_found_under_the_names_that_an_issuer_has_for_them(house: House) -> None:
    house.open(
        role_claim="https://shop.example/role",
        subject_claim="uid",
        team_claim="team",
        merchant_claim="shop",
        scope_claim="scp",
    )
    named = {"uid": "v1", "team": "t1", "shop": "m1", "scp": "a b", "role": "ops"}
    found = await house.tokens.verify(
        house.token(**{"https://shop.example/role": "supervisor"}, **named)
    )
    assert found == Principal(
        role=Role.SUPERVISOR,
        subject="v1",
        team_id="t1",
        merchant_id="m1",
        scopes=frozenset({"a", "b"}),
    )
    assert await house.code(house.token(**named)) == INVALID


async def test_a_little_leeway_bridges_clocks_that_differ_and_no_more(house: House) -> None:
    early = house.token(nbf=house.at(LEEWAY), iat=house.at(LEEWAY))
    late = house.server.sign(house.server.claims(house.time.now(), exp=house.at(SECOND)))
    assert await house.who(early)
    assert await house.code(house.token(nbf=house.at(LEEWAY + SECOND))) == INVALID
    assert await house.code(house.token(iat=house.at(LEEWAY + SECOND))) == INVALID
    house.time.move(LEEWAY)
    assert await house.who(late)
    house.time.move(SECOND)
    assert await house.code(late) == INVALID, "it was known, and is over all the same"


# -- what is signed in a wrong way ---------------------------------------------------------------


async def test_the_public_key_is_nobody_s_secret(house: House) -> None:
    """Algorithm confusion: HMAC with the published key as its secret (RFC 8725, 2.1)."""
    house.server.rotate(signing_key("k2", "RS256"))
    await house.who(house.token())
    claims = house.server.claims(house.time.now())
    (public, *_) = house.server.keys
    secrets = [public.as_pem(private=False), public.as_pem(private=False).strip()]
    secrets += [public.as_der(private=False), str(public.as_dict()["n"]).encode()]
    for secret in secrets:
        for algorithm in ("HS256", "HS384", "HS512"):
            key = OctKey(secret, secret)
            told = {"alg": algorithm, "kid": "k2"}
            forged = jwt.encode(told, claims, key, algorithms=[algorithm])
            assert await house.code(forged) == INVALID
    assert house.asked == 1


async def test_a_secret_that_is_published_signs_nothing(house: House) -> None:
    secret = OctKey.import_key(b"s" * 32, {"kid": "k2", "alg": "HS256"})
    house.server.published = [{**secret.as_dict(private=True), "kid": "k2"}]
    token = jwt.encode({"alg": "HS256", "kid": "k2"}, house.server.claims(house.time.now()), secret)
    assert await house.code(token) == INVALID


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
async def test_other_algorithms_of_a_good_key_are_refused(house: House, algorithm: str) -> None:
    key = signing_key("k2", "RS256")
    house.server.rotate(key)
    plain = RSAKey.import_key({**key.as_dict(private=True), "alg": algorithm})
    claims = house.server.claims(house.time.now())
    token = jwt.encode({"alg": algorithm, "kid": "k2"}, claims, plain, algorithms=[algorithm])
    assert await house.code(token) == INVALID


async def test_a_key_is_used_for_its_own_algorithm_alone(house: House) -> None:
    house.server.rotate(signing_key("k2", "RS256"))
    await house.who(house.token())
    other = signing_key("k2", "ES256")
    claims = house.server.claims(house.time.now())
    assert await house.code(jwt.encode({"alg": "ES256", "kid": "k2"}, claims, other)) == INVALID


async def test_a_token_names_its_key(house: House) -> None:
    await house.who(house.token())
    key = house.server.keys[0]
    claims = house.server.claims(house.time.now())
    assert await house.code(jwt.encode({"alg": "ES256"}, claims, key)) == INVALID


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"crit": ["b64"], "b64": True},
        {"alg": "none"},
    ],
)
async def test_what_was_signed_for_another_purpose_is_refused(
    house: House, header: dict[str, Any]
) -> None:
    await house.who(house.token())
    claims = house.server.claims(house.time.now())
    token = house.server.sign_raw({"alg": "ES256", "kid": "k1", **header}, claims)
    assert await house.code(token) == INVALID


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
async def test_types_of_access_tokens_and_headers_that_nobody_asked_for_are_taken(
    house: House, kind: str
) -> None:
    claims = house.server.claims(house.time.now())
    header = {"alg": "ES256", "kid": "k1", "typ": kind, "nonce": "x", "jku": "https://evil.example"}
    assert await house.who(house.server.sign_raw(header, claims))
