"""Evidence: a file is sent as it is, listed on the complaint, and read through a link."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.intake.answering import ComplaintId, UseCases, answered
from services.intake.application import Complaint, Intake, author_of
from services.intake.domain.authority import check_act
from services.intake.domain.case import Evidence
from services.intake.domain.casework_commands import AddEvidence
from services.intake.evidence_links import LIFETIME, BadLink, ExpiredLink
from services.intake.files import FilesUnavailable
from services.intake.files_of_erased import keep_content
from services.intake.media import file_name
from services.intake.representation import audience_of
from services.intake.uploads import evidence_unavailable
from shared.auth import Caller
from shared.clock import rfc3339
from shared.events.vocabulary import Audience, EvidenceKind
from shared.http import json_response, streamed_call
from shared.problems import Problem
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(route_class=StrictRoute)
_of_complaint = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["evidence"]
)
_by_link = APIRouter(route_class=StrictRoute, prefix="/v1/evidence", tags=["evidence"])

EvidenceId = Annotated[str, Path(max_length=64)]

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


@_of_complaint.post(
    "/evidence",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def add_evidence(
    complaint_id: ComplaintId,
    kind: EvidenceKind,
    request: Request,
    intake: UseCases,
    filename: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Send the file itself as the body. Its type is told by its content; `filename` is a label."""
    call = await streamed_call(request)
    by = author_of(call.caller)
    before = await intake.complaint(complaint_id)
    check_act(by, AddEvidence.ROLES, before.state)
    received = await intake.uploads.take(
        intake.new_id(),
        request.stream(),
        declared=request.headers.get("content-type"),
        length=_length(request),
    )
    command = AddEvidence(
        now=intake.now(),
        by=by,
        evidence_id=intake.new_id(),
        sha256=received.sha256,
        kind=kind,
        media_type=received.media_type,
        bytes=received.bytes,
        label=filename,
    )
    call = call.with_body(f"{received.sha256}|{kind}|{filename}")

    async def added(work: UnitOfWork) -> Complaint:
        await keep_content(work, received.sha256, intake.uploads.files)
        return await intake.act(work, complaint_id, command, call.check_match)

    response = await answered(call, intake, HTTPStatus.CREATED, added)
    own = await intake.complaint(complaint_id)
    audience = audience_of(call.caller)
    found = next(
        one
        for one in own.state.case.evidence
        if one.sha256 == received.sha256 and audience in one.visible_to
    )
    response.headers["Location"] = f"/v1/complaints/{complaint_id}/evidence/{found.id}"
    return response


def _length(request: Request) -> int | None:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isdigit() else None


@_of_complaint.get("/evidence/{evidence_id}")
async def evidence_link(
    complaint_id: ComplaintId,
    evidence_id: EvidenceId,
    caller: Caller,
    request: Request,
    intake: UseCases,
) -> Response:
    """A link to the content that needs no token, and is good for five minutes."""
    found = await intake.visible(caller, complaint_id)
    audience = audience_of(caller)
    for one in found.state.case.evidence:
        if one.id == evidence_id and await _sees(intake, complaint_id, one, audience):
            expires_at = request.app.state.real.now() + LIFETIME
            token = intake.links.token(one.sha256, one.media_type, expires_at)
            body = {
                "url": f"{intake.base_url}/v1/evidence/{token}",
                "expires_at": rfc3339(expires_at),
            }
            return json_response(body)
    raise Problem("not_found", "There is no such evidence, or it is not yours to see.")


async def _sees(intake: Intake, complaint_id: str, one: Evidence, audience: Audience) -> bool:
    """What a violation rests on is shown to the merchant: it may answer it."""
    if audience in one.visible_to:
        return True
    if audience is not Audience.MERCHANT:
        return False
    return one.id in await intake.violations.evidence_of(complaint_id)


@_by_link.get("/{token}", response_class=StreamingResponse)
async def evidence_content(
    token: Annotated[str, Path(max_length=400)], request: Request, intake: UseCases
) -> Response:
    """The content, as a download under a name of ours."""
    try:
        sha256, media_type = intake.links.content(token, request.app.state.real.now())
    except BadLink as error:
        raise Problem("not_found", "That is no link of ours.") from error
    except ExpiredLink as error:
        raise Problem("link_expired", "Ask for a new link.") from error
    try:
        content = await intake.uploads.files.read(sha256)
    except KeyError as error:
        raise Problem("not_found", "The content is gone.") from error
    except FilesUnavailable as error:
        raise evidence_unavailable("Try again.") from error
    named = f'attachment; filename="{file_name(sha256, media_type)}"'
    headers = {**_HEADERS, "Content-Disposition": named}
    return StreamingResponse(content, media_type=media_type, headers=headers)


router.include_router(_of_complaint)
router.include_router(_by_link)
