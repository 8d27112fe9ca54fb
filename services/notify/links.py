"""Survey links: whoever holds one may answer that one survey, and nobody can make one up."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.clock import from_ms, to_ms

_PURPOSE: Final = b"amends survey link v1\n"
_DIGEST_BYTES: Final = 20


class BadLink(Exception):
    """Not a link that was ever given out."""


class ExpiredLink(Exception):
    """A genuine link, too old."""


@dataclass(frozen=True, slots=True)
class SurveyLinks:
    """Signs and reads tokens: `<follow-up id>|<expiry>` and an HMAC-SHA256 over it, cut to 160 bit.

    Deterministic: the same follow-up always gets the same link, whatever crashes in between.
    """

    secret: bytes

    def token(self, follow_up_id: str, expires_at: datetime) -> str:
        """The token that opens this survey until `expires_at` (business time)."""
        claim = f"{follow_up_id}|{to_ms(expires_at)}".encode()
        return _text(self._digest(claim) + claim)

    def follow_up(self, token: str, now: datetime) -> str:
        """The follow-up a token opens. Raises `BadLink` or `ExpiredLink`."""
        raw = _bytes(token)
        digest, claim = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._digest(claim)):
            raise BadLink
        follow_up_id, _, expires_ms = claim.decode().rpartition("|")
        if now >= from_ms(int(expires_ms)):
            raise ExpiredLink
        return follow_up_id

    def _digest(self, claim: bytes) -> bytes:
        return hmac.digest(self.secret, _PURPOSE + claim, hashlib.sha256)[:_DIGEST_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(token: str) -> bytes:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadLink from error
