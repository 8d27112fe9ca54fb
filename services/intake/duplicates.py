"""Complaints that may be one: same consumer, same merchant, an order in common, a similar text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.domain.state import FiledState
from services.intake.domain.texts import plain
from services.intake.history import filings_of
from services.intake.similarity import similarity
from services.intake.views import same_matter
from shared.clock import from_ms
from shared.eventlog.ports import EventLog
from shared.events.personal import Personal

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
    own = _plain(filed.description)
    rows = await same_matter(log, filed, limit=MOST)
    others = await filings_of(log, [row["complaint_id"] for row in rows])
    found = [
        Candidate(
            complaint_id=row["complaint_id"],
            status=row["status"],
            filed_at=from_ms(row["filed_at"]),
            similarity=similarity(own, _plain(others[row["complaint_id"]].description)),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.similarity, one.complaint_id))


def _plain(text: Personal) -> str:
    """Nothing if nobody can read it: two of those are not alike."""
    return "" if text.value is None else plain(text.value)
