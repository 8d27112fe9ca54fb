"""Dead letters of all services of a process, for ops: what could not be handled, and redrive."""

from typing import Any

from fastapi import APIRouter, Request, Response

from shared.auth import Caller, require
from shared.events.vocabulary import Role
from shared.feed.dead_letters import open_letters
from shared.feed.redrives import NobodyAnswers
from shared.http import Command, json_response, page
from shared.problems import Problem
from shared.service import Service

router = APIRouter(tags=["dead letters"])


def _services(request: Request) -> tuple[Service, ...]:
    services: tuple[Service, ...] = request.app.state.services
    return services


async def _letters(request: Request) -> list[dict[str, Any]]:
    return [letter for service in _services(request) for letter in await open_letters(service.log)]


@router.get("/v1/dead-letters")
async def list_dead_letters(request: Request, caller: Caller) -> Response:
    """Every event and mail that could not be handled, oldest first."""
    require(caller, Role.OPS)
    letters = await _letters(request)
    notify = getattr(request.app.state, "notify", None)
    letters += await notify.dead_mails() if notify is not None else []
    return json_response(page(sorted(letters, key=lambda found: str(found["failed_at"])), None))


@router.post("/v1/dead-letters/{letter_id}/redrive")
async def redrive(letter_id: str, request: Request, call: Command) -> Response:
    """Try again: the parked events of the letter's key in order, or the mail."""
    require(call.caller, Role.OPS)
    for letter in await _letters(request):
        if letter["id"] == letter_id:
            return json_response(await _redrive_events(request, letter))
    notify = getattr(request.app.state, "notify", None)
    if notify is not None and await notify.redrive_mail(letter_id):
        return json_response({"id": letter_id, "handled": 1, "parked": 0})
    raise Problem("not_found", "There is no such dead letter, or it was redriven already.")


async def _redrive_events(request: Request, letter: dict[str, Any]) -> dict[str, Any]:
    for service in _services(request):
        for consumer in service.consumers:
            if consumer.name == letter["consumer"]:
                try:
                    handled = await consumer.redrive(letter["key"])
                except NobodyAnswers as error:
                    raise Problem("conflict", "Nobody reads that key now; try again.") from error
                left = 1 if letter["key"] in consumer.parked else 0
                return {"id": letter["id"], "handled": handled, "parked": left}
    raise Problem("not_found", "The consumer of that letter no longer exists.")
