"""Missed deadlines of merchants, counted over all their complaints: enough are a violation."""

from dataclasses import dataclass
from typing import Final

from services.intake.application import Intake
from services.intake.domain.authority import Author
from services.intake.domain.violations.commands import RecordViolation
from services.intake.domain.violations.lateness import (
    Breach,
    held_against,
    remembered,
    repeated,
)
from services.intake.domain.violations.policy import LATE_KINDS
from shared.codec import pack, unpack
from shared.events.clocks import ClockBreached, ClockCorrected
from shared.events.envelope import Recorded
from shared.events.vocabulary import Party, Role
from shared.ids import derived_id
from shared.unit_of_work import UnitOfWork

LATE_CLOCKS: Final = Author(role=Role.SYSTEM, id="late-clocks")
"""Who records a violation that rests on missed deadlines."""

RULE: Final = "repeated_late_clocks"
"""What such a violation was found by."""

_BREACHES: Final = "merchant_breaches"
"""Kind of the documents; key: merchant and kind of clock."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A merchant's missed deadlines of one kind, by the id of the clock."""

    breaches: dict[str, Breach]


async def note_lateness(
    intake: Intake, work: UnitOfWork, event: ClockBreached | ClockCorrected, cause: Recorded
) -> None:
    """Count a missed deadline of a merchant, or count it no more where that was wrong.

    Whatever comes twice counts once. Complaints of one merchant lie in several partitions: the
    document is replaced by compare-and-set, so two that count at once do it one after the other.
    """
    if event.kind not in LATE_KINDS or event.party is not Party.MERCHANT:
        return
    merchant_id = await _merchant_of(intake, work, event.complaint_id)
    key = f"{merchant_id}:{event.kind}"
    data = await work.document(_BREACHES, key)
    known = {} if data is None else unpack(data, Kept).breaches
    if isinstance(event, ClockCorrected):
        known = await _withdrawn(intake, work, event, known)
    elif event.clock_id not in known:
        known = {**known, event.clock_id: Breach(due_at=event.due_at)}
        known = await _counted(intake, work, event, cause, merchant_id, known)
    await work.put(_BREACHES, key, pack(Kept(known)))


async def _merchant_of(intake: Intake, work: UnitOfWork, complaint_id: str) -> str:
    found = await intake.permitted(work, complaint_id, LATE_CLOCKS, frozenset({Role.SYSTEM}))
    return found.state.case.filed.merchant_id


async def _counted(
    intake: Intake,
    work: UnitOfWork,
    event: ClockBreached,
    cause: Recorded,
    merchant_id: str,
    known: dict[str, Breach],
) -> dict[str, Breach]:
    violations = intake.violations
    clocks = repeated(known, event.clock_id, violations.policy)
    if not clocks:
        return remembered(known, violations.policy)
    command = RecordViolation(
        now=intake.now(),
        by=LATE_CLOCKS,
        violation_id=derived_id("violation", RULE, event.clock_id),
        complaint_id=event.complaint_id,
        merchant_id=merchant_id,
        kind=LATE_KINDS[event.kind],
        severity=violations.policy.late_severity,
        found_by=RULE,
        clock_ids=clocks,
    )
    found = await violations.record(work, command, LATE_CLOCKS.actor(), cause)
    return remembered(held_against(known, clocks, found.id), violations.policy)


async def _withdrawn(
    intake: Intake, work: UnitOfWork, event: ClockCorrected, known: dict[str, Breach]
) -> dict[str, Breach]:
    """It counts no more. Where a violation rests on it staff are told: people decide that."""
    breach = known.get(event.clock_id)
    if breach is not None and breach.violation_id is not None:
        found = await intake.violations.load(work, breach.violation_id)
        text = (
            f"Violation {found.id} rests on the missed deadline {event.clock_id}, "
            "which turned out to have been met. Whoever decides it should know."
        )
        await intake.note(work, found.state.recorded.complaint_id, text, intake.now())
    return {clock: one for clock, one in known.items() if clock != event.clock_id}
