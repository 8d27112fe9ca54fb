"""Acts that leave status and turn as they are: one sub-resource each."""

from fastapi import APIRouter, Response

from services.intake.answering import ComplaintId, UseCases, act
from services.intake.application import author_of
from services.intake.casework_bodies import NoteBody
from services.intake.domain.casework_commands import AddNote
from shared.http import Command

router = APIRouter(prefix="/v1/complaints/{complaint_id}", tags=["casework"])


@router.post("/notes")
async def add_note(
    complaint_id: ComplaintId, body: NoteBody, call: Command, intake: UseCases
) -> Response:
    """Write something down for staff. It stands in their timeline and in nobody else's."""
    command = AddNote(now=intake.now(), by=author_of(call.caller), text=body.text)
    return await act(call, intake, complaint_id, command)
