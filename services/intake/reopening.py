"""Deciding about a complaint so that nobody is erased while it opens again."""

from services.intake.domain.commands import Command
from services.intake.domain.state import NotFiled, Open, State
from services.intake.history import stream_of
from shared.decider import Decider
from shared.events.envelope import Actor, Event, Recorded
from shared.unit_of_work import UnitOfWork


async def decided(
    work: UnitOfWork,
    decider: Decider[Command, State],
    complaint_id: str,
    command: Command,
    *,
    actor: Actor | None = None,
    caused_by: Recorded | None = None,
) -> list[Event]:
    """As `UnitOfWork.decide`, for a complaint's stream.

    An open complaint keeps its consumer from being erased. Who files one seals texts, which an
    erasure meets; what opens one again, by whatever act or reaction, may write no text of theirs.
    So it rests on their key: if they are erased meanwhile, it is decided anew (crossing 28).
    """
    stream = stream_of(complaint_id)
    before = (await work.load(decider, stream)).state
    events = await work.decide(
        decider, stream, complaint_id, command, actor=actor, caused_by=caused_by
    )
    after = (await work.load(decider, stream)).state
    if isinstance(after, Open) and not isinstance(before, NotFiled | Open):
        await work.rest_on_key(after.case.filed.consumer_id)
    return events
