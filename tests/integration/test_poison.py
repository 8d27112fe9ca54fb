"""An event nobody can read parks its complaint, with a dead letter; all others flow on."""

from typing import Any

from shared.eventlog.ports import Commit, Statement
from shared.events.registry import COMPLAINTS
from shared.events.vocabulary import ClockKind
from tests.crossings.cases import Case, assigned, file, held_back
from tests.support.system import System

READERS = {"routing", "sla", "notify"}
FIRST_CONTACT = ClockKind.FIRST_CONTACT


async def broken(system: System, data: bytes, *, answered: bool = False) -> Case:
    """A complaint whose contact was damaged before anybody read it; a message follows, or none."""
    case = await assigned(system)
    async with held_back(system, *READERS, "dashboard"):
        await case.contact()
        if answered:
            await case.act(case.consumer, "messages", {"text": "Thank you."})
        damage = Statement(
            "UPDATE events SET data = :data WHERE type = 'amends.complaint.contact_made.v1'",
            {"data": data},
        )
        await system.service("intake").log.commit(Commit(statements=(damage,)))
    return case


async def letters(case: Case) -> list[Any]:
    found: list[Any] = (await case.ops.get("/v1/dead-letters"))["items"]
    return found


async def test_a_poison_event_has_a_dead_letter_with_every_reader() -> None:
    async with System() as system:
        case = await broken(system, b'{"complaint_id": 1')
        found = await letters(case)
        assert {letter["service"] for letter in found} >= READERS
        assert {letter["key"] for letter in found} == {case.id}
        assert {letter["type"] for letter in found} == {"amends.complaint.contact_made.v1"}
        assert all(letter["source"] == COMPLAINTS and letter["reason"] for letter in found)


async def test_behind_the_poison_everything_of_this_complaint_is_kept_and_others_flow() -> None:
    async with System() as system:
        case = await broken(system, b"[]")
        before = await letters(case)
        other = await file(system)
        await system.settle()
        assert await other.held_by() == ("s1", "s1")
        await other.contact()
        await system.settle()
        assert (await other.clock(FIRST_CONTACT))["state"] == "met"
        assert await letters(case) == before
        ready = await system.http.get("/readyz")
        assert ready["ready"] is True
        assert set(ready["parked_keys"]) >= READERS


async def test_redriving_what_is_still_broken_leaves_it_where_it_is() -> None:
    async with System() as system:
        case = await broken(system, b'{"n": "many"}')
        before = await letters(case)
        for letter in before:
            done = await case.ops.post(f"/v1/dead-letters/{letter['id']}/redrive")
            assert done == {"id": letter["id"], "handled": 0, "parked": 1}
        await system.settle()
        assert [letter["id"] for letter in await letters(case)] == [one["id"] for one in before]


async def test_dropping_what_nobody_can_read_lets_the_complaint_go_on() -> None:
    async with System() as system:
        case = await broken(system, b'{"complaint_id": 1', answered=True)
        for letter in await letters(case):
            path = f"/v1/dead-letters/{letter['id']}/drop"
            done = await case.ops.post(path, {"reason": "damaged on the way"})
            assert (done["id"], done["parked"]) == (letter["id"], 0)
            assert done["handled"] >= 1, "the message behind it"
            again = await case.ops.post(path, {"reason": "said twice"})
            assert again == {"id": letter["id"], "handled": 0, "parked": 0}
            assert await case.ops.refused(path.replace("drop", "redrive")) == (404, "not_found")
        assert await letters(case) == []
        dropped = (await case.ops.get("/v1/dead-letters", state="dropped"))["items"]
        assert {one["service"] for one in dropped} >= READERS
        assert {(one["dropped_by"], one["drop_reason"]) for one in dropped} == {
            ("ops:o1", "damaged on the way")
        }
        assert (await system.http.get("/readyz"))["parked_keys"] == {}


async def test_a_drop_needs_a_reason() -> None:
    async with System() as system:
        case = await broken(system, b"null")
        [letter, *_] = await letters(case)
        path = f"/v1/dead-letters/{letter['id']}/drop"
        for body in ({}, {"reason": " "}, {"reason": "a\0b"}, {"reason": "r" * 501}):
            assert await case.ops.refused(path, body) == (422, "validation_failed")
        assert (await case.ops.refused("/v1/dead-letters/x/drop", {"reason": "r"}))[0] == 404


async def test_only_ops_see_redrive_and_drop_dead_letters() -> None:
    async with System() as system:
        case = await broken(system, b"null")
        [letter, *_] = await letters(case)
        path = f"/v1/dead-letters/{letter['id']}/redrive"
        for who in (case.consumer, case.merchant, case.specialist, case.supervisor):
            assert await who.refused(path) == (403, "forbidden")
            dropping = path.replace("redrive", "drop")
            assert await who.refused(dropping, {"reason": "r"}) == (403, "forbidden")
        assert await case.ops.refused("/v1/dead-letters/nothing/redrive") == (404, "not_found")
