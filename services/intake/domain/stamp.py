"""What every event of a complaint says about itself."""

from datetime import datetime
from typing import TypedDict

from services.intake.domain.case import Case
from services.intake.domain.state import NotFiled, Standing, State, standing
from shared.decider import Refused
from shared.events.vocabulary import Status, Turn


class Stamp(TypedDict):
    """The fields common to all `complaint.*` events."""

    complaint_id: str
    cycle: int
    occurred_at: datetime
    status: Status
    turn: Turn


def stamp(case: Case, at: datetime, after: Standing) -> Stamp:
    """The common fields of an event that took place at `at` and leads to `after`."""
    return Stamp(
        complaint_id=case.id,
        cycle=case.cycle.number,
        occurred_at=at,
        status=after.status,
        turn=after.turn,
    )


def wrong_status(state: State, act: str) -> Refused:
    """The refusal of whatever the table of statuses does not list (docs/domain.md)."""
    if isinstance(state, NotFiled):
        return Refused("not_found", "There is no such complaint.")
    return Refused("wrong_status", f"{act} is not possible while it is {standing(state).status}.")
