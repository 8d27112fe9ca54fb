"""Persons over HTTP: ops place and release legal holds, and erase."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from services.intake.answering import UseCases
from services.intake.application import Intake
from services.intake.domain.subjects.commands import PlaceHold, ReleaseHold
from services.intake.erasing import MOST_NAMED, Erasure, Person
from services.intake.subject_bodies import ErasureBody, LegalHoldBody
from shared.auth import Caller, require
from shared.clock import rfc3339
from shared.events.vocabulary import Role
from shared.http import Call, Command, Done, etag, json_response
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(route_class=StrictRoute, prefix="/v1/subjects/{subject_id}", tags=["subjects"])

_ID = r"^[^\s\x00-\x1f\x7f]+$"
SubjectId = Annotated[str, Path(max_length=128, pattern=_ID)]
HoldId = Annotated[str, Path(max_length=128, pattern=_ID)]


@router.get("")
async def read(subject_id: SubjectId, caller: Caller, intake: UseCases) -> Response:
    """What speaks against erasing a person, and whether they were erased. For ops alone.

    At most 20 open complaints are named; `more_open_complaints` says that there are others.
    """
    require(caller, Role.OPS)
    erasure = Erasure(intake.log)
    found = await erasure.known_person(subject_id)
    open_complaints = await erasure.open_complaints(subject_id)
    body = _body(found) | {
        "open_complaints": open_complaints[:MOST_NAMED],
        "more_open_complaints": len(open_complaints) > MOST_NAMED,
    }
    return json_response(body, headers={"ETag": etag(found.version)})


@router.post("/erasure")
async def erase(
    subject_id: SubjectId, body: ErasureBody, call: Command, intake: UseCases
) -> Response:
    """Destroy the key of a person's texts: nobody can read them from then on, in no log or topic.

    Refused while a complaint of theirs is open, or a legal hold stands. Again, for a person who has
    written nothing since: it records nothing.
    """
    require(call.caller, Role.OPS)
    erasure = Erasure(intake.log)

    async def act(work: UnitOfWork) -> Person:
        return await erasure.erase(work, subject_id, body.legal_basis, intake.now())

    response = await _answered(call, intake, act)
    await intake.log.scrub()
    return response


@router.put("/legal-holds/{hold_id}")
async def place_hold(
    subject_id: SubjectId, hold_id: HoldId, body: LegalHoldBody, call: Command, intake: UseCases
) -> Response:
    """Let a person's texts be kept, under a reference of yours; several holds may stand."""
    require(call.caller, Role.OPS)

    async def act(work: UnitOfWork) -> Person:
        command = PlaceHold(
            now=intake.now(), subject_id=subject_id, hold_id=hold_id, reason=body.reason
        )
        return await Erasure(intake.log).act(work, command)

    return await _answered(call, intake, act)


@router.delete("/legal-holds/{hold_id}")
async def release_hold(
    subject_id: SubjectId, hold_id: HoldId, call: Command, intake: UseCases
) -> Response:
    """What they were kept for is over."""
    require(call.caller, Role.OPS)

    async def act(work: UnitOfWork) -> Person:
        command = ReleaseHold(now=intake.now(), subject_id=subject_id, hold_id=hold_id)
        return await Erasure(intake.log).act(work, command)

    return await _answered(call, intake, act)


async def _answered(
    call: Call, intake: Intake, act: Callable[[UnitOfWork], Awaitable[Person]]
) -> Response:
    """Run an act and answer with the person's record, folded up to it for a repeat."""

    async def run(work: UnitOfWork) -> Done:
        found = await act(work)
        return Done(200, found.id, found.version)

    async def render(done: Done) -> Response:
        found = await Erasure(intake.log).person(done.id, up_to=done.version)
        return json_response(_body(found), headers={"ETag": etag(found.version)})

    return await call.perform(intake.log, run, render)


def _body(found: Person) -> dict[str, Any]:
    erasure = found.state.erasure
    return {
        "id": found.id,
        "erased_at": None if erasure is None else rfc3339(erasure.at),
        "legal_basis": None if erasure is None else erasure.legal_basis,
        "legal_holds": [
            {"id": one.id, "reason": one.reason.text, "placed_at": rfc3339(one.placed_at)}
            for one in found.state.holds
        ],
        "version": found.version,
    }
