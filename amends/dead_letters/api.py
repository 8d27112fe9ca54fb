"""Dead letters of all services of a process, for ops: listed, redriven, dropped."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from shared.auth import Caller, require
from shared.events.vocabulary import Role
from shared.feed.consumer import Consumer
from shared.feed.dead_letters import DeadLetter, LetterState, letter, letters
from shared.feed.requests import Drop
from shared.http import Body, Command, json_response, page
from shared.problems import Problem
from shared.routes import StrictRoute
from shared.service import Service

router = APIRouter(route_class=StrictRoute, tags=["dead letters"])

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]


class DropBody(Body):
    """Why the record will never be handled. It is kept with the letter, for ops to read."""

    reason: Reason


@router.get("/v1/dead-letters")
async def list_dead_letters(
    request: Request, caller: Caller, state: LetterState = LetterState.PARKED
) -> Response:
    """Every event and mail that could not be handled, oldest first; or those of another state."""
    require(caller, Role.OPS)
    found = [one.listed() for s in _services(request) for one in await letters(s.log, state)]
    notify = getattr(request.app.state, "notify", None)
    if notify is not None and state is LetterState.PARKED:
        found += await notify.dead_mails()
    return json_response(page(sorted(found, key=lambda one: str(one["failed_at"])), None))


@router.post("/v1/dead-letters/{letter_id}/redrive")
async def redrive(letter_id: str, request: Request, call: Command) -> Response:
    """Try again: the parked events of the letter's key in order, or the mail.

    202: no process answered yet; it is done by the next that owns the key's partition.
    """
    require(call.caller, Role.OPS)
    found = await _letter(request, letter_id)
    if found is not None and found.state is LetterState.PARKED:
        consumer = _consumer(request, found)
        return _outcome(found, consumer, await consumer.redrive(found.key))
    notify = getattr(request.app.state, "notify", None)
    if notify is not None and await notify.redrive_mail(letter_id):
        return json_response({"id": letter_id, "handled": 1, "parked": 0})
    raise Problem("not_found", "There is no such dead letter, or it is not parked any more.")


@router.post("/v1/dead-letters/{letter_id}/drop")
async def drop(letter_id: str, body: DropBody, request: Request, call: Command) -> Response:
    """Skip this one record for good; then the events parked behind it are handled in order.

    Dropped before: nothing changes. 202 as for a redrive.
    """
    require(call.caller, Role.OPS)
    found = await _letter(request, letter_id)
    if found is None:
        raise await _cannot_drop(request, letter_id)
    if found.state is LetterState.REDRIVEN:
        raise Problem("wrong_status", "It was handled after all: there is nothing to drop.")
    consumer = _consumer(request, found)
    if found.state is LetterState.DROPPED:
        return _outcome(found, consumer, 0)
    wanted = Drop(letter=found.id, by=call.caller.key, reason=body.reason)
    return _outcome(found, consumer, await consumer.drop(found.key, wanted))


def _services(request: Request) -> tuple[Service, ...]:
    services: tuple[Service, ...] = request.app.state.services
    return services


async def _letter(request: Request, letter_id: str) -> DeadLetter | None:
    for service in _services(request):
        found = await letter(service.log, letter_id)
        if found is not None:
            return found
    return None


def _consumer(request: Request, found: DeadLetter) -> Consumer:
    for service in _services(request):
        for consumer in service.consumers:
            if consumer.name == found.consumer:
                return consumer
    raise Problem("not_found", "The consumer of that letter no longer exists.")


def _outcome(found: DeadLetter, consumer: Consumer, handled: int | None) -> Response:
    parked = 1 if found.key in consumer.parked else 0
    told: dict[str, Any] = {"id": found.id, "handled": handled, "parked": parked}
    return json_response(told, status=HTTPStatus.OK if handled is not None else HTTPStatus.ACCEPTED)


async def _cannot_drop(request: Request, letter_id: str) -> Problem:
    notify = getattr(request.app.state, "notify", None)
    mails = await notify.dead_mails() if notify is not None else []
    if any(mail["id"] == letter_id for mail in mails):
        return Problem("wrong_status", "A mail holds nothing up, and lies in the inbox as it is.")
    return Problem("not_found", "There is no such dead letter.")
