"""A published set of keys (JWKS, RFC 7517): which of them may sign tokens, and as what."""

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

VerifyingKey = RSAKey | ECKey | OKPKey
"""A public key. There is no symmetric kind among them, so no token is checked with one."""

KeyName = tuple[str, str]
"""Key id and the one algorithm that the key signs by."""

Keys = Mapping[KeyName, VerifyingKey]

CALLED: Final = {"RS256": "RS256", "ES256": "ES256", "Ed25519": "Ed25519", "EdDSA": "Ed25519"}
"""Names of algorithms in tokens → what they are; RFC 9864 gave EdDSA on Ed25519 its newer name."""

MOST_KEYS: Final = 100

_KINDS: Final[Mapping[tuple[str, str], tuple[str, type[VerifyingKey]]]] = {
    ("RSA", ""): ("RS256", RSAKey),
    ("EC", "P-256"): ("ES256", ECKey),
    ("OKP", "Ed25519"): ("Ed25519", OKPKey),
}
"""Type and curve of a key → what it signs by."""

_PUBLIC: Final = ("kty", "crv", "n", "e", "x", "y")
_RSA_BITS: Final = range(2048, 8192 + 1)
"""Shorter keys are not safe (RFC 7518, 3.3); longer ones cost much time at every token."""


def read_keys(document: bytes) -> Keys:
    """The keys of a JWKS that tokens may be signed with; what is of no use for that is left out.

    Raises `ValueError` if it is not a key set, or one of more than `MOST_KEYS`.
    """
    told = msgspec.json.decode(document)
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError(f"that is not a set of at most {MOST_KEYS} keys")
    found: dict[KeyName, VerifyingKey] = {}
    for one in listed:
        if isinstance(one, dict) and _is_for_signatures(one):
            _add(one, found)
    return found


def _is_for_signatures(told: dict[str, Any]) -> bool:
    operations = told.get("key_ops", ["verify"])
    return (
        told.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    )


def _add(told: dict[str, Any], found: dict[KeyName, VerifyingKey]) -> None:
    """Take in its public part, whatever else stands beside it."""
    kind = _KINDS.get((str(told.get("kty")), str(told.get("crv", ""))))
    key_id = told.get("kid")
    if kind is None or not isinstance(key_id, str) or not key_id:
        return
    algorithm, kind_of_key = kind
    if CALLED.get(str(told.get("alg", algorithm))) != algorithm:
        return
    public: dict[str, Any] = {name: told[name] for name in _PUBLIC if name in told}
    try:
        if kind_of_key is RSAKey and _bits(public["n"]) not in _RSA_BITS:
            return
        found.setdefault((key_id, algorithm), kind_of_key.import_key(public))
    except (JoseError, ValueError, TypeError, KeyError):
        return


def _bits(number: str) -> int:
    """Size of a number as a key writes it. Raises `ValueError` or `TypeError` if it is none."""
    return int.from_bytes(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
