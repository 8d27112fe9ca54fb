"""Working together on a complaint: steps, colleagues who help, promised calls."""

from fastapi import APIRouter, Response

from services.intake.answering import ComplaintId, Number, UseCases, act
from services.intake.application import author_of
from services.intake.domain.teamwork_commands import (
    AskForHelp,
    GiveHelp,
    HandOverComplaint,
    MakeCallback,
    PromiseCallback,
    RecordStep,
)
from services.intake.teamwork_bodies import (
    CallbackBody,
    CollaborationAnswerBody,
    CollaborationBody,
    HandoverBody,
    StepBody,
)
from shared.http import Command
from shared.routes import StrictRoute

router = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["teamwork"]
)


@router.post("/steps")
async def record_step(
    complaint_id: ComplaintId, body: StepBody, call: Command, intake: UseCases
) -> Response:
    """A step of the playbook was taken. Once is enough: again records nothing."""
    command = RecordStep(
        now=intake.now(),
        by=author_of(call.caller),
        step=body.step,
        playbook_version=body.playbook_version,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/collaborations")
async def ask_for_help(
    complaint_id: ComplaintId, body: CollaborationBody, call: Command, intake: UseCases
) -> Response:
    """Ask a colleague. Until they have answered they may read the complaint as staff do."""
    command = AskForHelp(
        now=intake.now(),
        by=author_of(call.caller),
        collaborator_id=body.collaborator_id,
        question=body.question,
        collaborator_role=body.collaborator_role,
    )
    return await act(call, intake, complaint_id, command)


@router.post("/collaborations/{n}/answer")
async def give_help(
    complaint_id: ComplaintId,
    n: Number,
    body: CollaborationAnswerBody,
    call: Command,
    intake: UseCases,
) -> Response:
    """Answer question n: who was asked, or whoever has the complaint and writes it down."""
    command = GiveHelp(now=intake.now(), by=author_of(call.caller), n=n, answer=body.answer)
    return await act(call, intake, complaint_id, command)


@router.post("/callbacks")
async def promise_callback(
    complaint_id: ComplaintId, body: CallbackBody, call: Command, intake: UseCases
) -> Response:
    """Promise the consumer a call; they see when."""
    command = PromiseCallback(
        now=intake.now(), by=author_of(call.caller), promised_for=body.promised_for
    )
    return await act(call, intake, complaint_id, command)


@router.post("/callbacks/{n}/made")
async def make_callback(
    complaint_id: ComplaintId, n: Number, call: Command, intake: UseCases
) -> Response:
    """Promised call n was made. Whether anybody answered is recorded as a contact."""
    command = MakeCallback(now=intake.now(), by=author_of(call.caller), n=n)
    return await act(call, intake, complaint_id, command)


@router.post("/handover")
async def hand_over(
    complaint_id: ComplaintId, body: HandoverBody, call: Command, intake: UseCases
) -> Response:
    """Give it up with a summary. Routing gives it to `to`, if every filter allows, or finds one."""
    command = HandOverComplaint(
        now=intake.now(), by=author_of(call.caller), summary=body.summary, to=body.to
    )
    return await act(call, intake, complaint_id, command)
