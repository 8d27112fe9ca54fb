"""Complaints that may be one: same consumer, same merchant, an order in common, a similar text."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rapidfuzz import fuzz

from services.intake.application import stream_of
from services.intake.domain.state import FiledState
from services.intake.views import same_matter
from shared.clock import from_ms
from shared.codec import decode
from shared.eventlog.ports import EventLog
from shared.events.complaints import ComplaintFiled

MOST: Final = 50
"""So many candidates are compared, the oldest first. Nobody complains of one order more often."""

SIMILAR: Final = 0.6
"""From here on two texts count as near. Below it, two complaints share an order and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Another complaint about the same matter. `similarity` of the texts, 0 to 1."""

    complaint_id: str
    status: str
    filed_at: datetime
    similarity: float

    @property
    def near(self) -> bool:
        """Whether the texts say nearly the same."""
        return self.similarity >= SIMILAR


async def find_duplicates(log: EventLog, state: FiledState) -> list[Candidate]:
    """The complaints that this one may repeat or be repeated by, the most similar first."""
    filed = state.case.filed
    own = plain(filed.description.text)
    found = []
    for row in await same_matter(log, filed, limit=MOST):
        other = await _filing(log, row["complaint_id"])
        found.append(
            Candidate(
                complaint_id=row["complaint_id"],
                status=row["status"],
                filed_at=from_ms(row["filed_at"]),
                similarity=similarity(own, plain(other.description.text)),
            )
        )
    return sorted(found, key=lambda one: (-one.similarity, one.complaint_id))


async def _filing(log: EventLog, complaint_id: str) -> ComplaintFiled:
    [first] = await log.read(stream_of(complaint_id), up_to=1)
    event = decode(first)
    if not isinstance(event, ComplaintFiled):
        raise TypeError(f"{complaint_id} does not begin with a filing")
    return event


def plain(text: str) -> str:
    """A text without what does not change its meaning: width, case, spacing, punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def similarity(one: str, other: str) -> float:
    """How much two plain texts say the same, 0 to 1.

    The better of the indel ratio of both and, where one is contained in the other, of the part:
    whoever complains twice writes more the second time. Short texts are compared as a whole.
    """
    if not one or not other:
        return 0.0
    whole = fuzz.ratio(one, other)
    long_enough = min(len(one), len(other)) >= 12  # noqa: PLR2004 - below that parts match by chance
    return max(whole, fuzz.partial_ratio(one, other) if long_enough else 0.0) / 100
