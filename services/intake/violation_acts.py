"""Violations over HTTP: staff record them, the merchant appeals, a supervisor decides."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from services.intake.answering import ComplaintId, UseCases
from services.intake.application import Intake, author_of
from services.intake.domain.authority import HANDLERS, MERCHANT, SUPERVISOR
from services.intake.domain.evidence import check_known
from services.intake.domain.violations.commands import (
    AppealViolation,
    DecideViolation,
    RecordViolation,
)
from services.intake.violation_answers import violation_body, violation_item
from services.intake.violation_bodies import (
    ViolationAppealBody,
    ViolationBody,
    ViolationDecisionBody,
    ViolationQuery,
)
from services.intake.violation_views import Place, list_violations
from services.intake.violations import Violation
from shared.auth import Caller, Principal, require
from shared.events.personal import Personal
from shared.events.vocabulary import Role
from shared.http import (
    Call,
    Command,
    Done,
    decode_cursor,
    encode_cursor,
    etag,
    json_response,
    page,
)
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(route_class=StrictRoute, tags=["violations"])

ViolationId = Annotated[str, Path(max_length=64)]
_READERS: Final = (Role.MERCHANT, Role.SPECIALIST, Role.SUPERVISOR, Role.OPS, Role.SERVICE)


@router.post("/v1/complaints/{complaint_id}/violations", status_code=201)
async def record_violation(
    complaint_id: ComplaintId, body: ViolationBody, call: Command, intake: UseCases
) -> Response:
    """Hold something against the merchant of a complaint. 201 with the violation.

    For the specialist who has the complaint, and supervisors; after its end too.
    """
    by, violation_id = author_of(call.caller), intake.violations.new_id()

    async def act(work: UnitOfWork) -> Violation:
        case = (await intake.permitted(work, complaint_id, by, HANDLERS)).state.case
        check_known(case, body.evidence_ids)
        merchant_id = case.filed.merchant_id
        command = RecordViolation(
            now=intake.now(),
            by=by,
            violation_id=violation_id,
            complaint_id=complaint_id,
            merchant_id=merchant_id,
            kind=body.kind,
            severity=body.severity,
            found_by=by.id,
            recorded_by=by.id,
            evidence_ids=body.evidence_ids,
            summary=None if body.summary is None else Personal(merchant_id, body.summary),
        )
        return await intake.violations.record(work, command, call.caller.actor())

    return await _answered(call, intake, 201, act)


@router.get("/v1/complaints/{complaint_id}/violations")
async def of_complaint(
    complaint_id: ComplaintId,
    caller: Caller,
    intake: UseCases,
    query: Annotated[ViolationQuery, Query()],
) -> Response:
    """What was held against the merchant in one complaint. For staff and the merchant."""
    require(caller, *_READERS)
    await intake.visible(caller, complaint_id)
    return await _listed(caller, intake, query.model_copy(update={"complaint_id": complaint_id}))


@router.get("/v1/violations")
async def list_all(
    caller: Caller, intake: UseCases, query: Annotated[ViolationQuery, Query()]
) -> Response:
    """The violations in complaints that the caller may see, newest first. Not for consumers."""
    require(caller, *_READERS)
    return await _listed(caller, intake, query)


@router.get("/v1/violations/{violation_id}")
async def read(violation_id: ViolationId, caller: Caller, intake: UseCases) -> Response:
    """One violation, with its `ETag`. For staff who may see its complaint, and the merchant."""
    require(caller, *_READERS)
    found = await intake.violations.violation(violation_id)
    await intake.visible(caller, found.state.recorded.complaint_id)
    return _response(caller, found, 200)


@router.post("/v1/violations/{violation_id}/appeal")
async def appeal(
    violation_id: ViolationId, body: ViolationAppealBody, call: Command, intake: UseCases
) -> Response:
    """The merchant says why it is wrong, once, within its time."""
    require(call.caller, Role.MERCHANT)
    by = author_of(call.caller)

    async def act(work: UnitOfWork) -> Violation:
        found = await intake.violations.load(work, violation_id)
        await intake.permitted(work, found.state.recorded.complaint_id, by, MERCHANT)
        call.check_match(found.version)
        command = AppealViolation(now=intake.now(), by=by, text=body.text)
        return await intake.violations.appeal(work, violation_id, command, call.caller.actor())

    return await _answered(call, intake, 200, act)


@router.post("/v1/violations/{violation_id}/decision")
async def decide(
    violation_id: ViolationId, body: ViolationDecisionBody, call: Command, intake: UseCases
) -> Response:
    """A supervisor who did not record it confirms or withdraws it. Needs `If-Match`."""
    require(call.caller, Role.SUPERVISOR)
    by = author_of(call.caller)

    async def act(work: UnitOfWork) -> Violation:
        found = await intake.violations.load(work, violation_id)
        await intake.permitted(work, found.state.recorded.complaint_id, by, SUPERVISOR)
        call.require_match(found.version)
        command = DecideViolation(
            now=intake.now(), by=by, outcome=body.outcome, reasons=body.reasons
        )
        return await intake.violations.decide(work, violation_id, command, call.caller.actor())

    return await _answered(call, intake, 200, act)


async def _answered(
    call: Call, intake: Intake, status: int, act: Callable[[UnitOfWork], Awaitable[Violation]]
) -> Response:
    """Run an act and answer with the violation, folded up to it for a repeat."""

    async def run(work: UnitOfWork) -> Done:
        found = await act(work)
        return Done(status, found.id, found.version)

    async def render(done: Done) -> Response:
        found = await intake.violations.violation(done.id, up_to=done.version)
        return _response(call.caller, found, done.status)

    return await call.perform(intake.log, run, render)


def _response(caller: Principal, found: Violation, status: int) -> Response:
    headers = {"ETag": etag(found.version)}
    if status == 201:  # noqa: PLR2004 - created
        headers["Location"] = f"/v1/violations/{found.id}"
    return json_response(violation_body(caller, found), status=status, headers=headers)


async def _listed(caller: Principal, intake: Intake, query: ViolationQuery) -> Response:
    after = None if query.cursor is None else _place(query.cursor)
    rows, following = await list_violations(
        intake.log, caller, query.filters(), after=after, limit=query.limit
    )
    cursor = (
        None
        if following is None
        else encode_cursor({"at": following.recorded_at, "id": following.violation_id})
    )
    return json_response(page([violation_item(row) for row in rows], cursor))


def _place(cursor: str) -> Place:
    position = decode_cursor(cursor, at=int, id=str)
    return Place(position["at"], position["id"])
