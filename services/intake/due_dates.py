"""A copy of what sla said is due on a complaint, for reading out. Nothing is decided from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.codec import pack, unpack
from shared.eventlog.ports import EventLog
from shared.events.clocks import (
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
)
from shared.events.vocabulary import ClockKind
from shared.unit_of_work import UnitOfWork

_DUE: Final = "due_dates"

_READ_OUT: Final = frozenset(
    {
        ClockKind.CONSUMER_REPLY,
        ClockKind.MERCHANT_RESPONSE,
        ClockKind.REMEDY,
        ClockKind.SUPERIOR_REVIEW,
    }
)
"""Clocks of whoever is waited for in a status; the others are not written down here."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock that has not ended is due; None while it stands still."""

    cycle: int
    kind: ClockKind
    n: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueDates:
    """Of one complaint, by the id of the clock."""

    clocks: dict[str, Due]


async def note_due(work: UnitOfWork, event: ClockEvent) -> None:
    """Keep the copy in step with a fact of sla."""
    if event.kind not in _READ_OUT:
        return
    before = _unpacked(await work.document(_DUE, event.complaint_id))
    after = due_after(before, event)
    if after != before:
        await work.put(_DUE, event.complaint_id, pack(DueDates(after)))


def due_after(known: dict[str, Due], event: ClockEvent) -> dict[str, Due]:
    """What is due after one more fact of sla."""
    others = {name: due for name, due in known.items() if name != event.clock_id}
    if isinstance(event, ClockStopped | ClockCancelled):
        return others
    if isinstance(event, ClockStarted | ClockResumed):
        at = event.due_at
    elif isinstance(event, ClockPaused) and event.clock_id in known:
        at = None
    elif isinstance(event, ClockCorrected) and event.clock_id in known:
        at = event.due_at  # of a clock that has ended nothing is due, whatever is said of it later
    else:
        return known
    return {**others, event.clock_id: Due(event.cycle, event.kind, event.n, at)}


async def due_in(
    log: EventLog, complaint_id: str, cycle: int
) -> Mapping[tuple[ClockKind, int], datetime | None]:
    """What is due in a cycle, by kind and n of the clock."""
    known = _unpacked((await log.document(_DUE, complaint_id)).data)
    return {(due.kind, due.n): due.due_at for due in known.values() if due.cycle == cycle}


def _unpacked(data: bytes | None) -> dict[str, Due]:
    return {} if data is None else unpack(data, DueDates).clocks
