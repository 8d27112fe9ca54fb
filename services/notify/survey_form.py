"""A survey's answer as it arrives, from JSON or the page's form; and a survey as it is shown."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import Field, ValidationError

from services.notify.domain.follow_up_terms import (
    Answer,
    Answered,
    Cancelled,
    Lapsed,
    Open,
    Planned,
    Unsent,
)
from shared.events.vocabulary import SurveyResult
from shared.http import Body
from shared.problems import Problem

FORM = "application/x-www-form-urlencoded"

Rating = Annotated[int | None, Field(default=None, ge=1, le=5)]


class SurveyAnswer(Body):
    """What a consumer says after a resolution. Ratings from 1 (poor) to 5 (very good).

    `result` may be missing only where the complaint has been reopened already; an objection comes
    with a text.
    """

    result: SurveyResult | None = None
    speed: Rating
    attitude: Rating
    outcome: Rating
    text: str | None = Field(default=None, max_length=4000)


def wants_json(request: Request) -> bool:
    """Whether the caller asked for JSON rather than for a page."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_form(request: Request) -> bool:
    """Whether the answer comes from the page's form."""
    return _media_type(request) == FORM


def parsed_form(body: bytes) -> SurveyAnswer:
    """A form's fields; empty ones are left out. Raises `Problem` `validation_failed`."""
    try:
        fields = parse_qsl(body.decode(), max_num_fields=20)
        return SurveyAnswer.model_validate({name: value for name, value in fields if value})
    except ValidationError as error:
        raise _invalid(error) from error
    except ValueError as error:
        raise Problem("validation_failed", "The form could not be read.") from error


def parsed_json(request: Request, body: bytes) -> SurveyAnswer:
    """A JSON body. Raises `Problem` if it is none, or does not fit."""
    if _media_type(request) != "application/json":
        raise Problem("unsupported_media_type", f"Send application/json or {FORM}.")
    try:
        return SurveyAnswer.model_validate_json(body)
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> Problem:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(entry["type"] == "json_invalid" for entry in found):
        return Problem("malformed_json", "The body could not be read as JSON.")
    errors = [
        {"field": ".".join(str(part) for part in entry["loc"]), "message": entry["msg"]}
        for entry in found
    ]
    return Problem("validation_failed", "See `errors`.", errors=errors)


def answer_of(given: SurveyAnswer, now: datetime) -> Answer:
    """The command of an answer."""
    return Answer(
        now=now,
        result=given.result,
        speed=given.speed,
        attitude=given.attitude,
        outcome=given.outcome,
        text=given.text,
    )


def view_of(state: Planned) -> dict[str, Any]:
    """The survey as anybody with its link may see it: nothing about the persons in the case."""
    name, ratings_only = _standing(state)
    return {
        "follow_up_id": state.plan.follow_up_id,
        "complaint_id": state.plan.complaint_id,
        "cycle": state.plan.cycle,
        "language": state.plan.language,
        "state": name,
        "ratings_only": ratings_only,
    }


def _standing(state: Planned) -> tuple[str, bool]:
    match state:
        case Unsent():
            return "open", False
        case Open(overtaken=overtaken):
            return "open", overtaken
        case Cancelled():
            return "open", True
        case Answered():
            return "answered", False
        case Lapsed():
            return "lapsed", False
