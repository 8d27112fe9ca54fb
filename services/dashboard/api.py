"""HTTP edge of the dashboard: figures as JSON, events as a live stream, the page for people."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from services.dashboard.facade import Dashboard
from services.dashboard.ops_page import router as ops_page
from services.dashboard.viewer import Viewer
from shared.auth import require
from shared.events.vocabulary import Role
from shared.problems import Problem
from shared.routes import StrictRoute

router = APIRouter(route_class=StrictRoute)
router.include_router(ops_page)


@router.get("/v1/metrics/summary", tags=["dashboard"])
async def summary(request: Request, viewer: Viewer) -> dict[str, Any]:
    """What ops watch, each figure defined once. For ops and supervisors."""
    require(viewer, Role.OPS, Role.SUPERVISOR)
    dashboard: Dashboard = request.app.state.dashboard
    return await dashboard.summary()


@router.get(
    "/v1/stream",
    tags=["dashboard"],
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"}},
)
async def stream(
    request: Request,
    viewer: Viewer,
    last_event_id: Annotated[str | None, Header()] = None,
    cursor: Annotated[str | None, Query(description="An id of this stream, or `begin`")] = None,
    last: Annotated[int, Query(ge=0, le=200, description="Newest events to start with")] = 0,
    personal: Annotated[bool, Query(description="False masks every personal text")] = True,
) -> StreamingResponse:
    """Events as they are recorded: all for staff, their own complaints' for everybody else.

    `Last-Event-ID` (or `cursor`) goes on behind an event once received, without loss or double.
    """
    if viewer.role is Role.SERVICE and "streams:read" not in viewer.scopes:
        raise Problem("forbidden", "This needs the scope streams:read.")
    dashboard: Dashboard = request.app.state.dashboard
    place = await dashboard.start_of_stream(viewer, last_event_id or cursor, last)
    stopping: asyncio.Event = request.app.state.stopping
    messages = dashboard.stream.messages(viewer, place, stopping=stopping, personal=personal)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)
