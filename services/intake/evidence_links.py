"""Links to evidence: whoever holds one may read that one file, for a few minutes."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.clock import from_ms, to_ms

_PURPOSE: Final = b"amends evidence link v1\n"
_DIGEST_BYTES: Final = 20

LIFETIME: Final = timedelta(minutes=5)
"""Real time. Long enough to open a file, too short to pass the link on."""


class BadLink(Exception):
    """Not a link that was ever given out."""


class ExpiredLink(Exception):
    """A genuine link, too old."""


@dataclass(frozen=True, slots=True)
class EvidenceLinks:
    """Signs and reads tokens: `<sha256>|<media type>|<expiry>`, HMAC-SHA256 cut to 160 bit."""

    secret: bytes

    def token(self, sha256: str, media_type: str, expires_at: datetime) -> str:
        """The token that opens this content until `expires_at` (real time)."""
        claim = f"{sha256}|{media_type}|{to_ms(expires_at)}".encode()
        return base64.urlsafe_b64encode(self._digest(claim) + claim).decode().rstrip("=")

    def content(self, token: str, now: datetime) -> tuple[str, str]:
        """Digest and media type that a token opens. Raises `BadLink` or `ExpiredLink`."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise BadLink from error
        digest, claim = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._digest(claim)):
            raise BadLink
        sha256, media_type, expires_ms = claim.decode().split("|")
        if now >= from_ms(int(expires_ms)):
            raise ExpiredLink
        return sha256, media_type

    def _digest(self, claim: bytes) -> bytes:
        return hmac.digest(self.secret, _PURPOSE + claim, hashlib.sha256)[:_DIGEST_BYTES]
