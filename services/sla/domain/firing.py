"""What the clocks of a case say when time goes by."""

from datetime import datetime

from services.sla.domain.case import Case
from services.sla.domain.clock import Clock, Firing, fired, identity
from services.sla.domain.clock import next_firing as next_of_clock
from shared.events.clocks import ClockEvent


def next_firing(case: Case) -> datetime | None:
    """When the next warning or breach of the case falls due by what is known; None if never."""
    found = _earliest(case)
    return found[1].at if found else None


def fire(case: Case, until: datetime) -> tuple[Case, list[ClockEvent]]:
    """Say everything that fell due at or before `until`, in order, each with its own instant.

    Call it only once every fact that could have taken place by then is known.
    """
    events: list[ClockEvent] = []
    found = _earliest(case)
    while found is not None and found[1].at <= until:
        case, event = fire_one(case, *found)
        events.append(event)
        found = _earliest(case)
    return case, events


def fire_one(case: Case, clock: Clock, firing: Firing) -> tuple[Case, ClockEvent]:
    """Say one thing of one clock. Whoever held the party's part at that instant is named."""
    responsible_id = case.responsible(clock.party, firing.at)
    who = identity(case.complaint_id, clock)
    after, event = fired(who, clock, case.turns, firing, responsible_id)
    return case.with_clock(after, events=1), event


def _earliest(case: Case) -> tuple[Clock, Firing] | None:
    earliest: tuple[Clock, Firing] | None = None
    for clock in case.clocks:
        firing = next_of_clock(clock, case.turns)
        if firing is not None and (earliest is None or firing.at < earliest[1].at):
            earliest = (clock, firing)
    return earliest
