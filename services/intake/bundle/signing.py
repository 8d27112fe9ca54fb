"""Who vouches for a bundle: an Ed25519 key (RFC 8032) that the platform alone holds."""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

_PURPOSE: Final = b"amends evidence bundle signature v1"
_SEED_BYTES: Final = 32


class BundleSigner:
    """Signs with a key that is derived (HKDF-SHA256, RFC 5869) from the platform's secret.

    So every process signs alike, and there is no further secret to keep. Another secret is another
    key: bundles signed before are checked with the public key of then.
    """

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=_SEED_BYTES, salt=None, info=_PURPOSE)
        self._key = Ed25519PrivateKey.from_private_bytes(derived.derive(secret))

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes. The same data always has the same one."""
        return self._key.sign(data)

    @property
    def public_key(self) -> bytes:
        """The public key as PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(public_key: bytes) -> str:
    """SHA-256 of a PEM key's DER, in hexadecimal. Raises `ValueError` if it is no Ed25519 key."""
    der = _loaded(public_key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def signed_by(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the holder of this PEM key signed the data. Raises `ValueError` as `fingerprint`."""
    try:
        _loaded(public_key).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _loaded(public_key: bytes) -> Ed25519PublicKey:
    key = load_pem_public_key(public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("it is no Ed25519 key")  # noqa: TRY004 - what callers know how to tell
    return key
