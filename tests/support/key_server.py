"""An OpenID Connect issuer on this machine: publishes its keys over HTTP, and changes them."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
import uvicorn
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from shared.observability import Metrics
from shared.oidc.key_ring import KeyRing
from shared.oidc.key_server import KeyServer as AskKeyServer
from shared.oidc.settings import OidcSettings
from shared.oidc.tokens import OidcTokens
from shared.problems import Problem
from tests.support.time import VirtualTime

DISCOVERY: Final = "/.well-known/openid-configuration"
JWKS: Final = "/keys"
SigningKey = RSAKey | ECKey | OKPKey

_SIGNS: Final = {
    "RSA": JWSRegistry.algorithms["RS256"],
    "EC": JWSRegistry.algorithms["ES256"],
    "OKP": JWSRegistry.algorithms["Ed25519"],
}

_RSA: Final = RSAKey.generate_key(2048)
"""Made once: it takes a tenth of a second."""


_MADE: Final[dict[str, Callable[[], SigningKey]]] = {
    "RS256": lambda: _RSA,
    "ES256": lambda: ECKey.generate_key("P-256"),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


def signing_key(key_id: str, algorithm: str = "ES256") -> SigningKey:
    """A private key of this name; of RS256 there is but one, under any name."""
    made = _MADE[algorithm]()
    return type(made).import_key({**made.as_dict(private=True), "kid": key_id, "alg": algorithm})


class KeyServer:
    """What it publishes, what it was asked, and how it misbehaves."""

    def __init__(self) -> None:
        self.keys: list[SigningKey] = [signing_key("k1")]
        self.asked: Counter[str] = Counter()
        self.status = 200
        self.said: dict[str, Any] = {}
        self.published: list[Any] | None = None
        self.raw: bytes | None = None
        self.endless = False
        self.trickling = False
        self.silent = asyncio.Event()
        self.silent.set()
        self.port = 0

    @property
    def issuer(self) -> str:
        """Its name, and where it is found."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def app(self) -> Starlette:
        """Its pages."""
        return Starlette(
            routes=[
                Route(DISCOVERY, self._discovery),
                Route(JWKS, self._published),
                Route("/moved", self._moved),
            ]
        )

    async def _discovery(self, _: Request) -> Response:
        self.asked[DISCOVERY] += 1
        told = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}{JWKS}"}
        return JSONResponse({**told, **self.said})

    async def _published(self, request: Request) -> Response:
        self.asked[JWKS] += 1
        await self.silent.wait()
        if self.endless:
            return StreamingResponse(_without_end(request), media_type="application/json")
        if self.trickling:
            return StreamingResponse(_without_end(request, b" ", 0.05))
        if self.raw is not None:
            return Response(self.raw)
        told = [key.as_dict() for key in self.keys] if self.published is None else self.published
        return JSONResponse({"keys": told}, self.status)

    async def _moved(self, _: Request) -> Response:
        return RedirectResponse(JWKS)

    def rotate(self, key: SigningKey, *, keep: bool = True) -> None:
        """Sign with this key from now on; keep on publishing the old ones, or not."""
        self.keys = [key, *(self.keys if keep else ())]

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with these claims, signed with the newest key."""
        return self.sign_raw({"alg": self.keys[0].alg, "kid": self.keys[0].kid}, claims)

    def sign_as(self, key_id: str, claims: dict[str, Any]) -> str:
        """The same, with this for the name of the key."""
        return self.sign_raw({"alg": self.keys[0].alg, "kid": key_id}, claims)

    def sign_raw(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token with this header, whatever it says, and a good signature of the newest key."""
        signed = ".".join(_part(one) for one in (header, claims))
        signature = _SIGNS[self.keys[0].key_type].sign(signed.encode(), self.keys[0])
        return f"{signed}.{_encoded(signature)}"

    def claims(self, now: datetime, **changes: Any) -> dict[str, Any]:
        """Good claims of an hour, but for these changes; None leaves one out."""
        good = {
            "iss": self.issuer,
            "aud": "amends",
            "sub": "o1",
            "role": "ops",
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
        }
        return {name: v for name, v in {**good, **changes}.items() if v is not None}


def _part(told: dict[str, Any]) -> str:
    return _encoded(json.dumps(told).encode())


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


async def _without_end(
    request: Request, piece: bytes = b" " * 65_536, pause: float = 0
) -> AsyncIterator[bytes]:
    yield b'{"keys": ['
    while not await request.is_disconnected():
        yield piece
        await asyncio.sleep(pause)


@asynccontextmanager
async def key_server() -> AsyncIterator[KeyServer]:
    """One that listens."""
    server = KeyServer()
    config = uvicorn.Config(server.app, port=0, lifespan="off", log_level="critical")
    running = uvicorn.Server(config)
    serving = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - a real server, which tells nobody
        await asyncio.sleep(0.01)
    server.port = running.servers[0].sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.silent.set()
        running.should_exit = True
        await serving


class House:
    """A platform that takes the tokens of this issuer, on virtual time."""

    def __init__(self, server: KeyServer, time: VirtualTime | None = None) -> None:
        self.server = server
        self.time = time or VirtualTime()
        self.metrics = Metrics()
        self.open()

    def open(self, **settings: Any) -> None:
        """Start (again)."""
        issuer = self.server.issuer
        told = OidcSettings(issuer=issuer, **settings)
        self.ring = KeyRing(AskKeyServer(issuer, told), told, self.time, self.metrics)
        self.tokens = OidcTokens(issuer, told, real=self.time, ring=self.ring)
        self.ring.prepare()

    def token(self, **changes: Any) -> str:
        """Good, but for these claims; signed with the newest key."""
        return self.server.sign(
            self.server.claims(self.time.now(), exp=self.at(timedelta(days=1)), **changes)
        )

    def at(self, later: timedelta) -> int:
        """A time as tokens tell it."""
        return int((self.time.now() + later).timestamp())

    async def who(self, token: str) -> str:
        """Whose it is."""
        return (await self.tokens.verify(token)).subject

    async def refused(self, token: str) -> Problem:
        """Why it is not good."""
        with pytest.raises(Problem) as refused:
            await self.tokens.verify(token)
        return refused.value

    async def code(self, token: str) -> str:
        """The code of why it is not good."""
        return (await self.refused(token)).code

    @property
    def asked(self) -> int:
        """How often the key server gave out its keys."""
        return self.server.asked[JWKS]

    @property
    def alarm(self) -> float | None:
        """What the metric says of the key server."""
        return self.metrics.registry.get_sample_value("amends_key_server_unavailable")

    async def answered(self) -> None:
        """Return once the key server was asked whatever somebody wanted to ask."""
        asking = [task for task in asyncio.all_tasks() if task.get_name() == "oidc-keys"]
        if asking:
            await asyncio.wait(asking)
