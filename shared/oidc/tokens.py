"""Bearer tokens of an OpenID Connect issuer."""

import math
from typing import Any, Final

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, JWSRegistry

from shared.auth import Principal, Remembered, principal_of, token_invalid
from shared.clock import Clock, MonotonicClock
from shared.observability import Metrics
from shared.oidc.key_ring import KeyRing
from shared.oidc.key_server import KeyServer
from shared.oidc.keys import CALLED, KeyName, Keys
from shared.oidc.settings import OidcSettings

_UNREADABLE: Final = (JoseError, ValueError, KeyError, TypeError, OverflowError, RecursionError)
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""What a token may say it is (RFC 9068, 2.1): nothing that was signed for another purpose."""


class _Algorithms(JWSRegistry):
    """Knows the algorithms of `CALLED`, and no others. Unknown headers are nobody's concern."""

    def __init__(self) -> None:
        super().__init__(algorithms=list(CALLED), strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        """The algorithm of this name. Raises `JoseError` for those that are not allowed."""
        return super().get_alg(CALLED.get(name, name))


_ALGORITHMS: Final = _Algorithms()


class OidcTokens:
    """Checks tokens with the keys of their issuer: `Tokens` for a platform that has one.

    First all that a token says, which costs nothing; then that the issuer signed it, for which a
    key may have to be asked for. A token is remembered as long as its time is not over and the
    keys stay as they were.
    """

    def __init__(self, issuer: str, settings: OidcSettings, *, real: Clock, ring: KeyRing) -> None:
        self._real = real
        self._ring = ring
        self._names = settings.claim_names
        self._leeway = settings.leeway.total_seconds()
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(real.now().timestamp()),
            leeway=math.ceil(self._leeway),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
        )
        self._remembered = Remembered(real)
        self._checked_with: Keys | None = None

    async def verify(self, token: str) -> Principal:
        """See `Tokens.verify`."""
        written = token.encode(errors="replace")
        known = self._remembered_with(await self._ring.current()).find(written)
        if known is not None:
            return known
        try:
            signed = jws.extract_compact(written, registry=_ALGORITHMS)
            name = _key_name(signed)
            claims = msgspec.json.decode(signed.payload, type=dict[str, Any])
            self._claims.validate(claims)
            principal = principal_of(claims, self._names)
        except _UNREADABLE as error:
            raise token_invalid() from error
        # The only place to wait: what is remembered below was checked with these keys.
        keys = await self._ring.having(name)
        if not _is_signed(signed, name, keys):
            raise token_invalid()
        self._remembered_with(keys).keep(written, principal, claims["exp"] + self._leeway)
        return principal

    def _remembered_with(self, keys: Keys) -> Remembered:
        """What was checked with these keys: a token must not outlive the key that signed it."""
        if keys is not self._checked_with:
            self._remembered, self._checked_with = Remembered(self._real), keys
        return self._remembered


def _key_name(signed: CompactSignature) -> KeyName:
    """Which key the token asks for. Raises `JoseError`, `KeyError` or `ValueError`."""
    header = signed.headers()
    _ALGORITHMS.check_header(header)
    if "crit" in header or header.get("typ", "JWT").lower() not in _TYPES:
        raise ValueError("not an access token as we know them")
    return header["kid"], CALLED[header["alg"]]


def _is_signed(signed: CompactSignature, name: KeyName, keys: Keys) -> bool:
    key = keys.get(name)
    try:
        return key is not None and jws.validate_compact(signed, key, registry=_ALGORITHMS)
    except _UNREADABLE:
        return False


def oidc_tokens(
    issuer: str,
    settings: OidcSettings,
    *,
    real: Clock,
    monotonic: MonotonicClock,
    metrics: Metrics,
) -> OidcTokens:
    """Checks tokens of this issuer, as the settings have it. It asks for the keys at once."""
    ring = KeyRing(KeyServer(issuer, settings), settings, monotonic, metrics)
    ring.prepare()
    return OidcTokens(issuer, settings, real=real, ring=ring)
