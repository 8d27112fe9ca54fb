"""Which deadlines were missed on a complaint: a ground for a superior's review."""

from dataclasses import dataclass
from typing import Final

from shared.codec import pack, unpack
from shared.events.clocks import ClockBreached, ClockCorrected
from shared.events.vocabulary import Party
from shared.unit_of_work import UnitOfWork

_MISSED: Final = "missed_deadlines"


@dataclass(frozen=True, slots=True)
class Missed:
    """A deadline that a party missed in a cycle."""

    cycle: int
    party: Party


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What was missed on one complaint, by the id of the clock."""

    missed: dict[str, Missed]


async def note_breach(work: UnitOfWork, event: ClockBreached | ClockCorrected) -> None:
    """Remember whose deadline was missed in which cycle, or forget it where that was wrong."""
    late = await missed_deadlines(work, event.complaint_id)
    late = {clock: missed for clock, missed in late.items() if clock != event.clock_id}
    if isinstance(event, ClockBreached):
        late[event.clock_id] = Missed(event.cycle, event.party)
    await work.put(_MISSED, event.complaint_id, pack(Deadlines(late)))


async def missed_deadlines(work: UnitOfWork, complaint_id: str) -> dict[str, Missed]:
    """The missed deadlines of a complaint, by the id of the clock."""
    data = await work.document(_MISSED, complaint_id)
    return {} if data is None else unpack(data, Deadlines).missed
