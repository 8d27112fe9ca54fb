"""What the history of a complaint says beyond its state."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from services.intake.narrowing import one_of
from shared.codec import decode, decode_data
from shared.eventlog.ports import EventLog, Statement
from shared.events.complaints import (
    ComplaintFiled,
    MerchantAnswered,
    MessagePosted,
    SolutionProposed,
)
from shared.events.envelope import Recorded
from shared.events.escalation import ComplaintReferred
from shared.events.personal import Personal
from shared.events.vocabulary import Role

_FIRST: Final = "SELECT type, data FROM events WHERE version = 1 AND {}"


def stream_of(complaint_id: str) -> str:
    """The stream of a complaint."""
    return f"complaint-{complaint_id}"


async def filings_of(log: EventLog, complaint_ids: Sequence[str]) -> dict[str, ComplaintFiled]:
    """What was filed at first, readable as far as it can be, by complaint. Found in one query."""
    if not complaint_ids:
        return {}
    bound: dict[str, Any] = {}
    streams = one_of("stream", "stream", [*map(stream_of, complaint_ids)], bound)
    rows = await log.fetch(Statement(_FIRST.format(streams), bound), brief=True)
    events = [decode_data(row["type"], row["data"]) for row in rows]
    found = [event for event in events if isinstance(event, ComplaintFiled)]
    await log.keys.open(found)
    return {event.complaint_id: event for event in found}


def bundle_sha256(history: Sequence[Recorded]) -> str:
    """SHA-256, in hexadecimal, over the stored bytes of every event so far, in order."""
    return digest_of(entry.data for entry in history)


def digest_of(parts: Iterable[bytes]) -> str:
    """SHA-256, in hexadecimal, over parts in order.

    Each is preceded by its length in bytes, 8 bytes big-endian, so that nothing can be moved into
    its neighbour.
    """
    *_, last = _digests(parts)
    return last


def _digests(parts: Iterable[bytes]) -> Iterator[str]:
    """The digest of no part, of the first, of the first two, and so on."""
    digest = hashlib.sha256()
    yield digest.hexdigest()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
        yield digest.hexdigest()


def until_referral(history: Sequence[Recorded], n: int) -> Sequence[Recorded] | None:
    """What had been recorded when a complaint was referred for the nth time; None: it was not.

    It is what the referral's digest is of.
    """
    for record in history:
        if record.type == ComplaintReferred.TYPE:
            event = decode(record)
            if isinstance(event, ComplaintReferred) and event.n == n:
                digests = list(_digests(entry.data for entry in history))
                return history[: digests.index(event.bundle_sha256)]
    return None


def merchants_last_words(history: Sequence[Recorded]) -> Personal | None:
    """The text that the merchant wrote before, if nobody has written anything since."""
    for record in reversed(history):
        if record.type in {MessagePosted.TYPE, MerchantAnswered.TYPE}:
            event = decode(record)
            mine = record.actor.role is Role.MERCHANT
            if mine and isinstance(event, MessagePosted | MerchantAnswered):
                return event.text
            return None
    return None


def drafter(history: Sequence[Recorded]) -> str | None:
    """Who wrote the solution that was proposed or drafted last."""
    written = [one.actor.id for one in history if one.type == SolutionProposed.TYPE]
    return written[-1] if written else None
