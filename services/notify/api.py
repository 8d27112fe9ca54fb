"""Notify over HTTP: inbox, lists for staff, and the survey behind its signed link."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.notify import listings
from services.notify.domain.follow_up_terms import Planned
from services.notify.facade import NotifyFacade
from services.notify.listings import Paging
from services.notify.survey_form import (
    SurveyAnswer,
    answer_of,
    is_form,
    parsed_form,
    parsed_json,
    view_of,
    wants_json,
)
from services.notify.survey_page import failure_page, page_headers, survey_page
from shared.auth import Caller, require
from shared.decider import Refused
from shared.events.vocabulary import Role
from shared.http import json_response
from shared.problems import STATUS, Problem
from shared.routes import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["notify"])


def _facade(request: Request) -> NotifyFacade:
    facade: NotifyFacade = request.app.state.notify
    return facade


def _paging(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Paging:
    return Paging(limit=limit, cursor=cursor)


Notify = Annotated[NotifyFacade, Depends(_facade)]
Page = Annotated[Paging, Depends(_paging)]
_STAFF = (Role.SPECIALIST, Role.SUPERVISOR, Role.OPS, Role.SERVICE)


@router.get("/v1/inbox")
async def read_inbox(notify: Notify, caller: Caller, paging: Page) -> Response:
    """The caller's own notifications, newest first."""
    return json_response(await listings.inbox(notify.log, caller, paging))


@router.get("/v1/notifications")
async def list_notifications(
    notify: Notify,
    caller: Caller,
    paging: Page,
    complaint_id: str | None = None,
    state: str | None = None,
    channel: str | None = None,
) -> Response:
    """What was said, or not, about complaints that staff may see, newest first."""
    require(caller, *_STAFF)
    filters = {"complaint_id": complaint_id, "state": state, "channel": channel}
    return json_response(await listings.notifications(notify.log, caller, filters, paging))


@router.get("/v1/follow-ups")
async def list_follow_ups(
    notify: Notify,
    caller: Caller,
    paging: Page,
    complaint_id: str | None = None,
    state: str | None = None,
) -> Response:
    """Surveys of complaints that staff may see, latest due first."""
    require(caller, *_STAFF)
    filters = {"complaint_id": complaint_id, "state": state}
    return json_response(await listings.follow_ups(notify.log, caller, filters, paging))


@router.get("/v1/surveys/{token}", response_class=HTMLResponse)
async def show_survey(request: Request, token: str, notify: Notify) -> Response:
    """The survey behind a link: a page for people, JSON for who asks for it."""
    json_wanted = wants_json(request)
    try:
        state = await notify.survey(notify.opened_by(token))
    except Problem as problem:
        return _refusal(problem, html=not json_wanted)
    return _shown(state, html=not json_wanted)


@router.post(
    "/v1/surveys/{token}",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": SurveyAnswer.model_json_schema()},
                "application/x-www-form-urlencoded": {"schema": SurveyAnswer.model_json_schema()},
            },
        }
    },
)
async def answer_survey(request: Request, token: str, notify: Notify) -> Response:
    """Answer a survey, once. The signed link is the only permission this needs."""
    from_form = is_form(request)
    try:
        follow_up = notify.opened_by(token)
        state = await notify.survey(follow_up)
        body = await request.body()
        given = parsed_form(body) if from_form else parsed_json(request, body)
        try:
            state = await notify.answer(follow_up, answer_of(given, notify.post.business.now()))
        except Refused as refused:
            raise Problem(refused.code, refused.detail) from refused
    except Problem as problem:
        if from_form and problem.code == "validation_failed":
            return _asked_again(await notify.survey(notify.opened_by(token)))
        return _refusal(problem, html=from_form)
    return _shown(state, html=from_form)


def _shown(state: Planned, *, html: bool) -> Response:
    view = view_of(state)
    if not html:
        return json_response(view, headers=page_headers())
    return HTMLResponse(survey_page(view), headers=page_headers())


def _asked_again(state: Planned) -> Response:
    view: dict[str, Any] = view_of(state)
    return HTMLResponse(survey_page(view, incomplete=True), 422, headers=page_headers())


def _refusal(problem: Problem, *, html: bool) -> Response:
    if not html:
        raise problem
    return HTMLResponse(failure_page(problem.code), STATUS[problem.code], headers=page_headers())
