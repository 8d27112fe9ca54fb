"""What `Timers` promise over any store, and what their runner makes of it."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import pytest

from shared.eventlog.ports import Commit, Store, Timer, TimerGone
from shared.observability import Metrics
from shared.timers import TimerRunner
from shared.unit_of_work import UnitOfWork
from tests.support.stores import OpenStore, commit, happened
from tests.support.time import START, VirtualTime


def timer(
    id: str,  # noqa: A002 - the field's name
    minutes: int,
    *,
    key: str = "k",
    shard: int = 0,
    payload: bytes = b"",
) -> Timer:
    due = START + timedelta(minutes=minutes)
    return Timer(
        id=id, clock="business", due_at=due, kind="t", key=key, shard=shard, payload=payload
    )


async def test_due_timers_come_earliest_first_and_never_early(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("b", 2), timer("c", 3), timer("a", 2), timer("d", 1))))
    due = await store.due("business", START + timedelta(minutes=2))
    assert [found.id for found in due] == ["d", "a", "b"]
    assert await store.next_due("business") == START + timedelta(minutes=1)
    assert await store.due("real", START + timedelta(days=1)) == []
    assert await store.next_due("real") is None


async def test_a_timer_set_again_moves(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("a", 1, payload=b"old"),)))
    await store.commit(Commit(timers=(timer("a", 5, payload=b"new"),)))
    (found,) = await store.due("business", START + timedelta(days=1))
    assert (found.due_at, found.payload) == (START + timedelta(minutes=5), b"new")


async def test_a_cancelled_timer_is_gone_and_cancelling_none_does_no_harm(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("a", 1),)))
    await store.commit(Commit(cancelled_timers=("a", "never-set")))
    assert await store.due("business", START + timedelta(days=1)) == []


async def test_a_timer_fires_once(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("a", 1),)))
    await store.commit(Commit(fired_timers=(timer("a", 1),)))
    with pytest.raises(TimerGone):
        await store.commit(Commit(fired_timers=(timer("a", 1),)))


async def test_a_moved_timer_does_not_fire_at_its_old_time(open_store: OpenStore) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("a", 1),)))
    await store.commit(Commit(timers=(timer("a", 5),)))
    with pytest.raises(TimerGone):
        await store.commit(Commit(fired_timers=(timer("a", 1),)))
    assert await store.next_due("business") == START + timedelta(minutes=5)


async def test_a_timer_and_the_state_it_belongs_to_change_together(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(commit("a", 0, happened(time)))
    append = commit("a", 0, happened(time)).appends
    with pytest.raises(Exception, match="a"):
        await store.commit(Commit(appends=append, timers=(timer("x", 1),)))
    assert await store.next_due("business") is None


async def test_each_shard_has_its_own_timers(open_store: OpenStore) -> None:
    store = await open_store(shards=2)
    await store.commit(Commit(timers=(timer("a", 1, shard=0), timer("b", 1, shard=1))))
    later = START + timedelta(days=1)
    assert [t.id for t in await store.due("business", later, shards=[1])] == ["b"]
    assert [t.id for t in await store.due("business", later, shards=[1, 0])] == ["a", "b"]
    assert await store.due("business", later, shards=[]) == []
    assert await store.next_due("business", shards=[]) is None


class Firing:
    """Remembers what fired; fails for the ids in `broken`."""

    def __init__(self) -> None:
        self.fired: list[str] = []
        self.broken: set[str] = set()

    async def __call__(self, timer: Timer, work: UnitOfWork) -> None:
        if timer.id in self.broken:
            raise RuntimeError("cannot")
        await work.put("fired", timer.id, b"1")
        self.fired.append(timer.id)


def runner(
    store: Store,
    time: VirtualTime,
    firing: Firing,
    *,
    until: Callable[[int], datetime] | None = None,
    shards: Collection[int] = (0,),
    held: Callable[[], Collection[str]] = frozenset,
) -> TimerRunner:
    return TimerRunner(
        name="t",
        clock_name="business",
        clock=time,
        rate=1.0,
        log=store,
        fire=firing,
        monotonic=time,
        metrics=Metrics(),
        shards=lambda: shards,
        until=until,
        held=held,
    )


async def drain(worker: TimerRunner) -> None:
    while await worker.step():
        pass


async def test_the_runner_fires_what_is_due_and_nothing_else(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(Commit(timers=tuple(timer(f"t{n:03}", n) for n in range(300))))
    firing = Firing()
    worker = runner(store, time, firing)
    time.move(timedelta(minutes=250, seconds=-1))
    await drain(worker)
    assert firing.fired == [f"t{n:03}" for n in range(250)]
    time.move(timedelta(seconds=1))
    await drain(worker)
    assert firing.fired[-1] == "t250"


async def test_the_runner_waits_for_knowledge_and_for_held_keys(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("a", 1, key="parked"), timer("b", 2), timer("c", 3))))
    time.move(timedelta(hours=1))
    known = START + timedelta(minutes=2)
    parked = {"parked"}
    firing = Firing()
    worker = runner(store, time, firing, until=lambda _: known, held=lambda: parked)
    await drain(worker)
    assert firing.fired == ["b"]
    known = time.now()
    parked.clear()
    await drain(worker)
    assert firing.fired == ["b", "a", "c"]


async def test_one_timer_that_cannot_fire_keeps_no_other_from_firing_and_is_not_lost(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(Commit(timers=(timer("a", 1), timer("b", 1), timer("c", 1))))
    time.move(timedelta(minutes=5))
    firing = Firing()
    firing.broken = {"b"}
    worker = runner(store, time, firing)
    await drain(worker)
    assert [d.key for d in await store.documents("fired")] == ["a", "c"]
    assert worker.failing == 1
    firing.broken = set()
    time.move(timedelta(minutes=5))
    await drain(worker)
    assert [d.key for d in await store.documents("fired")] == ["a", "b", "c"]
    assert worker.failing == 0


async def test_a_lease_has_one_owner_until_it_is_given_back(open_store: OpenStore) -> None:
    store = await open_store()
    assert await store.lease("matcher", "a", 60)
    assert await store.lease("matcher", "a", 60)
    assert not await store.lease("matcher", "b", 60)
    assert await store.lease("grace", "b", 60)
    await store.release("matcher", "b")
    assert not await store.lease("matcher", "b", 60)
    await store.release("matcher", "a")
    assert await store.lease("matcher", "b", 60)
