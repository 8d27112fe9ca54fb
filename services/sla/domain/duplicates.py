"""What merging a duplicate, and undoing that, does to the clocks of either complaint."""

from dataclasses import replace
from typing import Final

from services.sla.domain.draft import Draft
from shared.events.merging import (
    ComplaintAbsorbed,
    ComplaintMerged,
    ComplaintUnmerged,
    MergingFact,
)
from shared.events.vocabulary import ClockKind, Status

_MERGED: Final = "merged"
_WORK: Final = (ClockKind.ASSIGNMENT, ClockKind.FIRST_CONTACT, ClockKind.RESOLUTION)


def merging(draft: Draft, fact: MergingFact) -> None:
    """A duplicate's clocks end with the merge; the survivor's run from the earlier acceptance.

    While it is a duplicate a complaint keeps the turn it had: should it come back, that time has
    counted like any other.
    """
    match fact:
        case ComplaintMerged():
            draft.cancel(draft.case.clocks, _MERGED)
            draft.case = replace(draft.case, status=fact.status)
        case ComplaintAbsorbed():
            draft.turn(fact.status, fact.turn)
            if fact.earliest_accepted_at is not None:
                working = [draft.case.find(fact.cycle, kind) for kind in _WORK]
                draft.anchor(working, fact.earliest_accepted_at)
        case ComplaintUnmerged():
            came_back = draft.case.status is Status.DUPLICATE
            draft.turn(fact.status, fact.turn)
            if came_back:
                draft.restart(_MERGED)
