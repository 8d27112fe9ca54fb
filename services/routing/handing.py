"""A complaint is handed over with a summary: intake says so, routing says who gets it."""

from services.routing import documents
from services.routing.application import as_queued
from services.routing.documents import CaseDocument
from services.routing.domain.assignment_terms import Choice, HandOver
from services.routing.domain.choice import chosen_by_handover
from services.routing.domain.eligibility import removed_by, waiting_of
from services.routing.domain.policy import RoutingPolicy
from services.routing.keeping import decide_case
from shared.events.envelope import Recorded
from shared.events.teamwork import ComplaintHandedOver
from shared.unit_of_work import UnitOfWork


async def hand_over(
    work: UnitOfWork,
    document: CaseDocument,
    event: ComplaintHandedOver,
    recorded: Recorded,
    policy: RoutingPolicy,
) -> None:
    """Give it to whom it is meant for if every filter lets them; else it is queued with its age.

    Too late if somebody else has it by now: a supervisor, the matcher or the end was faster.
    """
    command = HandOver(
        now=event.occurred_at,
        complaint_id=event.complaint_id,
        cycle=event.cycle,
        n=event.n,
        choice=await _choice(work, document, event, policy),
    )
    await decide_case(work, document, command, policy, recorded)


async def _choice(
    work: UnitOfWork, document: CaseDocument, event: ComplaintHandedOver, policy: RoutingPolicy
) -> Choice | None:
    held = document.held
    if event.to is None or held is None:
        return None
    meant = await documents.read_specialist(work, event.to)
    if meant is None:
        return None
    consumer = await documents.read_consumer(work, document.case.consumer_id)
    waiting = waiting_of(document.case, as_queued(held), consumer.objections, policy)
    load = (await documents.read_load(work, event.to)).total
    if removed_by(waiting, meant, load, event.occurred_at) is not None:
        return None
    return chosen_by_handover(
        waiting=waiting,
        specialist=meant,
        load=load,
        handed_over_by=event.specialist_id,
        now=event.occurred_at,
        policy=policy,
        positions=document.positions,
    )
