"""Acts that leave status and turn as they are: one sub-resource each."""

from fastapi import APIRouter, Response

from services.intake.answering import ComplaintId, Number, UseCases, act, answered
from services.intake.application import MergeRequest, author_of
from services.intake.casework_bodies import (
    MergeBody,
    NoteBody,
    ReclassificationBody,
    RegulatorReplyBody,
    UndoBody,
)
from services.intake.domain.casework_commands import AddNote, Reclassify, RecordRegulatorReply
from services.intake.domain.merge_commands import UndoMerge
from services.intake.duplicates import Candidate, find_duplicates
from shared.auth import Caller, require
from shared.clock import rfc3339
from shared.events.vocabulary import Role
from shared.http import Command, json_response, page
from shared.routes import StrictRoute

router = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["casework"]
)


@router.post("/notes")
async def add_note(
    complaint_id: ComplaintId, body: NoteBody, call: Command, intake: UseCases
) -> Response:
    """Write something down for staff. It stands in their timeline and in nobody else's."""
    command = AddNote(now=intake.now(), by=author_of(call.caller), text=body.text)
    return await act(call, intake, complaint_id, command)


@router.post("/regulator-replies")
async def record_regulator_reply(
    complaint_id: ComplaintId, body: RegulatorReplyBody, call: Command, intake: UseCases
) -> Response:
    """The regulator who passed the complaint on was answered."""
    command = RecordRegulatorReply(
        now=intake.now(),
        by=author_of(call.caller),
        reference=body.reference,
        answered_at=body.answered_at,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/reclassification")
async def reclassify(
    complaint_id: ComplaintId, body: ReclassificationBody, call: Command, intake: UseCases
) -> Response:
    """Say what it is about, once the consumer has been heard. It is assessed anew."""
    command = Reclassify(
        now=intake.now(),
        by=author_of(call.caller),
        reason=body.reason,
        category=body.category,
        demand=body.demand.demand() if body.demand else None,
        order_ids=body.order_ids,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/merges")
async def merge(
    complaint_id: ComplaintId, body: MergeBody, call: Command, intake: UseCases
) -> Response:
    """This complaint is a duplicate and goes on in `into_id`."""
    command = MergeRequest(
        now=intake.now(),
        by=author_of(call.caller),
        into_id=body.into_id,
        reason=body.reason,
    )
    return await answered(
        call, intake, 200, lambda work: intake.merge(work, complaint_id, command, call.check_match)
    )


@router.post("/merges/{n}/undo")
async def undo_merge(
    complaint_id: ComplaintId, n: Number, body: UndoBody, call: Command, intake: UseCases
) -> Response:
    """It was no duplicate: back to where it stood, with its clocks from their own start."""
    command = UndoMerge(now=intake.now(), by=author_of(call.caller), n=n, reason=body.reason)
    return await answered(
        call,
        intake,
        200,
        lambda work: intake.undo_merge(work, complaint_id, command, call.check_match),
    )


@router.get("/duplicates")
async def duplicates(complaint_id: ComplaintId, caller: Caller, intake: UseCases) -> Response:
    """Complaints about the same matter, the most similar first; for staff who may see this one."""
    require(caller, Role.SPECIALIST, Role.SUPERVISOR, Role.OPS)
    found = await intake.visible(caller, complaint_id)
    candidates = await find_duplicates(intake.log, found.state)
    return json_response(page([_candidate(one) for one in candidates], None))


def _candidate(candidate: Candidate) -> dict[str, object]:
    return {
        "id": candidate.complaint_id,
        "status": candidate.status,
        "filed_at": rfc3339(candidate.filed_at),
        "similarity": round(candidate.similarity, 3),
        "near_text": candidate.near,
    }
