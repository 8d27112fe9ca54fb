"""Working together on a complaint: steps, colleagues who help, promised calls."""

from fastapi import APIRouter, Response

from services.intake.answering import ComplaintId, Number, UseCases, act, answered
from services.intake.application import Complaint, Intake, author_of
from services.intake.domain.playbooks.content import Playbook
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
from shared.events.vocabulary import Category
from shared.http import Command
from shared.problems import Problem
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["teamwork"]
)


@router.post("/steps")
async def record_step(
    complaint_id: ComplaintId, body: StepBody, call: Command, intake: UseCases
) -> Response:
    """A step, question or explanation of the playbook was used. Again records nothing."""
    by = author_of(call.caller)

    async def taken(work: UnitOfWork) -> Complaint:
        found = await intake.permitted(work, complaint_id, by, RecordStep.ROLES)
        category = found.state.case.filed.category
        name = await _playbook_of(intake, category, body)
        command = RecordStep(now=intake.now(), by=by, step=body.step, playbook_version=name)
        return await intake.act(work, complaint_id, command, call.check_match)

    return await answered(call, intake, 200, taken)


async def _playbook_of(intake: Intake, category: Category, body: StepBody) -> str:
    """The name of the playbook that has the step. Raises `Problem` `unknown_step`."""
    if body.playbook_version is None:
        playbook: Playbook | None = await intake.playbooks.current(intake.log, category)
    else:
        playbook = await intake.playbooks.named(intake.log, body.playbook_version)
    if playbook is None:
        raise Problem("unknown_step", "There is no such version of a playbook.")
    if not playbook.has(body.step):
        known = ", ".join(one.id for one in playbook.content.passages)
        raise Problem("unknown_step", f"{playbook.name} has: {known}.")
    return playbook.name


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
