"""What the history of a complaint says beyond its state."""

import hashlib
from collections.abc import Sequence

from shared.codec import decode
from shared.eventlog.ports import EventLog
from shared.events.complaints import (
    ComplaintFiled,
    MerchantAnswered,
    MessagePosted,
    SolutionProposed,
)
from shared.events.envelope import Recorded
from shared.events.vocabulary import Role


def stream_of(complaint_id: str) -> str:
    """The stream of a complaint."""
    return f"complaint-{complaint_id}"


async def filing_of(log: EventLog, complaint_id: str) -> ComplaintFiled:
    """What was filed at first. The complaint exists."""
    [first] = await log.read(stream_of(complaint_id), up_to=1)
    event = decode(first)
    if not isinstance(event, ComplaintFiled):
        raise TypeError(f"{complaint_id} does not begin with a filing")
    return event


def bundle_sha256(history: Sequence[Recorded]) -> str:
    """SHA-256, in hexadecimal, over the stored bytes of every event so far, in order.

    Each event is preceded by its length in bytes, 8 bytes big-endian, so that none can be moved
    into its neighbour.
    """
    digest = hashlib.sha256()
    for entry in history:
        digest.update(len(entry.data).to_bytes(8, "big"))
        digest.update(entry.data)
    return digest.hexdigest()


def merchants_last_words(history: Sequence[Recorded]) -> list[str]:
    """The text that the merchant wrote before, if nobody has written anything since."""
    for record in reversed(history):
        if record.type in {MessagePosted.TYPE, MerchantAnswered.TYPE}:
            event = decode(record)
            mine = record.actor.role is Role.MERCHANT
            if mine and isinstance(event, MessagePosted | MerchantAnswered):
                return [event.text.text]
            return []
    return []


def drafter(history: Sequence[Recorded]) -> str | None:
    """Who wrote the solution that was proposed or drafted last."""
    written = [one.actor.id for one in history if one.type == SolutionProposed.TYPE]
    return written[-1] if written else None
