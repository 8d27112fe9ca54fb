"""What single cells of an input file mean."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final

_DAY_FORMATS: Final = ("%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d")
_DOLLARS: Final = re.compile(r"\{\$([\d,]+\.\d\d)\}")
_LARGEST_GUESS_MINOR: Final = 5_000_00
_LEGAL_FORMS: Final = re.compile(
    r"\b(inc|llc|ltd|corp|corporation|co|company|n a|na|national association|holdings?"
    r"|intermediate|information solutions|financial corporation|l p|lp|the)\b"
)


def merchant_id_of(name: str) -> str:
    """An id for a merchant's name: plain ASCII, without legal forms.

    So that `WELLS FARGO & COMPANY` and `Wells Fargo` are one merchant. A name without ASCII
    letters is known by the start of its SHA-256.
    """
    plain = re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
    short = re.sub(r"\s+", "-", _LEGAL_FORMS.sub(" ", plain).strip()) or plain.replace(" ", "-")
    return short or "m-" + hashlib.sha256(name.encode()).hexdigest()[:10]


def dollars_in(text: str) -> int | None:
    """The first amount in a CFPB text, written `{$240.00}`, in cents; None above $5,000."""
    found = _DOLLARS.search(text)
    if found is None:
        return None
    cents = int(found[1].replace(",", "").replace(".", ""))
    return cents if 0 < cents <= _LARGEST_GUESS_MINOR else None


def parse_instant(text: str) -> datetime | None:
    """Read a day (taken as midnight UTC) or an RFC 3339 time; None if it is neither."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        for layout in _DAY_FORMATS:
            try:
                return datetime.strptime(text, layout).replace(tzinfo=UTC)
            except ValueError:
                continue
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
