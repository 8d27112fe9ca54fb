"""Who calls: bearer tokens (JWT) checked once, and the principal they speak for."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shared.clock import Clock
from shared.events.envelope import Actor
from shared.events.vocabulary import Role
from shared.problems import Problem

AUDIENCE: Final = "amends"
ISSUER: Final = "amends-embedded"
_ALGORITHM: Final = "HS256"
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who proved who they are. `scopes` matter for role `service` alone."""

    role: Role
    subject: str
    team_id: str | None = None
    merchant_id: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Names the principal in idempotency rows."""
        return f"{self.role}:{self.subject}"

    @property
    def is_staff(self) -> bool:
        """Specialist, supervisor or ops."""
        return self.role in STAFF_ROLES

    def actor(self, *, on_behalf_of: str | None = None) -> Actor:
        """The principal as it is written into events."""
        return Actor(role=self.role, id=self.subject, on_behalf_of=on_behalf_of)


STAFF_ROLES: Final = frozenset({Role.SPECIALIST, Role.SUPERVISOR, Role.OPS})


class Tokens(Protocol):
    """Checks bearer tokens."""

    def verify(self, token: str) -> Principal:
        """The principal of a valid token. Raises `Problem` (401) otherwise."""
        ...


class EmbeddedTokens:
    """Issues and checks HS256 tokens with a key kept beside the data of an embedded store.

    A token once checked is remembered (by digest) until it expires: checking again costs a look-up.
    """

    def __init__(self, key: bytes, real: Clock) -> None:
        self._key = OctKey.import_key(key)
        self._real = real
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(self._real.now().timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True},
        )
        self._known: OrderedDict[bytes, tuple[int, Principal]] = OrderedDict()

    def issue(self, principal: Principal, *, lifetime: timedelta = timedelta(days=1)) -> str:
        """A token for the principal, valid for `lifetime` of real time."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": principal.subject,
            "role": str(principal.role),
            "exp": int((self._real.now() + lifetime).timestamp()),
        }
        if principal.team_id is not None:
            claims["team_id"] = principal.team_id
        if principal.merchant_id is not None:
            claims["merchant_id"] = principal.merchant_id
        if principal.scopes:
            claims["scope"] = " ".join(sorted(principal.scopes))
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key)

    def verify(self, token: str) -> Principal:
        """The principal of a valid token. Raises `Problem` 401 `token_invalid` otherwise."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is not None and known[0] > self._real.now().timestamp():
            return known[1]
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
            self._claims.validate(claims)
            principal = principal_of(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Problem("token_invalid", "The bearer token is not valid.") from error
        self._known[digest] = (int(claims["exp"]), principal)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return principal


def principal_of(claims: dict[str, Any]) -> Principal:
    """Read token claims. Raises `KeyError`, `TypeError` or `ValueError` if they do not fit."""
    role = Role(claims["role"])
    subject = claims["sub"]
    if role is Role.SYSTEM:
        raise ValueError("nobody may claim to be the system")
    if not isinstance(subject, str) or not subject:
        raise ValueError("sub must be a text")
    return Principal(
        role=role,
        subject=subject,
        team_id=_optional_text(claims, "team_id"),
        merchant_id=_optional_text(claims, "merchant_id"),
        scopes=frozenset(str(claims.get("scope", "")).split()),
    )


def _optional_text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value


def principal(request: Request) -> Principal:
    """FastAPI dependency: who calls. Raises `Problem` 401 without a valid bearer token."""
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("token_missing", "Send `Authorization: Bearer <token>`.")
    tokens: Tokens = request.app.state.tokens
    return tokens.verify(token.strip())


async def calling(request: Request) -> Principal:
    """`principal` on the event loop: FastAPI would run a plain function in a thread."""
    return principal(request)


Caller = Annotated[Principal, Depends(calling)]


def require(caller: Principal, *roles: Role) -> None:
    """Raises `Problem` 403 `forbidden` unless the caller has one of the roles."""
    if caller.role not in roles:
        allowed = ", ".join(roles)
        raise Problem("forbidden", f"This needs one of the roles: {allowed}.")
