"""Merging a duplicate into the complaint it repeats, and undoing that.

Both streams are written in one transaction. The duplicate's own work is kept as it stood.
"""

from services.intake.domain.merge_commands import (
    AbsorbComplaint,
    GiveBack,
    MergeCommand,
    MergeComplaint,
    UndoMerge,
)
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    DUPLICATE,
    Duplicate,
    External,
    FiledState,
    Open,
    assignment_of,
    standing,
    without_assignee,
)
from shared.decider import Refused
from shared.events.complaints import ComplaintUnassigned
from shared.events.envelope import Event
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged
from shared.events.vocabulary import UnassignReason


def merge(command: MergeCommand, state: FiledState) -> list[Event]:
    """Decide one side of a merge, or of its undoing."""
    match command:
        case MergeComplaint():
            return _merge(command, state)
        case AbsorbComplaint():
            return _absorb(command, state)
        case UndoMerge():
            return _undo(command, state)
        case GiveBack():
            return _give_back(command, state)


def _merge(command: MergeComplaint, state: FiledState) -> list[Event]:
    if not isinstance(state, Open) or isinstance(state, External):
        raise wrong_status(state, "Merging")
    case = state.case
    if case.absorbed:
        raise Refused("has_absorbed", "Others were merged into it: undo that first.")
    if command.into_id == case.id or not _same_matter(command, state):
        raise Refused(
            "not_a_duplicate", "A duplicate has the same consumer, merchant and an order in common."
        )
    return [
        ComplaintMerged(
            **stamp(case, command.now, DUPLICATE),
            into_id=command.into_id,
            by=command.by.id,
            reason=command.reason,
        )
    ]


def _same_matter(command: MergeComplaint, state: FiledState) -> bool:
    mine, other = state.case.filed, command.survivor
    return (mine.consumer_id, mine.merchant_id) == (
        other.consumer_id,
        other.merchant_id,
    ) and not set(mine.order_ids).isdisjoint(other.order_ids)


def _absorb(command: AbsorbComplaint, state: FiledState) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Merging another complaint into it")
    accepted = [at for at in (state.case.accepted_at, command.accepted_at) if at is not None]
    return [
        ComplaintAbsorbed(
            **stamp(state.case, command.now, standing(state)),
            from_id=command.from_id,
            earliest_accepted_at=min(accepted, default=None),
        )
    ]


def _undo(command: UndoMerge, state: FiledState) -> list[Event]:
    """Back to the status before; but routing has released whoever had it."""
    if not isinstance(state, Duplicate):
        raise wrong_status(state, "Undoing a merge")
    if command.n != state.case.merges:
        raise Refused("not_found", f"The merge in force has number {state.case.merges}.")
    before, case = state.before, state.case
    unmerged = ComplaintUnmerged(
        **stamp(case, command.now, standing(before)),
        other_id=state.into_id,
        reason=command.reason,
    )
    assignment = assignment_of(before)
    if assignment is None:
        return [unmerged]
    unassigned = ComplaintUnassigned(
        **stamp(case, command.now, without_assignee(before)),
        n=assignment.n,
        specialist_id=assignment.specialist_id,
        reason=UnassignReason.TERMINAL,
    )
    return [unmerged, unassigned]


def _give_back(command: GiveBack, state: FiledState) -> list[Event]:
    if command.other_id not in state.case.absorbed:
        return []
    return [
        ComplaintUnmerged(
            **stamp(state.case, command.now, standing(state)),
            other_id=command.other_id,
            reason=command.reason,
        )
    ]
