"""A few specialists, and cases matched among them."""

from collections.abc import Sequence

from services.routing.domain.eligibility import (
    Waiting,
)
from services.routing.domain.matching import Match, Staffing, all_rounds
from services.routing.domain.policy import POLICY
from services.routing.domain.specialists import Specialist
from services.routing.solver import least_cost
from tests.unit.routing.build import NOW


def staff(*specialists: Specialist, **loads: int) -> Staffing:
    return Staffing(specialists={one.specialist_id: one for one in specialists}, loads=loads)


def rounds(queue: Sequence[Waiting], staffing: Staffing) -> list[Match]:
    return all_rounds(queue, staffing, NOW, POLICY, least_cost)


def pairs(matches: Sequence[Match]) -> dict[str, str]:
    return {m.waiting.case.complaint_id: m.specialist.specialist_id for m in matches}
