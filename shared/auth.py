"""Who calls: bearer tokens (JWT) checked once, and the principal they speak for."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
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

    async def verify(self, token: str) -> Principal:
        """The principal of a valid token.

        Raises `Problem` 401 `token_invalid` otherwise, and 503 `UNCHECKED` if that cannot be
        found out now. A token that was seen before is looked up, without waiting for anything.
        """
        ...


class Remembered:
    """Principals of tokens that were checked, by digest: checking again costs a look-up."""

    def __init__(self, real: Clock) -> None:
        self._real = real
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def find(self, token: bytes) -> Principal | None:
        """Whose it is, if it was kept and its time is not over."""
        known = self._known.get(hashlib.sha256(token).digest())
        if known is not None and known[0] > self._real.now().timestamp():
            return known[1]
        return None

    def keep(self, token: bytes, principal: Principal, until: float) -> None:
        """Whose it is, until so many seconds since 1970. The oldest make room."""
        self._known[hashlib.sha256(token).digest()] = (until, principal)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


class EmbeddedTokens:
    """Issues and checks HS256 tokens with one key, as an embedded store has it beside its data."""

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
        self._remembered = Remembered(real)

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

    async def verify(self, token: str) -> Principal:
        """See `Tokens.verify`."""
        written = token.encode(errors="replace")
        known = self._remembered.find(written)
        if known is not None:
            return known
        try:
            claims = jwt.decode(written, self._key, algorithms=[_ALGORITHM]).claims
            self._claims.validate(claims)
            principal = principal_of(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise token_invalid() from error
        self._remembered.keep(written, principal, claims["exp"])
        return principal


UNCHECKED: Final = "keys_unavailable"
"""Code of the problem that says: whether a token is good cannot be found out now."""


def token_invalid() -> Problem:
    """The one answer to every token that is not good: it does not tell what is wrong with it."""
    return Problem("token_invalid", "The bearer token is not valid.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """What the claims that make a principal are called in a token."""

    role: str = "role"
    subject: str = "sub"
    team_id: str = "team_id"
    merchant_id: str = "merchant_id"
    scope: str = "scope"


OWN_NAMES: Final = ClaimNames()


def principal_of(claims: Mapping[str, Any], names: ClaimNames = OWN_NAMES) -> Principal:
    """Read token claims. Raises `KeyError`, `TypeError` or `ValueError` if they do not fit."""
    role = Role(claims[names.role])
    subject = claims[names.subject]
    if role is Role.SYSTEM:
        raise ValueError("nobody may claim to be the system")
    if not isinstance(subject, str) or not subject:
        raise ValueError(f"{names.subject} must be a text")
    return Principal(
        role=role,
        subject=subject,
        team_id=_optional_text(claims, names.team_id),
        merchant_id=_optional_text(claims, names.merchant_id),
        scopes=_scopes(claims.get(names.scope)),
    )


def _scopes(value: object) -> frozenset[str]:
    """Words with spaces between (RFC 6749, 3.3), or a list of words as some issuers have it."""
    words = value.split() if isinstance(value, str) else ([] if value is None else value)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("scopes are words")
    return frozenset(words)


def _optional_text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value


async def principal(request: Request) -> Principal:
    """FastAPI dependency: who calls.

    Raises `Problem` 401 without a valid bearer token, 503 if it cannot be checked now.
    """
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("token_missing", "Send `Authorization: Bearer <token>`.")
    tokens: Tokens = request.app.state.tokens
    return await tokens.verify(token.strip())


Caller = Annotated[Principal, Depends(principal)]


def require(caller: Principal, *roles: Role) -> None:
    """Raises `Problem` 403 `forbidden` unless the caller has one of the roles."""
    if caller.role not in roles:
        allowed = ", ".join(roles)
        raise Problem("forbidden", f"This needs one of the roles: {allowed}.")
