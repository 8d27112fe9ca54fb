"""What checkers of bearer tokens promise: that of one secret, and that of an issuer's keys."""

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.auth import AUDIENCE, ISSUER, EmbeddedTokens, Principal, Tokens
from shared.events.vocabulary import Role
from shared.observability import Metrics
from shared.oidc.settings import OidcSettings
from shared.oidc.tokens import oidc_tokens
from shared.problems import Problem
from tests.support.key_server import KeyServer, key_server, signing_key
from tests.support.time import VirtualTime

SECRET: Final = b"s" * 32
LONGER_THAN_ANY_LEEWAY: Final = timedelta(minutes=10)


class Site(ABC):
    """Somebody who signs tokens, and what checks them."""

    time: VirtualTime
    tokens: Tokens
    issuer: str

    @abstractmethod
    def sign(self, claims: dict[str, Any]) -> str:
        """A token with these claims and a good signature."""

    @abstractmethod
    def forge(self, claims: dict[str, Any]) -> str:
        """The same, signed by a stranger."""

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims, but for these; None leaves one out."""
        exp = int((self.time.now() + timedelta(hours=1)).timestamp())
        good = {"iss": self.issuer, "aud": AUDIENCE, "sub": "o1", "role": "ops", "exp": exp}
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def at(self, later: timedelta) -> int:
        """A time as tokens tell it."""
        return int((self.time.now() + later).timestamp())


class OneSecret(Site):
    """An embedded store."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.issuer = ISSUER
        self.tokens = EmbeddedTokens(SECRET, self.time)

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))

    def forge(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"x" * 32))


class AnIssuer(Site):
    """A real key server."""

    def __init__(self, server: KeyServer) -> None:
        self.time = VirtualTime()
        self.server = server
        self.issuer = server.issuer
        settings = OidcSettings(issuer=server.issuer)
        self.tokens = oidc_tokens(
            server.issuer, settings, real=self.time, monotonic=self.time, metrics=Metrics()
        )

    def sign(self, claims: dict[str, Any]) -> str:
        return self.server.sign(claims)

    def forge(self, claims: dict[str, Any]) -> str:
        stranger = KeyServer()
        stranger.keys = [signing_key("k1")]
        return stranger.sign(claims)


