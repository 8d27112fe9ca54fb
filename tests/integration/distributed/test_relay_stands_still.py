"""The relay of intake stands still for an hour: who met their clocks meanwhile has met them."""

from datetime import timedelta

from shared.events.clocks import ClockBreached, ClockCorrected, ClockStopped
from shared.events.registry import CLOCKS
from shared.events.vocabulary import ClockKind
from tests.crossings.cases import CALL, HOUR, MINUTE
from tests.integration.test_delay import filed, hire_desks
from tests.support.distributed import DistributedSystem

IN_TIME, NEVER = 1000, 10
CONTACT = ClockKind.FIRST_CONTACT


async def contacts(system: DistributedSystem) -> list[object]:
    events = await system.events(CLOCKS)
    return [event for event in events if getattr(event, "kind", None) is CONTACT]


async def test_an_hour_without_relay_leaves_only_the_breaches_that_are_true(kafka: str) -> None:
    async with DistributedSystem(kafka) as system:
        system.paused |= {"notify", "dashboard"}  # they only listen: no part in what is asked here
        await hire_desks(system, "en")
        prompt = await filed(system, IN_TIME)
        never = await filed(system, NEVER)
        await system.settle()
        due_at = system.time.now() + 24 * HOUR
        await system.advance(24 * HOUR - 30 * MINUTE)

        system.paused.add("intake-relay")
        someone = system.as_("supervisor", "v1")
        for complaint in sorted(prompt):
            await someone.post(f"/v1/complaints/{complaint}/contacts", CALL)
        for _ in range(4):
            system.time.move(15 * MINUTE)
            await system.settle()
        assert system.time.now() > due_at
        said = [event for event in await contacts(system) if isinstance(event, ClockBreached)]
        assert said == [], "nothing is said of what sla could not know"

        system.paused.remove("intake-relay")
        await system.advance(timedelta(seconds=2))
        found = await contacts(system)
        breached = [event for event in found if isinstance(event, ClockBreached)]
        met = [event for event in found if isinstance(event, ClockStopped) and event.in_time]
        assert {event.complaint_id for event in breached} == never
        assert {event.due_at for event in breached} == {due_at}
        assert {event.complaint_id for event in met} == prompt
        assert [event for event in found if isinstance(event, ClockCorrected)] == []
