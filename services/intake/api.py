"""HTTP edge of intake: parse, call the use case, answer. No rules."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from services.intake.acts import router as acts_router
from services.intake.answering import (
    ComplaintId,
    UseCases,
    answered,
    complaint_response,
    intake_of,
)
from services.intake.application import Intake, author_of
from services.intake.bodies import FilingBody, ListQuery, PageQuery
from services.intake.bundle.acts import router as bundle_router
from services.intake.casework_acts import router as casework_router
from services.intake.checking_acts import router as checking_router
from services.intake.domain.commands import FileComplaint
from services.intake.due_dates import due_in
from services.intake.escalation_acts import router as escalation_router
from services.intake.evidence_acts import router as evidence_router
from services.intake.guidance import asked_language
from services.intake.listing import list_complaints
from services.intake.narrowing import Place
from services.intake.playbook_acts import router as playbook_router
from services.intake.representation import audience_of, list_item, timeline
from services.intake.subject_acts import router as subject_router
from services.intake.teamwork_acts import router as teamwork_router
from services.intake.violation_acts import router as violation_router
from services.intake.violations import Report
from shared.auth import Caller
from shared.codec import fact
from shared.http import (
    Call,
    command_call,
    decode_cursor,
    encode_cursor,
    json_response,
    page,
)
from shared.routes import StrictRoute

router = APIRouter(route_class=StrictRoute)
filing = APIRouter(route_class=StrictRoute, prefix="/v1/complaints", tags=["complaints"])


@filing.post("", status_code=201)
async def file_complaint(body: FilingBody, request: Request) -> Response:
    """File a complaint. 201 with the complaint; accepted at once where a rule allows it."""
    # Called here, not declared as dependencies: this is the path that peaks run over.
    call, intake = await command_call(request), await intake_of(request)
    command, report = _filing(body, call, intake), _report(body)
    return await answered(call, intake, 201, lambda work: intake.file(work, command, report))


def _filing(body: FilingBody, call: Call, intake: Intake) -> FileComplaint:
    return FileComplaint(
        now=intake.now(),
        by=author_of(call.caller),
        complaint_id=intake.new_id(),
        channel=body.channel,
        consumer_id=body.consumer_id,
        merchant_id=body.merchant_id,
        order_ids=body.order_ids,
        category=body.category,
        description=body.description,
        demand=body.demand.demand(),
        language=body.language,
        contact=body.contact_text(),
        happened_at=body.happened_at,
        reply_due_at=body.reply_due_at,
        occurred_at=body.occurred_at,
    )


def _report(body: FilingBody) -> Report | None:
    told = body.report
    if told is None:
        return None
    return Report(kind=told.kind, text=told.text)


@filing.get("")
async def list_all(
    caller: Caller, intake: UseCases, query: Annotated[ListQuery, Query()]
) -> Response:
    """The complaints the caller may see, newest first. A short page may have a next.

    `q` searches orders and description for all its words, and for a "phrase" as it stands; of
    Chinese any two characters or more. Merchants search what they may read.
    """
    found = await list_complaints(
        intake.log, caller, query.wanted(), after=_list_place(query.cursor), limit=query.limit
    )
    place = found.next
    following = None if place is None else {"at": place.filed_at, "id": place.complaint_id}
    items = [list_item(row, audience_of(caller)) for row in found.rows]
    return json_response(page(items, encode_cursor(following) if following else None))


def _list_place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor, at=int, id=str)
    return Place(position["at"], position["id"])


@filing.get("/{complaint_id}")
async def read(
    complaint_id: ComplaintId,
    caller: Caller,
    intake: UseCases,
    accept_language: Annotated[str | None, Header()] = None,
) -> Response:
    """One complaint, with its `ETag`. Guidance is in the language asked for, if there are texts."""
    found = await intake.visible(caller, complaint_id)
    due = await due_in(intake.log, complaint_id, found.state.case.cycle.number)
    return complaint_response(caller, found, 200, asked_language(accept_language), due)


@filing.get("/{complaint_id}/events")
async def events(
    complaint_id: ComplaintId,
    caller: Caller,
    intake: UseCases,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """What happened, oldest first, as far as the caller may see it."""
    await intake.visible(caller, complaint_id)
    after = 0 if query.cursor is None else decode_cursor(query.cursor, v=int)["v"]
    history = await intake.history(complaint_id)
    facts = [fact(record) for record in history if record.version > after]
    await intake.log.keys.open(facts)
    shown = timeline(facts, audience_of(caller))
    more = len(shown) > query.limit
    following = encode_cursor({"v": shown[query.limit - 1]["version"]}) if more else None
    return json_response(page(shown[: query.limit], following))


router.routes.extend(filing.routes)
router.include_router(acts_router)
router.include_router(escalation_router)
router.include_router(casework_router)
router.include_router(checking_router)
router.include_router(teamwork_router)
router.include_router(playbook_router)
router.include_router(evidence_router)
router.include_router(bundle_router)
router.include_router(violation_router)
router.include_router(subject_router)