@pytest.fixture(params=["one secret", "an issuer"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    async with _site(request.param) as site:
        yield site


@asynccontextmanager
async def _site(kind: str) -> AsyncIterator[Site]:
    if kind == "one secret":
        yield OneSecret()
        return
    async with key_server() as server:
        yield AnIssuer(server)


async def code_of(site: Site, token: str) -> str:
    """Why it was refused."""
    with pytest.raises(Problem) as refused:
        await site.tokens.verify(token)
    return refused.value.code


PRINCIPALS: Final = [
    Principal(role=Role.CONSUMER, subject="u1"),
    Principal(role=Role.MERCHANT, subject="someone", merchant_id="m1"),
    Principal(role=Role.SPECIALIST, subject="s1", team_id="t1"),
    Principal(role=Role.SUPERVISOR, subject="v1", team_id="t1"),
    Principal(role=Role.OPS, subject="运营"),
    Principal(role=Role.SERVICE, subject="p1", scopes=frozenset({"streams:read", "media"})),
]


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda one: str(one.role))
async def test_a_good_token_says_who_calls(site: Site, principal: Principal) -> None:
    claims = site.claims(
        role=str(principal.role),
        sub=principal.subject,
        team_id=principal.team_id,
        merchant_id=principal.merchant_id,
        scope=" ".join(sorted(principal.scopes)) or None,
    )
    token = site.sign(claims)
    assert await site.tokens.verify(token) == principal
    assert await site.tokens.verify(token) == principal


async def test_an_audience_among_others_and_scopes_as_a_list_are_understood(site: Site) -> None:
    claims = site.claims(aud=["x", AUDIENCE], role="service", scope=["media", "streams:read"])
    assert (await site.tokens.verify(site.sign(claims))).scopes == {"media", "streams:read"}


BAD_CLAIMS: Final[dict[str, dict[str, Any]]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "audiences without us": {"aud": ["other", "third"]},
    "no audience": {"aud": None},
    "no end": {"exp": None},
    "an end in words": {"exp": "tomorrow"},
    "an endless end": {"exp": True},
    "no subject": {"sub": None},
    "nobody": {"sub": ""},
    "a subject that is a number": {"sub": 5},
    "no role": {"role": None},
    "a role we do not have": {"role": "root"},
    "roles": {"role": ["ops"]},
    "the system itself": {"role": "system"},
    "a team that is no text": {"team_id": 7},
    "a merchant that is no text": {"merchant_id": ["m1"]},
    "scopes that are numbers": {"scope": [1]},
    "scopes that are an object": {"scope": {"a": 1}},
}


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
async def test_a_token_that_says_what_it_must_not_is_invalid(
    site: Site, changes: dict[str, Any]
) -> None:
    assert await code_of(site, site.sign(site.claims(**changes))) == "token_invalid"


async def test_a_token_is_good_between_its_times_alone_also_once_it_is_known(site: Site) -> None:
    start, end = LONGER_THAN_ANY_LEEWAY, 3 * LONGER_THAN_ANY_LEEWAY
    token = site.sign(site.claims(nbf=site.at(start), exp=site.at(end)))
    assert await code_of(site, token) == "token_invalid"
    site.time.move(start)
    assert (await site.tokens.verify(token)).subject == "o1"
    site.time.move(end - start + LONGER_THAN_ANY_LEEWAY)
    assert await code_of(site, token) == "token_invalid"


def part(told: object) -> str:
    """One part of a token made by hand."""
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


async def test_a_token_that_nobody_signed_is_invalid(site: Site) -> None:
    good = site.sign(site.claims())
    head, claims, signature = good.split(".")
    others = part(site.claims(sub="else"))
    for algorithm in ("none", "None", "NONE", ""):
        for key_id in ({}, {"kid": "k1"}):
            unsigned = f"{part({'alg': algorithm, **key_id})}.{claims}."
            assert await code_of(site, unsigned) == "token_invalid"
            assert await code_of(site, unsigned + signature) == "token_invalid"
    for token in (f"{head}.{claims}.", f"{head}.{others}.{signature}", f"{claims}.{claims}.x"):
        assert await code_of(site, token) == "token_invalid"
    assert await code_of(site, site.forge(site.claims())) == "token_invalid"
    assert (await site.tokens.verify(good)).subject == "o1"


DEEP: Final = "[" * 3000 + "]" * 3000
NO_TOKENS: Final = {
    "nothing": "",
    "garbage": "garbage",
    "three parts of garbage": "a.b.c",
    "five parts": "a.b.c.d.e",
    "very long": "x" * 200_000,
    "dots": "..",
    "no text": "\ud800.\udfff.x",
    "other alphabets": "令牌.令牌.令牌",
    "deep header": f"{base64.urlsafe_b64encode(DEEP.encode()).decode()}.e30.x",
    "deep claims": f"{part({'alg': 'ES256', 'kid': 'k1'})}."
    f"{base64.urlsafe_b64encode(DEEP.encode()).decode()}.x",
    "a list for claims": f"{part({'alg': 'ES256', 'kid': 'k1'})}.{part([1])}.x",
    "a list for a header": f"{part([1])}.{part({})}.x",
    "a number for an algorithm": f"{part({'alg': 1, 'kid': 'k1'})}.{part({})}.x",
}


@pytest.mark.parametrize("token", NO_TOKENS.values(), ids=NO_TOKENS.keys())
async def test_what_is_no_token_is_invalid_and_nothing_worse(site: Site, token: str) -> None:
    assert await code_of(site, token) == "token_invalid"


async def test_the_oldest_tokens_are_forgotten_and_checked_anew(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.auth._REMEMBERED", 2)
    tokens = [site.sign(site.claims(sub=f"o{n}")) for n in range(4)]
    for _ in range(2):
        assert [(await site.tokens.verify(token)).subject for token in tokens] == [
            "o0",
            "o1",
            "o2",
            "o3",
        ]
