"""Work on a case that does not move it."""

from services.intake.domain.authority import audience_of
from services.intake.domain.case import Link
from services.intake.domain.casework_commands import (
    AddEvidence,
    AddNote,
    CaseworkCommand,
    LinkComplaint,
    NoteFindings,
    Reclassify,
    RecordRegulatorReply,
)
from services.intake.domain.evidence import MOST_BYTES, MOST_FILES, completeness
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import FiledState, Open, Rejected, standing
from shared.decider import Refused
from shared.events.casework import (
    ComplaintLinked,
    ComplaintReclassified,
    EvidenceAdded,
    NoteAdded,
    RegulatorAnswered,
)
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import Audience, Channel


def work_on(command: CaseworkCommand, state: FiledState) -> list[Event]:
    """Decide an act that leaves status and turn as they are."""
    match command:
        case AddNote() | NoteFindings():
            return _add_note(command, state)
        case Reclassify():
            return _reclassify(command, state)
        case AddEvidence():
            return _add_evidence(command, state)
        case RecordRegulatorReply():
            return _record_reply(command, state)
        case LinkComplaint():
            return _link(command, state)


def _add_note(command: AddNote | NoteFindings, state: FiledState) -> list[Event]:
    case = state.case
    return [
        NoteAdded(
            **stamp(case, command.now, standing(state)),
            text=Personal(case.filed.consumer_id, command.text),
        )
    ]


def _reclassify(command: Reclassify, state: FiledState) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Reclassifying")
    filed = state.case.filed
    found = ComplaintReclassified(
        **stamp(state.case, command.now, standing(state)),
        category=command.category or filed.category,
        demand=command.demand or filed.demand,
        order_ids=command.order_ids or filed.order_ids,
        reason=command.reason,
    )
    as_before = (filed.category, filed.demand, filed.order_ids)
    return [] if (found.category, found.demand, found.order_ids) == as_before else [found]


def _add_evidence(command: AddEvidence, state: FiledState) -> list[Event]:
    """The same content twice is one piece. Parties see their own, and what staff show them."""
    if not isinstance(state, Open | Rejected):
        raise wrong_status(state, "Adding evidence")
    case = state.case
    own = audience_of(command.by)
    if any(one.sha256 == command.sha256 and own in one.visible_to for one in case.evidence):
        return []
    total = sum(one.bytes for one in case.evidence) + command.bytes
    if len(case.evidence) >= MOST_FILES or total > MOST_BYTES:
        raise Refused("evidence_limit_reached", "There is no room for more evidence.")
    merchant = own is Audience.MERCHANT
    whose = case.filed.merchant_id if merchant else case.filed.consumer_id
    return [
        EvidenceAdded(
            **stamp(case, command.now, standing(state)),
            evidence_id=command.evidence_id,
            sha256=command.sha256,
            kind=command.kind,
            bytes=command.bytes,
            media_type=command.media_type,
            by_role=command.by.role,
            visible_to=tuple(sorted({own, Audience.STAFF})),
            completeness=completeness(case, [command.kind]),
            label=None if command.label is None else Personal(whose, command.label),
        )
    ]


def _link(command: LinkComplaint, state: FiledState) -> list[Event]:
    case = state.case
    if Link(command.other_id, command.relation) in case.links:
        return []
    return [
        ComplaintLinked(
            **stamp(case, command.now, standing(state)),
            other_id=command.other_id,
            relation=command.relation,
        )
    ]


def _record_reply(command: RecordRegulatorReply, state: FiledState) -> list[Event]:
    """After the end too: the letter wants an answer, whatever became of the complaint."""
    if state.case.filed.channel is not Channel.REGULATOR:
        raise Refused("not_from_regulator", "No regulator has passed this complaint on.")
    answered_at = command.answered_at or command.now
    if answered_at > command.now:
        raise Refused("occurred_in_future", "It cannot have been answered later than now.")
    return [
        RegulatorAnswered(
            **stamp(state.case, command.now, standing(state)),
            reference=command.reference,
            answered_at=answered_at,
        )
    ]
