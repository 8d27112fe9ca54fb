"""Decisions together with the documents that copy them: in one unit of work, never apart."""

from collections.abc import Sequence
from dataclasses import replace

from services.routing import documents
from services.routing.documents import CaseDocument
from services.routing.domain import assignment_terms, merchants
from services.routing.domain.assignment import ASSIGNMENT
from services.routing.domain.assignment_terms import Held, Queued
from services.routing.domain.merchants import MERCHANT
from services.routing.domain.policy import RoutingPolicy
from shared.events.assignments import AssignmentDecided, AssignmentReleased
from shared.events.envelope import Event, Recorded
from shared.unit_of_work import UnitOfWork


def assignment_stream(complaint_id: str) -> str:
    """The stream of an assignment."""
    return f"assignment-{complaint_id}"


def specialist_stream(specialist_id: str) -> str:
    """The stream of a specialist."""
    return f"specialist-{specialist_id}"


def merchant_stream(merchant_id: str) -> str:
    """The stream of a merchant."""
    return f"merchant-{merchant_id}"


async def decide_case(
    work: UnitOfWork,
    document: CaseDocument,
    command: assignment_terms.Command,
    policy: RoutingPolicy,
    caused_by: Recorded | None = None,
) -> CaseDocument:
    """Decide about an assignment; keep its case and the loads it moves in step.

    Returns the case as it is now. Raises what the domain refuses with.
    """
    complaint_id = document.case.complaint_id
    stream = assignment_stream(complaint_id)
    events = await work.decide(ASSIGNMENT, stream, complaint_id, command, caused_by=caused_by)
    if not events:
        return document
    state = (await work.load(ASSIGNMENT, stream)).state
    now = replace(
        document,
        queued=state if isinstance(state, Queued) else None,
        held=state if isinstance(state, Held) else None,
    )
    await _move_loads(work, now, events, policy)
    await documents.put_case(work, now)
    return now


async def _move_loads(
    work: UnitOfWork, document: CaseDocument, events: Sequence[Event], policy: RoutingPolicy
) -> None:
    complaint_id = document.case.complaint_id
    for event in events:
        if isinstance(event, AssignmentReleased):
            load = await documents.read_load(work, event.specialist_id)
            left = {name: w for name, w in load.cases.items() if name != complaint_id}
            await documents.put_load(work, event.specialist_id, replace(load, cases=left))
        if isinstance(event, AssignmentDecided) and document.held is not None:
            load = await documents.read_load(work, document.held.specialist_id)
            weight = policy.bands[document.held.needs.band].weight
            more = {**load.cases, complaint_id: weight}
            await documents.put_load(work, document.held.specialist_id, replace(load, cases=more))


async def decide_merchant(
    work: UnitOfWork,
    merchant_id: str,
    command: merchants.Command,
    caused_by: Recorded | None = None,
) -> list[Event]:
    """Decide about a merchant and keep the document that assessments read."""
    stream = merchant_stream(merchant_id)
    events = await work.decide(MERCHANT, stream, merchant_id, command, caused_by=caused_by)
    if events:
        state = (await work.load(MERCHANT, stream)).state
        await documents.put_merchant(work, merchant_id, state)
    return events
