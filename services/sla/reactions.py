"""Facts of a complaint become observations of its case."""

from typing import Final

from services.sla.application import ClockKeeping
from services.sla.domain.observing import ComplaintFact
from shared.access import access_statements
from shared.events.envelope import Event, Fact
from shared.events.registry import COMPLAINTS
from shared.unit_of_work import UnitOfWork

TOPICS: Final = (COMPLAINTS,)
"""What sla reads."""


class Reactions:
    """Handles what the consumer brings."""

    def __init__(self, keeping: ClockKeeping) -> None:
        self._keeping = keeping

    async def handle(self, fact: Fact[Event], work: UnitOfWork) -> None:
        """Count one fact; whatever is no fact of a complaint changes nothing here."""
        work.write(*access_statements(fact))
        if isinstance(fact.event, ComplaintFact):
            await self._keeping.observe(Fact(fact.recorded, fact.event), work)
