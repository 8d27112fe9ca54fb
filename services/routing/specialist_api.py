"""Specialists over HTTP."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from services.routing.answers import (
    specialist_json,
)
from services.routing.application import Kept, registered
from services.routing.domain import specialists
from services.routing.domain.specialists import SPECIALIST, Profile
from services.routing.facade import DESK, PAGE, STAFF, Api, Limit, RoutingApi
from services.routing.keeping import specialist_stream
from services.routing.requests import (
    LeaveBody,
    PathIdentity,
    PresenceBody,
    ShiftsBody,
    SpecialistBody,
    SpecialistChanges,
)
from services.routing.views import specialists_after
from shared.auth import Caller, Principal, require
from shared.codec import decode
from shared.eventlog.ports import EventLog
from shared.events.vocabulary import Role
from shared.http import Command, Done, decode_cursor, encode_cursor, etag, json_response, page
from shared.problems import Problem
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(route_class=StrictRoute, tags=["routing"])


@router.post("/specialists", status_code=201, responses={200: {"description": "As before"}})
async def register_specialist(body: SpecialistBody, call: Command, api: Api) -> Response:
    """Register a specialist, offline at first. The same profile again is no error."""
    _may_manage(call.caller, body.team_id)

    async def act(work: UnitOfWork) -> Done:
        command = specialists.Register(
            now=api.routing.business.now(), specialist_id=body.id, profile=body.profile
        )
        kept = await api.routing.specialist(work, body.id, command)
        return _done(kept, 201 if kept.changed else 200)

    return await call.perform(api.log, act, _render_specialist(api))


@router.get("/specialists")
async def list_specialists(
    caller: Caller, api: Api, limit: Limit = PAGE, cursor: str | None = None
) -> Response:
    """Specialists in order of id, for staff."""
    require(caller, *STAFF)
    after = str(decode_cursor(cursor).get("id", "")) if cursor else ""
    found = await specialists_after(api.log, after, limit + 1)
    items = [await _specialist(api.log, one) for one in found[:limit]]
    following = encode_cursor({"id": found[limit - 1]}) if len(found) > limit else None
    return json_response(page(items, following))


@router.get("/specialists/{specialist_id}")
async def read_specialist(specialist_id: PathIdentity, caller: Caller, api: Api) -> Response:
    """One specialist, for staff."""
    require(caller, *STAFF)
    body = await _specialist(api.log, specialist_id)
    return json_response(body, headers={"ETag": etag(body["version"])})


@router.patch("/specialists/{specialist_id}")
async def change_specialist(
    specialist_id: PathIdentity, body: SpecialistChanges, call: Command, api: Api
) -> Response:
    """Change parts of a profile."""
    return await _change(api, call, specialist_id, body)


@router.put("/specialists/{specialist_id}/shifts")
async def put_shifts(
    specialist_id: PathIdentity, body: ShiftsBody, call: Command, api: Api
) -> Response:
    """Replace all shifts. Without any, the specialist is always on shift."""
    return await _change(api, call, specialist_id, SpecialistChanges(shifts=body.shifts))


@router.put("/specialists/{specialist_id}/leave")
async def put_leave(
    specialist_id: PathIdentity, body: LeaveBody, call: Command, api: Api
) -> Response:
    """Replace all leave."""
    return await _change(api, call, specialist_id, SpecialistChanges(leave=body.leave))


async def _change(
    api: RoutingApi, call: Command, specialist_id: str, changes: SpecialistChanges
) -> Response:
    require(call.caller, *DESK)

    async def act(work: UnitOfWork) -> Done:
        loaded = await work.load(SPECIALIST, specialist_stream(specialist_id))
        profile: Profile = registered(loaded).profile
        _may_manage(call.caller, profile.team_id)
        call.check_match(loaded.version)
        command = specialists.ChangeProfile(
            now=api.routing.business.now(), profile=changes.applied(profile, specialist_id)
        )
        return _done(await api.routing.specialist(work, specialist_id, command), 200)

    return await call.perform(api.log, act, _render_specialist(api))


@router.put("/specialists/{specialist_id}/presence")
async def put_presence(
    specialist_id: PathIdentity, body: PresenceBody, call: Command, api: Api
) -> Response:
    """Come online or go offline. Specialists set their own."""
    own = call.caller.role is Role.SPECIALIST and call.caller.subject == specialist_id
    if not own:
        require(call.caller, *DESK)

    async def act(work: UnitOfWork) -> Done:
        loaded = await work.load(SPECIALIST, specialist_stream(specialist_id))
        state = registered(loaded)
        if not own:
            _may_manage(call.caller, state.profile.team_id)
        command = specialists.SetPresence(now=api.routing.business.now(), online=body.online)
        return _done(await api.routing.specialist(work, specialist_id, command), 200)

    return await call.perform(api.log, act, _render_specialist(api))


def _may_manage(caller: Principal, team_id: str | None) -> None:
    """Ops manage everybody, supervisors their team and those without one."""
    require(caller, *DESK)
    other_team = team_id is not None and caller.team_id is not None and team_id != caller.team_id
    if caller.role is Role.SUPERVISOR and other_team:
        raise Problem("forbidden", "This specialist belongs to another team.")


def _done(kept: Kept, status: int) -> Done:
    return Done(status, kept.specialist.specialist_id, kept.version)


def _render_specialist(api: RoutingApi) -> Callable[[Done], Any]:
    async def render(done: Done) -> Response:
        body = await _specialist(api.log, done.id, up_to=done.version)
        return json_response(body, status=done.status, headers={"ETag": etag(done.version)})

    return render


async def _specialist(
    log: EventLog, specialist_id: str, up_to: int | None = None
) -> dict[str, Any]:
    recorded = await log.read(specialist_stream(specialist_id), up_to=up_to)
    state = SPECIALIST.fold(decode(entry) for entry in recorded)
    match state:
        case specialists.Unregistered():
            raise Problem("not_found", "There is no such specialist.")
        case specialists.Specialist():
            await log.keys.open(state)
            return specialist_json(state, len(recorded))
