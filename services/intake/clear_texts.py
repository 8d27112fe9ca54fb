"""Looking for texts of a person that an earlier version recorded in clear: no key erases those."""

from collections.abc import Sequence
from typing import Final

from services.intake.history import stream_of
from shared.codec import decode
from shared.crypto.finding import personal_in
from shared.eventlog.ports import EventLog, Statement

_LOOKED_AT: Final = 20
"""So many of their complaints in each part, the oldest: sealing began once and for all."""

_OLDEST: Final = (
    "SELECT complaint_id FROM complaint_list WHERE {} = :subject_id "
    "ORDER BY filed_at, complaint_id LIMIT :most"
)


async def lies_in_clear(log: EventLog, subject_id: str, parts: Sequence[str]) -> bool:
    """Whether the log holds an unsealed text of theirs. `parts` are columns of the list."""
    for part in parts:
        query = Statement(_OLDEST.format(part), {"subject_id": subject_id, "most": _LOOKED_AT})
        for row in await log.fetch(query):
            if await _any_in(log, stream_of(row["complaint_id"]), subject_id):
                return True
    return False


async def _any_in(log: EventLog, stream: str, subject_id: str) -> bool:
    return any(
        text.sealed is None and text.subject == subject_id
        for record in await log.read(stream)
        for text in personal_in(decode(record))
    )
