"""Facts are read, clocks run, timers fire: never on stale knowledge, each thing once."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from services.sla.application import CASE
from services.sla.domain.clock import clock_id
from shared.eventlog.ports import Commit
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockStarted,
    ClockStopped,
    ClockWarned,
)
from shared.events.complaints import (
    ComplaintAcknowledged,
    ComplaintAssigned,
    ComplaintWithdrawn,
    ContactMade,
    RemedyDone,
    RemedyFailed,
    SolutionAccepted,
    SolutionProposed,
)
from shared.events.vocabulary import ClockKind
from tests.integration.sla.alone import Sla
from tests.unit.sla.story import at, fact

E = TypeVar("E", bound=ClockEvent)
CONTACT = ClockKind.FIRST_CONTACT


async def in_hand(sla: Sla) -> None:
    """A complaint that only waits for first contact and resolution."""
    await sla.files()
    await sla.record(fact(ComplaintAcknowledged, at()), fact(ComplaintAssigned, at()))
    await sla.settle()


def of(events: list[ClockEvent], sort: type[E], kind: ClockKind) -> list[E]:
    return [event for event in events if isinstance(event, sort) and event.kind is kind]


async def test_a_filing_starts_its_clocks_in_one_stream() -> None:
    async with Sla() as sla:
        await sla.files()
        await sla.settle()
        records = await sla.service.log.read("clocks-c1")
        assert [event.kind for event in await sla.said() if isinstance(event, ClockStarted)] == [
            ClockKind.ACKNOWLEDGEMENT,
            ClockKind.ASSIGNMENT,
            ClockKind.FIRST_CONTACT,
            ClockKind.RESOLUTION,
        ]
        assert [r.key for r in records] == ["c1"] * 4
        assert all(r.causation_id is not None for r in records)


async def test_nothing_fires_before_the_second_after_the_deadline_is_known() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        await sla.at(at(hours=12, seconds=0.999))
        assert of(await sla.said(), ClockWarned, CONTACT) == []
        await sla.at(at(hours=12, seconds=1))
        [warned] = of(await sla.said(), ClockWarned, CONTACT)
        assert warned.occurred_at == at(hours=12)


async def test_time_alone_causes_a_breach() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        await sla.at(at(hours=25))
        records = await sla.service.log.read("clocks-c1")
        breaches = [r for r in records if r.type == ClockBreached.TYPE]
        assert [r.causation_id for r in breaches] == [None]
        assert breaches[0].occurred_at == at(hours=24)


async def test_a_feed_that_stands_still_holds_every_firing_back() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        sla.time.move_to(at(hours=13))
        await sla.record(fact(ContactMade, at(hours=13)))
        sla.time.move_to(at(hours=30))
        [timers] = sla.service.workers
        assert not await timers.step()
        await sla.settle()
        said = await sla.said()
        assert of(said, ClockBreached, CONTACT) == []
        assert [w.share_percent for w in of(said, ClockWarned, CONTACT)] == [50]
        assert [s.stopped_at for s in of(said, ClockStopped, CONTACT)] == [at(hours=13)]


async def test_after_an_hour_without_feed_only_the_really_late_are_breached() -> None:
    met, late = [f"met-{n}" for n in range(1000)], [f"slow-{n}" for n in range(10)]
    async with Sla() as sla:
        for one in (*met, *late):
            await sla.files(one)
        await sla.settle()
        sla.time.move_to(at(minutes=20))  # from here on sla reads nothing for an hour
        await sla.record(*(fact(ComplaintAssigned, at(minutes=20), complaint_id=c) for c in met))
        sla.time.move_to(at(minutes=80))
        await sla.record(*(fact(ComplaintAssigned, at(minutes=80), complaint_id=c) for c in late))
        await sla.settle()
        await sla.later(timedelta(seconds=2))
        breached = of(await sla.said(), ClockBreached, ClockKind.ASSIGNMENT)
        assert sorted(event.complaint_id for event in breached) == late
        assert {event.occurred_at for event in breached} == {at(minutes=30)}
        assert of(await sla.said(), ClockCorrected, ClockKind.ASSIGNMENT) == []
        listed = await sla.get("/v1/breaches", kind="assignment", limit=200)
        assert sorted(item["complaint_id"] for item in listed["items"]) == late


async def test_first_contact_recorded_after_its_breach_withdraws_it() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        await sla.at(at(hours=24, minutes=5))
        await sla.happens(ContactMade, at(hours=23, minutes=55))
        clock = (await sla.get("/v1/clocks", kind="first_contact"))["items"][0]
        assert (clock["state"], clock["in_time"], clock["breached_at"]) == ("met", True, None)
        assert (await sla.get("/v1/breaches"))["items"] == []
        [kept] = (await sla.get("/v1/breaches", withdrawn="include"))["items"]
        assert (kept["withdrawn"], kept["breached_at"]) == (True, "2026-03-03T09:00:00.000Z")


async def test_first_contact_recorded_before_the_breach_is_simply_in_time() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        sla.time.move_to(at(hours=24, seconds=0.5))
        await sla.happens(ContactMade, at(hours=24))
        await sla.later(timedelta(hours=1))
        assert of(await sla.said(), ClockBreached, CONTACT) == []


async def test_a_remedy_done_in_time_withdraws_the_breach_after_the_failure_too() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        await sla.happens(SolutionProposed)
        await sla.happens(SolutionAccepted)
        await sla.at(at(hours=72, seconds=2))
        await sla.happens(RemedyFailed, at(hours=72))
        await sla.happens(RemedyDone, at(hours=71, minutes=58))
        [clock] = (await sla.get("/v1/clocks", kind="remedy"))["items"]
        assert (clock["state"], clock["in_time"]) == ("met", True)


async def test_an_acknowledgement_after_withdrawal_finds_its_clock_cancelled() -> None:
    async with Sla() as sla:
        await sla.files()
        await sla.happens(ComplaintWithdrawn, at(seconds=1))
        await sla.at(at(hours=1))
        said = await sla.said()
        assert len(of(said, ClockCancelled, ClockKind.ACKNOWLEDGEMENT)) == 1
        assert of(said, ClockBreached, ClockKind.ACKNOWLEDGEMENT) == []


async def test_no_timer_is_left_once_nothing_is_owed() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        assert await sla.service.log.next_due("business") is not None
        await sla.happens(ComplaintWithdrawn)
        assert await sla.service.log.next_due("business") is None


async def test_after_a_long_silence_each_thing_is_said_once_and_in_order() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        await sla.at(at(days=3))
        said = of(await sla.said(), ClockWarned, CONTACT)
        assert [w.share_percent for w in said] == [50, 75, 90]
        assert [w.occurred_at for w in said] == [at(hours=12), at(hours=18), at(hours=21.6)]
        assert len(of(await sla.said(), ClockBreached, CONTACT)) == 1


async def test_a_parked_complaint_is_silent_until_its_events_are_redriven() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        await sla.files("c2")
        await sla.settle()
        [consumer] = sla.service.consumers
        kept = await sla.service.log.document(CASE, "c1")
        await spoil(sla, b"{}")
        await sla.at(at(hours=13))
        await sla.happens(ContactMade, at(hours=13))
        assert consumer.parked == {"c1"}
        await sla.at(at(hours=25))
        assert len(of(await sla.said("c2"), ClockBreached, CONTACT)) == 1
        assert of(await sla.said("c1"), ClockBreached, CONTACT) == []
        assert kept.data is not None
        await spoil(sla, kept.data)
        assert await consumer.redrive("c1") == 1
        await sla.settle()
        said = await sla.said("c1")
        assert [e.stopped_at for e in of(said, ClockStopped, CONTACT)] == [at(hours=13)]
        assert [e.share_percent for e in of(said, ClockWarned, CONTACT)] == [50]


async def spoil(sla: Sla, data: bytes) -> None:
    """Overwrite the case of c1, so that its next event is poison (or no longer is)."""
    case = await sla.service.log.document(CASE, "c1")
    await sla.service.log.commit(Commit(documents=(replace(case, data=data),)))


async def test_clocks_are_named_by_what_they_are() -> None:
    async with Sla() as sla:
        await in_hand(sla)
        listed = (await sla.get("/v1/clocks", complaint_id="c1"))["items"]
        assert {item["id"] for item in listed} == {
            clock_id("c1", 1, ClockKind(item["kind"]), item["n"]) for item in listed
        }
