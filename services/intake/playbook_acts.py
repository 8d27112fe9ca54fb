"""Playbooks over HTTP: staff read them, filled from a case; ops edit them."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from services.intake.answering import UseCases
from services.intake.domain.playbooks.content import LANGUAGES, Passage, Playbook, filled, spoken
from services.intake.domain.playbooks.editing import EditPlaybook
from services.intake.playbook_blanks import blanks_of
from services.intake.playbook_bodies import PlaybookBody, PlaybookQuery
from services.intake.playbook_views import Use, uses
from shared.auth import Caller, require
from shared.events.vocabulary import Category, Role
from shared.http import Command, Done, etag, json_response
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(route_class=StrictRoute, prefix="/v1/playbooks", tags=["playbooks"])

CategoryName = Annotated[Category, Path(alias="category")]
Blanks = Mapping[str, str]


@router.get("/{category}")
async def read(
    category: CategoryName,
    caller: Caller,
    intake: UseCases,
    query: Annotated[PlaybookQuery, Query()],
) -> Response:
    """Steps, questions and explanations, and how often each was used and settled a case.

    With a complaint its blanks are filled, in the complaint's language unless another is asked for.
    """
    require(caller, Role.SPECIALIST, Role.SUPERVISOR, Role.OPS)
    languages, blanks = _languages(query.language), dict[str, Blanks]()
    if query.complaint_id is not None:
        state = (await intake.visible(caller, query.complaint_id)).state
        languages = (spoken(query.language, state.case.filed.language),)
        blanks = {language: blanks_of(state, language) for language in languages}
    log = intake.log
    found = (
        await intake.playbooks.current(log, category)
        if query.version is None
        else await intake.playbooks.version(log, category, query.version)
    )
    body = _body(
        found, {name: blanks.get(name, {}) for name in languages}, await uses(log, category)
    )
    return json_response(body | {"complaint_id": query.complaint_id}, headers=_tag(found))


@router.put("/{category}")
async def edit(
    category: CategoryName, body: PlaybookBody, call: Command, intake: UseCases
) -> Response:
    """Make a new version; every one before it stays readable. `If-Match` takes its version."""
    require(call.caller, Role.OPS)
    command = EditPlaybook(now=intake.now(), content=body.content())

    async def run(work: UnitOfWork) -> Done:
        found = await intake.playbooks.edit(work, category, command, call.check_match)
        return Done(200, found.category, found.version)

    async def render(done: Done) -> Response:
        found = await intake.playbooks.version(intake.log, category, done.version)
        texts: dict[str, Blanks] = {language: {} for language in LANGUAGES}
        answer = _body(found, texts, await uses(intake.log, category))
        return json_response(answer | {"complaint_id": None}, headers=_tag(found))

    return await call.perform(intake.log, run, render)


def _languages(wanted: str | None) -> tuple[str, ...]:
    return LANGUAGES if wanted is None else (spoken(wanted),)


def _tag(found: Playbook) -> dict[str, str]:
    return {"ETag": etag(found.version)}


def _body(found: Playbook, texts: Mapping[str, Blanks], used: Mapping[str, Use]) -> dict[str, Any]:
    def shown(passage: Passage) -> dict[str, Any]:
        use = used.get(passage.id, Use(0, 0))
        return {
            "id": passage.id,
            "text": {name: filled(passage.text(name), blanks) for name, blanks in texts.items()},
            "used_in": use.cases,
            "settled": use.settled,
        }

    return {
        "category": found.category,
        "version": found.version,
        "name": found.name,
        "steps": [shown(one) for one in found.content.steps],
        "questions": [shown(one) for one in found.content.questions],
        "explanations": [
            {**shown(one), "kind": one.kind, "sources": one.sources}
            for one in found.content.explanations
        ],
    }
