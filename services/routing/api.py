"""Routing over HTTP: parse, call the use case, answer."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from services.routing.answers import (
    assignment_json,
    cooperation_json,
    merchant_json,
    queue_json,
)
from services.routing.domain.assignment import ASSIGNMENT
from services.routing.domain.cooperation import estimate
from services.routing.domain.merchants import MERCHANT
from services.routing.facade import DESK, PAGE, STAFF, Api, Limit, RoutingApi
from services.routing.keeping import assignment_stream, merchant_stream
from services.routing.requests import (
    DeclineBody,
    MerchantBody,
    PathIdentity,
    ReassignmentBody,
)
from services.routing.specialist_api import router as specialists_router
from services.routing.views import queue_after
from shared.access import visible_complaint
from shared.auth import Caller, Principal, require
from shared.clock import rfc3339, to_ms
from shared.codec import decode
from shared.events.vocabulary import Outcome, Role
from shared.http import (
    Command,
    Done,
    Instant,
    decode_cursor,
    encode_cursor,
    etag,
    json_response,
    page,
)
from shared.problems import Problem
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(route_class=StrictRoute, prefix="/v1", tags=["routing"])
router.include_router(specialists_router)


@router.put("/merchants/{merchant_id}", responses={201: {"description": "Registered"}})
async def put_merchant(
    merchant_id: PathIdentity, body: MerchantBody, call: Command, api: Api
) -> Response:
    """Register a merchant (201) or replace its profile (200)."""
    require(call.caller, *DESK)

    async def act(work: UnitOfWork) -> Done:
        before = await work.load(MERCHANT, merchant_stream(merchant_id))
        call.check_match(before.version)
        await api.routing.merchant(work, merchant_id, body.profile(merchant_id))
        after = await work.load(MERCHANT, merchant_stream(merchant_id))
        return Done(201 if before.state.profile is None else 200, merchant_id, after.version)

    async def render(done: Done) -> Response:
        return await _merchant(api, done.id, done.status, up_to=done.version)

    return await call.perform(api.log, act, render)


@router.get("/merchants/{merchant_id}")
async def read_merchant(merchant_id: PathIdentity, caller: Caller, api: Api) -> Response:
    """A merchant's profile, for staff and the merchant itself."""
    own = caller.role is Role.MERCHANT and (caller.merchant_id or caller.subject) == merchant_id
    if not own:
        require(caller, *STAFF)
    return await _merchant(api, merchant_id, 200)


async def _merchant(
    api: RoutingApi, merchant_id: str, status: int, up_to: int | None = None
) -> Response:
    recorded = await api.log.read(merchant_stream(merchant_id), up_to=up_to)
    state = MERCHANT.fold(decode(entry) for entry in recorded)
    if state.profile is None:
        raise Problem("not_found", "There is no such merchant.")
    await api.log.keys.open(state.profile)
    body = merchant_json(merchant_id, state.profile, len(recorded))
    return json_response(body, status=status, headers={"ETag": etag(len(recorded))})


@router.get("/merchants/{merchant_id}/cooperation")
async def read_cooperation(
    merchant_id: PathIdentity, caller: Caller, api: Api, at: Instant | None = None
) -> Response:
    """How far a merchant cooperates, now or as it was known `at` an instant. For staff.

    A merchant nobody knows gets the estimate of the population.
    """
    require(caller, *STAFF)
    as_of = at or api.routing.business.now()
    recorded = await api.log.read(merchant_stream(merchant_id))
    known = (decode(entry) for entry in recorded if entry.occurred_at <= as_of)
    found = estimate(MERCHANT.fold(known).days, as_of, api.routing.policy)
    version = api.routing.policy.version
    return json_response(cooperation_json(merchant_id, found, rfc3339(as_of), version))


@router.get("/assignments/{complaint_id}")
async def read_assignment(complaint_id: PathIdentity, caller: Caller, api: Api) -> Response:
    """Who has a complaint and why. Consumer and merchant see the sentence of each outcome."""
    await visible_complaint(api.log, caller, complaint_id)
    return await _assignment(api, caller, complaint_id, None)


@router.post("/assignments/{complaint_id}/reassignment")
async def reassign(
    complaint_id: PathIdentity, body: ReassignmentBody, call: Command, api: Api
) -> Response:
    """Give a complaint to somebody else, with a reason. For supervisors."""
    require(call.caller, Role.SUPERVISOR)

    async def act(work: UnitOfWork) -> Done:
        await visible_complaint(api.log, call.caller, complaint_id)
        await api.routing.reassign(
            work, complaint_id, body.specialist_id, call.caller.subject, body.reason
        )
        return await _assignment_done(work, complaint_id)

    return await call.perform(api.log, act, _render_assignment(api, call.caller))


@router.post("/assignments/{complaint_id}/decline")
async def decline(
    complaint_id: PathIdentity, body: DeclineBody, call: Command, api: Api
) -> Response:
    """Give a complaint back, with a reason. For the specialist who has it."""
    require(call.caller, Role.SPECIALIST)

    async def act(work: UnitOfWork) -> Done:
        await api.routing.decline(work, complaint_id, call.caller.subject, body.reason)
        return await _assignment_done(work, complaint_id)

    return await call.perform(api.log, act, _render_assignment(api, call.caller))


async def _assignment_done(work: UnitOfWork, complaint_id: str) -> Done:
    loaded = await work.load(ASSIGNMENT, assignment_stream(complaint_id))
    return Done(200, complaint_id, loaded.version)


def _render_assignment(api: RoutingApi, caller: Principal) -> Callable[[Done], Any]:
    async def render(done: Done) -> Response:
        return await _assignment(api, caller, done.id, done.version)

    return render


async def _assignment(
    api: RoutingApi, caller: Principal, complaint_id: str, up_to: int | None
) -> Response:
    recorded = await api.log.read(assignment_stream(complaint_id), up_to=up_to)
    for_staff = caller.role not in (Role.CONSUMER, Role.MERCHANT)
    events = [decode(entry) for entry in recorded]
    if for_staff:  # nobody else sees what was written
        await api.log.keys.open(events)
    return json_response(assignment_json(complaint_id, events, for_staff=for_staff))


@router.get("/queue")
async def read_queue(
    caller: Caller,
    api: Api,
    outcome: Outcome | None = None,
    limit: Limit = PAGE,
    cursor: str | None = None,
) -> Response:
    """Complaints nobody has, oldest first, with the reasons. For staff."""
    require(caller, *STAFF)
    after = (0, "")
    if cursor:
        position = decode_cursor(cursor, since=int)
        after = (position["since"], str(position.get("id", "")))
    rows = await queue_after(api.log, outcome, after, limit + 1)
    now = to_ms(api.routing.business.now())
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = encode_cursor({"since": last["waiting_since"], "id": last["complaint_id"]})
    return json_response(page([queue_json(row, now) for row in rows[:limit]], following))
