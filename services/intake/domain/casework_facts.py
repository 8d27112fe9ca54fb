"""Facts about the work on a case, and what of them later acts have to know."""

from dataclasses import replace

from services.intake.domain.case import Case, Evidence, Link, RegulatorReply
from services.intake.domain.state import FiledState
from shared.events.casework import (
    CaseworkFact,
    ComplaintLinked,
    ComplaintReclassified,
    EvidenceAdded,
    NoteAdded,
    RegulatorAnswered,
)


def evolve_casework(state: FiledState, case: Case, event: CaseworkFact) -> FiledState:
    """The state after a fact that did not move the complaint; `case` has counted it."""
    match event:
        case NoteAdded():
            return replace(state, case=case)
        case RegulatorAnswered():
            reply = RegulatorReply(event.reference, event.answered_at)
            return replace(state, case=replace(case, regulator_reply=reply))
        case ComplaintReclassified():
            filed = replace(
                case.filed,
                category=event.category,
                demand=event.demand,
                order_ids=event.order_ids,
            )
            return replace(state, case=replace(case, filed=filed))
        case ComplaintLinked():
            link = Link(event.other_id, event.relation)
            return replace(state, case=replace(case, links=(*case.links, link)))
        case EvidenceAdded():
            return replace(state, case=replace(case, evidence=(*case.evidence, _evidence(event))))


def _evidence(event: EvidenceAdded) -> Evidence:
    return Evidence(
        id=event.evidence_id,
        sha256=event.sha256,
        kind=event.kind,
        media_type=event.media_type,
        bytes=event.bytes,
        by_role=event.by_role,
        added_at=event.occurred_at,
        visible_to=frozenset(event.visible_to),
    )
