"""How a text is sealed: AES-256-GCM under a key of its own, derived from its person's key."""

import hmac
import os
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.crypto.ports import SubjectKey
from shared.events.personal import Sealed

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 12
_INFO: Final = b"amends personal text "


def new_key(service: str) -> SubjectKey:
    """A fresh key of a person, for a service to seal with. Its id says whose key it is."""
    name = urlsafe_b64encode(os.urandom(_ID_BYTES)).decode()
    return SubjectKey(id=f"{service}:{name}", key=os.urandom(KEY_BYTES))


def text_key(person_key: bytes, nonce: str) -> bytes:
    """The key of the one text with this nonce (base64): HKDF-Expand of RFC 5869, SHA-256, L = 32.

    It can be handed out without opening anything else of the person.
    """
    return hmac.digest(person_key, _INFO + b64decode(nonce) + b"\x01", "sha256")


def sealed(text: str, subject: str, key_id: str, person_key: bytes) -> Sealed:
    """The text as it is stored. The subject is bound in: it opens under no other name."""
    raw = os.urandom(_NONCE_BYTES)
    nonce = b64encode(raw).decode()
    secret = AESGCM(text_key(person_key, nonce)).encrypt(raw, text.encode(), subject.encode())
    return key_id, nonce, b64encode(secret).decode()


def opened(secret: Sealed, subject: str, key: bytes) -> str | None:
    """The text, by the key of that text; None if it does not open with it."""
    _, nonce, ciphertext = secret
    try:
        raw = AESGCM(key).decrypt(b64decode(nonce), b64decode(ciphertext), subject.encode())
        return raw.decode()
    except (InvalidTag, ValueError):
        return None
