"""What people wrote or are called: sealed where routing keeps it, shown until they are erased."""

from services.routing.matcher import Matcher
from services.routing.views import RoutingAssignment, RoutingSpecialist, project
from shared.eventlog.ports import Statement, one_by_one
from shared.eventlog.rebuild import rebuild
from shared.events.personal import UNREADABLE
from tests.integration.routing.house import (
    assignment,
    filed,
    holder,
    ops,
    presence,
    specialist,
)
from tests.support.erasing import erase
from tests.support.system import System

NAME, EMAIL, CONTACT = "Li Xiaolong", "xiaolong@example.com", "shop@example.com"
DECLINED, MOVED = "The consumer is my cousin.", "She knows this shop."
WRITTEN = (NAME, EMAIL, CONTACT, DECLINED, MOVED)
VIEWS = (RoutingSpecialist, RoutingAssignment)
DATA = "SELECT data FROM {}"
ROWS = "SELECT * FROM {} ORDER BY 1"


async def staffed(system: System) -> str:
    """A complaint that one specialist declined and a supervisor gave to another."""
    first = await specialist(system, name=NAME, email=EMAIL)
    await specialist(system, id="s2")
    await ops(system).put("/v1/merchants/m1", {"class": "gold", "contact": {"email": CONTACT}})
    complaint_id = await filed(system)
    assert await holder(system, complaint_id) == "s1"
    url = f"/v1/assignments/{complaint_id}"
    await first.post(f"{url}/decline", {"reason": DECLINED})
    await system.settle()
    boss = system.as_("supervisor", "boss")
    await boss.post(f"{url}/reassignment", {"specialist_id": "s1", "reason": MOVED})
    await system.settle()
    return complaint_id


async def reasons(system: System, complaint_id: str) -> list[str]:
    return [one["reason"] for one in (await assignment(system, complaint_id))["interventions"]]


async def kept(system: System) -> bytes:
    """Everything that lies in routing's log and documents."""
    log = system.service("routing").log
    tables = [await log.fetch(Statement(DATA.format(name))) for name in ("events", "documents")]
    return b"\n".join(bytes(row["data"]) for rows in tables for row in rows if row["data"])


async def test_answers_show_what_lies_sealed_in_log_and_documents() -> None:
    async with System() as system:
        complaint_id = await staffed(system)
        stored = await kept(system)
        assert [text for text in WRITTEN if text.encode() in stored] == []
        assert b'"tier"' in stored
        found = await ops(system).get("/v1/specialists/s1")
        assert (found["name"], found["email"]) == (NAME, EMAIL)
        listed = (await ops(system).get("/v1/specialists"))["items"]
        assert [one["name"] for one in listed] == [NAME, "Li"]
        merchant = await ops(system).get("/v1/merchants/m1")
        assert merchant["contact"] == {"email": CONTACT}
        assert await reasons(system, complaint_id) == [DECLINED, MOVED]


async def test_what_the_matcher_keeps_in_memory_stays_sealed_when_answers_show_it() -> None:
    async with System() as system:
        await staffed(system)
        await ops(system).get("/v1/specialists/s1")
        [memory] = [
            worker.memory
            for worker in system.service("routing").exclusive
            if isinstance(worker, Matcher)
        ]
        assert memory.specialists["s1"].profile.name.value is None


async def test_the_same_words_again_change_nothing() -> None:
    async with System() as system:
        profile = {"class": "gold", "contact": {"email": CONTACT}}
        first = await ops(system).put("/v1/merchants/m1", profile)
        again = await ops(system).put("/v1/merchants/m1", profile)
        assert again == first
        await specialist(system, name=NAME, email=EMAIL)
        before = await ops(system).get("/v1/specialists/s1")
        patch = {"name": NAME, "email": EMAIL}
        response = await ops(system).request("PATCH", "/v1/specialists/s1", patch)
        assert response.json() == before


async def test_an_erased_consumer_leaves_no_reasons_behind() -> None:
    async with System() as system:
        complaint_id = await staffed(system)
        await erase(system, "u1")
        assert await reasons(system, complaint_id) == [UNREADABLE, UNREADABLE]
        assert await holder(system, complaint_id) == "s1"
        assert (await ops(system).get("/v1/specialists/s1"))["name"] == NAME


async def test_an_erased_specialist_has_no_name_until_they_get_a_new_one() -> None:
    async with System() as system:
        await staffed(system)
        await erase(system, "s1")
        found = await ops(system).get("/v1/specialists/s1")
        assert (found["name"], found["email"]) == (UNREADABLE, UNREADABLE)
        await presence(system, "s1", online=False)
        await ops(system).request("PATCH", "/v1/specialists/s1", {"capacity": 5})
        found = await ops(system).get("/v1/specialists/s1")
        assert (found["name"], found["capacity"], found["online"]) == (UNREADABLE, 5, False)
        await ops(system).request("PATCH", "/v1/specialists/s1", {"name": "Wang"})
        found = await ops(system).get("/v1/specialists/s1")
        assert (found["name"], found["email"]) == ("Wang", UNREADABLE)


async def test_an_erased_merchant_cannot_be_reached_but_still_is_known() -> None:
    async with System() as system:
        await staffed(system)
        await erase(system, "m1")
        found = await ops(system).get("/v1/merchants/m1")
        assert (found["class"], found["contact"]) == ("gold", {"email": UNREADABLE})


async def test_erasing_parks_nothing_and_changes_no_view() -> None:
    async with System() as system:
        await staffed(system)
        log = system.service("routing").log
        queries = [Statement(ROWS.format(one.__tablename__)) for one in VIEWS]
        before = [await log.fetch(query) for query in queries]
        for subject in ("s1", "m1", "u1", "nobody"):
            await erase(system, subject)
        assert [one.parked for one in system.service("routing").consumers] == [frozenset()]
        assert [await log.fetch(query) for query in queries] == before
        await rebuild(log, one_by_one(project), VIEWS)
        assert [await log.fetch(query) for query in queries] == before
