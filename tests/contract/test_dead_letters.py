"""What becomes of dead letters, on every store: redriven in order, dropped for good, never lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
import structlog
from structlog.testing import capture_logs

from shared.eventlog.ports import Commit, Statement, Store
from shared.events.envelope import Event, Fact
from shared.feed.consumer import RETRY_SECONDS, Consumer
from shared.feed.dead_letters import DeadLetter, LetterState, letter, letters
from shared.feed.handling import NotYet
from shared.feed.requests import Asked, Drop, Requests
from shared.unit_of_work import UnitOfWork
from tests.contract.test_consumer import Listener, World, counted, drain
from tests.support.stores import OpenStore
from tests.support.time import VirtualTime

A_LOOK = timedelta(seconds=2)
"""Longer than a consumer lets pass before it looks at what others ask of it."""


@pytest.fixture
async def world(open_store: OpenStore, time: VirtualTime) -> World:
    return World(await open_store("routing"), await open_store("intake"), time)


async def poisoned(world: World, *broken: int) -> tuple[Consumer, Listener]:
    """A consumer that met these events, its handler still broken for them."""
    listener = Listener()
    listener.broken = set(broken)
    consumer = world.consumer(listener)
    await drain(consumer)
    return consumer, listener


async def the_letter(store: Store, state: LetterState = LetterState.PARKED) -> DeadLetter:
    (found,) = await letters(store, state)
    return found


def because(found: DeadLetter, reason: str = "it never was an event") -> Drop:
    return Drop(letter=found.id, by="ops:o1", reason=reason)


async def test_a_letter_says_where_its_record_lies_and_what_it_was(world: World) -> None:
    await world.publish("b", "a")
    await poisoned(world, 2)
    found = await the_letter(world.own)
    (record,) = await world.source.tail(0, 1)
    assert (found.source, found.partition, found.position) == ("amends.specialists", 0, 2)
    assert (found.key, found.event_id, found.type) == ("a", record.id, record.type)
    assert found.payload_sha256 == sha256(record.data).hexdigest()
    assert found.attempts == len(RETRY_SECONDS) + 1
    assert (found.fault, found.state, found.revision) == ("RuntimeError", LetterState.PARKED, 1)


async def test_a_dropped_record_is_skipped_and_what_lay_behind_it_is_handled_in_order(
    world: World,
) -> None:
    await world.publish("a", "b", "a", "a")
    consumer, _ = await poisoned(world, 1)
    assert await consumer.drop("a", because(await the_letter(world.own))) == 2
    await world.publish("a")
    await drain(consumer)
    assert await counted(world.own, "a") == [3, 4, 5]
    assert await counted(world.own, "b") == [2]
    assert consumer.parked == frozenset()


async def test_it_stays_on_record_who_dropped_it_when_and_why(world: World) -> None:
    await world.publish("a")
    consumer, _ = await poisoned(world, 1)
    world.time.move(timedelta(hours=1))
    await consumer.drop("a", because(await the_letter(world.own)))
    assert await letters(world.own) == []
    found = await the_letter(world.own, LetterState.DROPPED)
    assert (found.dropped_by, found.drop_reason) == ("ops:o1", "it never was an event")
    assert found.dropped_at == found.changed_at == world.time.now()
    assert found.revision == 2
    assert await letter(world.own, found.id) == found
    assert await letter(world.own, "another") is None


async def test_that_it_was_dropped_is_logged_without_the_words_of_the_reason(world: World) -> None:
    await world.publish("a")
    consumer, _ = await poisoned(world, 1)
    found = await the_letter(world.own)
    structlog.reset_defaults()
    with capture_logs() as logged:
        await consumer.drop("a", because(found))
    (line,) = logged
    assert (line["event"], line["letter"], line["by"]) == (
        "dead_letter_dropped",
        found.id,
        "ops:o1",
    )
    assert "never was" not in str(line)


async def test_dropping_it_again_changes_nothing(world: World) -> None:
    await world.publish("a")
    consumer, _ = await poisoned(world, 1)
    parked = await the_letter(world.own)
    await consumer.drop("a", because(parked))
    first = await the_letter(world.own, LetterState.DROPPED)
    world.time.move(timedelta(hours=1))
    assert await consumer.drop("a", because(parked, "another reason")) == 0
    assert await the_letter(world.own, LetterState.DROPPED) == first


async def test_what_was_handled_after_all_is_not_dropped_any_more(world: World) -> None:
    await world.publish("a")
    consumer, listener = await poisoned(world, 1)
    parked = await the_letter(world.own)
    listener.broken = set()
    assert await consumer.redrive("a") == 1
    assert await consumer.drop("a", because(parked)) == 0
    found = await the_letter(world.own, LetterState.REDRIVEN)
    assert (found.id, found.dropped_at, found.revision) == (parked.id, None, 2)


async def test_a_record_that_cannot_be_decoded_lets_its_key_go_on_once_it_is_dropped(
    world: World,
) -> None:
    await world.publish("a", "a")
    bad = Statement("UPDATE events SET data = :data WHERE gpos = 1", {"data": b"{not json"})
    await world.source.commit(Commit(statements=(bad,)))
    consumer, _ = await poisoned(world)
    assert await consumer.redrive("a") == 0
    assert await consumer.drop("a", because(await the_letter(world.own))) == 1
    assert await counted(world.own, "a") == [2]


async def test_another_event_that_fails_behind_the_first_has_a_letter_of_its_own(
    world: World,
) -> None:
    await world.publish("a", "a", "a", "a")
    consumer, listener = await poisoned(world, 1, 3)
    first = await the_letter(world.own)
    listener.broken = {3}
    assert await consumer.redrive("a") == 2
    second = await the_letter(world.own)
    assert (second.position, second.attempts) == (3, 1)
    assert (await the_letter(world.own, LetterState.REDRIVEN)).id == first.id
    assert await consumer.drop("a", because(second)) == 1
    assert await counted(world.own, "a") == [1, 2, 4]
    assert consumer.parked == frozenset()


async def test_a_redrive_that_fails_again_says_why_and_counts_it(world: World) -> None:
    await world.publish("a")
    consumer, listener = await poisoned(world, 1)
    before = await the_letter(world.own)
    world.time.move(timedelta(hours=1))

    async def other_fault() -> None:
        raise ValueError("another fault")

    listener.broken = set()
    listener.before_return = other_fault
    assert await consumer.redrive("a") == 0
    after = await the_letter(world.own)
    assert (after.reason, after.attempts) == ("ValueError: another fault", before.attempts + 1)
    assert (after.failed_at, after.revision) == (world.time.now(), 2)


async def test_a_replay_that_was_cut_short_is_taken_up_by_the_next_who_looks(world: World) -> None:
    await world.publish("a", "a", "a")
    await poisoned(world, 1)
    gone = Statement("DELETE FROM held WHERE gpos = 1")
    handled = Statement("UPDATE dead_letters SET redriven_at = 1")
    await world.own.commit(Commit(statements=(gone, handled)))
    after = world.consumer(Listener())
    world.time.move(A_LOOK)
    await drain(after)
    assert await counted(world.own, "a") == [2, 3]
    assert after.parked == frozenset()


class Early(Listener):
    """Says "not yet" to an event until one that it waits for was handled."""

    def __init__(self, waits_for: dict[int, list[int]], ids: dict[int, str]) -> None:
        super().__init__()
        self.waits_for = waits_for
        self.ids = ids

    async def __call__(self, fact: Fact[Event], work: UnitOfWork) -> None:
        gpos = fact.recorded.gpos
        handled = {int(g) for g in ((await work.document("done", "all")) or b"").split(b",") if g}
        for cause in self.waits_for.get(gpos, ()):
            if cause not in handled and gpos not in self.broken:
                raise NotYet(f"event:{self.ids[cause]}")
        await super().__call__(fact, work)
        done = ",".join(str(one) for one in sorted({*handled, gpos}))
        await work.put("done", "all", done.encode())


async def early(world: World, waits_for: dict[int, list[int]]) -> Early:
    return Early(waits_for, {r.gpos: r.id for r in await world.source.tail(0, 0)})


async def test_what_waits_for_two_causes_is_kept_until_both_came_and_so_are_those_behind_it(
    world: World,
) -> None:
    await world.publish("a", "a", "a", "b", "c")
    listener = await early(world, {1: [4, 5], 2: [4]})
    consumer = world.consumer(listener)
    await drain(consumer)
    assert await counted(world.own, "a") == [1, 2, 3]
    rows = await world.own.fetch(Statement("SELECT count(*) AS n FROM held"))
    assert rows == [{"n": 0}]


async def test_what_waits_for_another_cause_after_a_restart_is_not_lost(world: World) -> None:
    await world.publish("a", "a", "b", "c", "d")
    listener = await early(world, {1: [3, 5]})
    listener.ids[5] = "later"
    await drain(world.consumer(listener))
    assert await counted(world.own, "a") == []
    rows = await world.own.fetch(Statement("SELECT gpos, waits_for FROM held ORDER BY seq"))
    assert [(r["gpos"], r["waits_for"]) for r in rows] == [(1, "event:later"), (2, "event:later")]


async def test_a_redriven_event_that_comes_before_its_cause_waits_with_those_behind_it(
    world: World,
) -> None:
    await world.publish("a", "a", "b")
    listener = await early(world, {1: [4]})
    listener.ids[4] = "later"
    listener.broken = {1}
    consumer = world.consumer(listener)
    await drain(consumer)
    listener.broken = set()
    assert await consumer.redrive("a") == 2
    assert await counted(world.own, "a") == []
    rows = await world.own.fetch(Statement("SELECT gpos, waits_for FROM held ORDER BY seq"))
    assert [(r["gpos"], r["waits_for"]) for r in rows] == [(1, "event:later"), (2, "event:later")]
    assert consumer.parked == frozenset()


class Meanwhile:
    """A monotonic clock of somebody who waits: others act while it sleeps."""

    def __init__(self, world: World, others: Consumer | None) -> None:
        self._world = world
        self._others = others
        self.slept = 0

    def seconds(self) -> float:
        """As for everybody."""
        return self._world.time.seconds()

    async def sleep(self, _seconds: float) -> None:
        """Time passes for the others."""
        self.slept += 1
        self._world.time.move(A_LOOK)
        if self._others is not None:
            await self._others.step()


async def requests_left(store: Store) -> int:
    return sum([len(await store.documents(kind)) for kind in ("redrive", "drop")])


Ask = Callable[[DeadLetter], Asked]


def to_redrive(found: DeadLetter) -> Asked:
    return Asked(found.key)


def to_drop(found: DeadLetter) -> Asked:
    return Asked(found.key, because(found))


async def done_elsewhere(world: World, ask: Ask) -> tuple[int | None, list[int]]:
    """What the owner answers to somebody who asks, and what is counted then."""
    await world.publish("a", "a")
    owner, listener = await poisoned(world, 1)
    found = await the_letter(world.own)
    listener.broken = set()
    asking = Requests("listener", world.own, Meanwhile(world, owner))
    answer = await asking.ask(ask(found))
    assert await requests_left(world.own) == 0
    return answer, await counted(world.own, "a")


async def test_a_redrive_asked_elsewhere_is_done_by_the_owner_and_answered(world: World) -> None:
    assert await done_elsewhere(world, to_redrive) == (2, [1, 2])


async def test_a_drop_asked_elsewhere_is_done_by_the_owner_and_answered(world: World) -> None:
    assert await done_elsewhere(world, to_drop) == (1, [2])


async def done_later(world: World, ask: Ask) -> list[int]:
    """What is counted in the end if nobody was there to answer."""
    await world.publish("a", "a")
    await poisoned(world, 1)
    found = await the_letter(world.own)
    nobody = Meanwhile(world, None)
    assert await Requests("listener", world.own, nobody).ask(ask(found)) is None
    assert nobody.slept > 0
    assert await counted(world.own, "a") == []
    world.time.move(A_LOOK)
    await drain(world.consumer(Listener()))
    assert await requests_left(world.own) == 0
    return await counted(world.own, "a")


async def test_a_redrive_that_nobody_answers_stays_and_is_done_by_the_next_owner(
    world: World,
) -> None:
    assert await done_later(world, to_redrive) == [1, 2]


async def test_a_drop_that_nobody_answers_stays_and_is_done_by_the_next_owner(
    world: World,
) -> None:
    assert await done_later(world, to_drop) == [2]


async def test_who_does_not_wait_leaves_the_request_at_once(world: World) -> None:
    await world.publish("a")
    await poisoned(world, 1)
    nobody = Meanwhile(world, None)
    assert await Requests("listener", world.own, nobody).ask(Asked("a"), seconds=0) is None
    assert nobody.slept == 0
    assert await Requests("listener", world.own, nobody).open() == [Asked("a")]
    assert await Requests("listen", world.own, nobody).open() == []


async def test_an_answer_that_comes_as_the_asker_gives_up_is_taken(world: World) -> None:
    asked = Asked("a")
    owner = Requests("listener", world.own, world.time)

    class LastMoment(Meanwhile):
        async def sleep(self, _seconds: float) -> None:
            await super().sleep(_seconds)
            if self.slept == 1:
                await owner.answer(asked, 7)

    assert (
        await Requests("listener", world.own, LastMoment(world, None)).ask(asked, seconds=0.2) == 7
    )
    assert await requests_left(world.own) == 0


async def test_two_who_ask_the_same_both_come_to_an_end(world: World) -> None:
    await world.publish("a")
    owner, listener = await poisoned(world, 1)
    listener.broken = set()
    waiting = Meanwhile(world, owner)
    asking = Requests("listener", world.own, waiting)
    answers = await asyncio.gather(asking.ask(Asked("a")), asking.ask(Asked("a")))
    assert None not in answers
    assert waiting.slept < 20, "neither waits for an answer that the other took"
    assert await counted(world.own, "a") == [1]
    assert await requests_left(world.own) == 0


async def test_a_busy_consumer_looks_at_what_is_asked_all_the_same(world: World) -> None:
    await world.publish("a")
    consumer, listener = await poisoned(world, 1)
    await Requests("listener", world.own, world.time).ask(Asked("a"), seconds=0)
    listener.broken = set()
    await world.publish("b")
    world.time.move(A_LOOK)
    assert await consumer.step()
    assert await counted(world.own, "a") == [1]
