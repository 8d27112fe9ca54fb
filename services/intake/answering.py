"""How every act is run and answered: rights, version, rule, then the complaint as it is now."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Request, Response

from services.intake.application import Complaint, Intake
from services.intake.domain.commands import ActCommand
from services.intake.guidance import NO_CLOCKS, ClockName, guidance_body
from services.intake.representation import audience_of, complaint_body
from shared.auth import Principal
from shared.http import Call, Done, etag, json_response
from shared.unit_of_work import UnitOfWork

ComplaintId = Annotated[str, Path(max_length=64)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


async def intake_of(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


UseCases = Annotated[Intake, Depends(intake_of)]


async def answered(
    call: Call, intake: Intake, status: int, act: Callable[[UnitOfWork], Awaitable[Complaint]]
) -> Response:
    """Run an act and answer with the complaint: from the state in hand, folded for a repeat."""
    fresh: tuple[Done, Complaint] | None = None

    async def run(work: UnitOfWork) -> Done:
        nonlocal fresh
        found = await act(work)
        fresh = (Done(status, found.state.case.id, found.version), found)
        return fresh[0]

    async def render(done: Done) -> Response:
        if fresh is not None and fresh[0] is done:
            found = fresh[1]
            await intake.log.keys.open(found.state)
        else:
            found = await intake.complaint(done.id, up_to=done.version)
        return complaint_response(call.caller, found, done.status)

    return await call.perform(intake.log, run, render)


def complaint_response(
    caller: Principal,
    found: Complaint,
    status: int,
    language: str | None = None,
    due: Mapping[ClockName, datetime | None] = NO_CLOCKS,
) -> Response:
    """The complaint as the caller may see it.

    A read may ask for a `language` and knows what is `due`. The answer to an act does neither: it
    is the same when the act is repeated, and clocks follow only from what has been recorded.
    """
    state, audience = found.state, audience_of(caller)
    headers = {"ETag": etag(state.case.version)}
    if status == HTTPStatus.CREATED:
        headers["Location"] = f"/v1/complaints/{state.case.id}"
    body = complaint_body(state, audience) | guidance_body(state, audience, language, due)
    return json_response(body, status=status, headers=headers)


async def act(
    call: Call, intake: Intake, complaint_id: str, command: ActCommand, *, match: bool = False
) -> Response:
    """An act on an existing complaint; `match` where `If-Match` is required."""
    check = call.require_match if match else call.check_match
    return await answered(
        call, intake, 200, lambda work: intake.act(work, complaint_id, command, check)
    )
