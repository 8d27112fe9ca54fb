"""Every service hears that a person was erased: the key of that event is no complaint's."""

import pytest

from shared.auth import Principal
from shared.eventlog.ports import Statement
from shared.events.registry import COMPLAINTS
from shared.events.subjects import SubjectErased
from shared.events.vocabulary import Role
from tests.crossings.cases import in_progress
from tests.integration.dashboard.live import bearer, stream
from tests.support.erasing import erase
from tests.support.system import System

ROWS = "SELECT * FROM {} ORDER BY 1, 2"
TABLES = {
    "sla": ("complaint_access", "events", "documents", "timers"),
    "dashboard": ("complaint_access", "dashboard_complaint", "dashboard_clock"),
}


@pytest.mark.parametrize("service", TABLES)
async def test_it_parks_nothing_and_touches_no_complaint(service: str) -> None:
    async with System() as system:
        case = await in_progress(system)
        log = system.service(service).log
        rows = [Statement(ROWS.format(name)) for name in TABLES[service]]
        before = [await log.fetch(one) for one in rows]
        for subject in ("u1", "m1", "s1", case.id):
            await erase(system, subject)
        assert [one.parked for one in system.service(service).consumers] == [frozenset()]
        assert [await log.fetch(one) for one in rows] == before


async def test_only_staff_see_it_in_the_live_stream() -> None:
    async with System() as system:
        await in_progress(system)
        await erase(system, "u1")
        [erased] = await system.events(COMPLAINTS, "u1")
        assert isinstance(erased, SubjectErased)
        ops = Principal(role=Role.OPS, subject="o")
        consumer = Principal(role=Role.CONSUMER, subject="u1")
        async with stream(system.app, bearer(system, ops), last=1) as browser:
            told = await browser.next()
        assert (told.event, told.body["key"]) == (SubjectErased.TYPE, "u1")
        assert told.body["data"]["legal_basis"] == "PIPL Art. 47"
        async with stream(system.app, bearer(system, consumer), cursor="begin") as browser:
            await browser.opened()
            await in_progress(system)
            for _ in range(4):
                assert (await browser.next()).event != SubjectErased.TYPE
