"""What every `EventLog` promises, said against the port alone."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.codec import decode
from shared.eventlog.ports import (
    Advance,
    AlreadyClaimed,
    Claim,
    Commit,
    Document,
    Position,
    PositionMoved,
    Statement,
    VersionConflict,
)
from shared.events.envelope import Event, Fact
from tests.support.stores import OpenStore, append, commit, everything, happened
from tests.support.time import START, VirtualTime


def claim(key: str = "k", *, body: str = "b", id: str = "c1") -> Claim:  # noqa: A002
    return Claim(
        principal="consumer:u1",
        operation="POST /v1/complaints",
        key=key,
        body_sha256=body,
        status=201,
        id=id,
        version=2,
        created_at=START,
    )


async def test_what_was_appended_is_read_back_as_it_was(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    event = happened(time)
    (recorded,) = await store.commit(commit("specialist-s1", 0, event))
    assert await store.read("specialist-s1") == [recorded]
    assert decode(recorded) == event
    assert (recorded.version, recorded.source, recorded.topic) == (
        1,
        "intake",
        "amends.specialists",
    )
    assert recorded.recorded_at == time.now()


async def test_a_commit_that_rests_on_a_document_conflicts_once_that_has_changed(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    none = Document(kind="k", key="a", version=0, data=None)
    event = happened(time)
    await store.commit(replace(commit("specialist-s1", 0, event), unchanged=(none,)))
    await store.commit(Commit(documents=(replace(none, data=b"one"),)))
    for version, stands in ((0, False), (1, True), (2, False)):
        behind = len(await store.read("specialist-s1"))
        resting = replace(
            commit("specialist-s1", behind, event),
            unchanged=(replace(none, version=version),),
        )
        if stands:
            await store.commit(resting)
        else:
            with pytest.raises(VersionConflict):
                await store.commit(resting)
    assert len(await store.read("specialist-s1")) == 2
    assert (await store.document("k", "a")).version == 1


async def test_of_two_commits_at_once_the_one_that_rests_on_what_the_other_changes_comes_first(
    open_store: OpenStore, time: VirtualTime
) -> None:
    """Or it conflicts: what it rests on never changes beneath it."""
    store = await open_store()
    first = Document(kind="k", key="a", version=0, data=b"one")
    changed, resting = await asyncio.gather(
        store.commit(Commit(documents=(first,))),
        store.commit(replace(commit("specialist-s1", 0, happened(time)), unchanged=(first,))),
        return_exceptions=True,
    )
    assert not isinstance(changed, BaseException)
    stored = await store.read("specialist-s1")
    assert (stored == []) == isinstance(resting, VersionConflict)


async def test_a_stream_at_another_version_is_a_conflict_and_records_nothing(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(commit("a", 0, happened(time)))
    for wrong in (0, 2):
        with pytest.raises(VersionConflict):
            await store.commit(commit("a", wrong, happened(time)))
    assert len(await everything(store)) == 1


async def test_a_commit_is_all_or_nothing(open_store: OpenStore, time: VirtualTime) -> None:
    store = await open_store()
    await store.commit(commit("a", 0, happened(time)))
    both = Commit(
        appends=(append("b", 0, happened(time)), append("a", 0, happened(time))),
        claim=claim(),
        documents=(Document(kind="case", key="b", version=0, data=b"{}"),),
    )
    with pytest.raises(VersionConflict):
        await store.commit(both)
    assert await store.read("b") == []
    assert await store.claimed("consumer:u1", "POST /v1/complaints", "k") is None
    assert (await store.document("case", "b")).version == 0


async def test_several_appends_to_one_stream_in_one_commit_follow_each_other(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(
        Commit(appends=(append("a", 0, happened(time)), append("a", 1, happened(time))))
    )
    assert [record.version for record in await store.read("a")] == [1, 2]


async def test_of_many_at_once_on_one_stream_one_wins_and_no_neighbour_suffers(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    rivals = [store.commit(commit("a", 0, happened(time))) for _ in range(10)]
    others = [store.commit(commit(f"b{n}", 0, happened(time))) for n in range(10)]
    results = await asyncio.gather(*rivals, *others, return_exceptions=True)
    assert sum(isinstance(result, VersionConflict) for result in results) == 9
    assert len(await everything(store)) == 11


async def test_a_faulty_statement_fails_its_own_commit_alone(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    faulty = Commit(
        appends=(append("a", 0, happened(time)),), statements=(Statement("INSERT INTO nowhere"),)
    )
    results = await asyncio.gather(
        store.commit(faulty), store.commit(commit("b", 0, happened(time))), return_exceptions=True
    )
    assert isinstance(results[0], Exception)
    assert [record.stream for record in await everything(store)] == ["b"]


async def test_reading_up_to_a_version_stops_there(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(commit("a", 0, happened(time), happened(time), happened(time)))
    assert [record.version for record in await store.read("a", up_to=2)] == [1, 2]


async def test_recorded_time_never_goes_back_along_a_shard(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    await store.commit(commit("a", 0, happened(time)))
    time.move(timedelta(hours=1))
    await store.commit(commit("a", 1, happened(time)))
    first, second = await store.read("a")
    assert second.recorded_at - first.recorded_at == timedelta(hours=1)


async def test_a_key_always_lies_in_one_shard_and_shards_are_tailed_apart(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store(shards=4)
    for number in range(40):
        key = f"s{number % 10}"
        await store.commit(commit(f"x-{number}", 0, happened(time), key=key))
    shards: dict[str, set[int]] = {}
    seen = 0
    for shard in range(4):
        for record in await store.tail(shard, 0):
            assert record.shard == shard
            shards.setdefault(record.key, set()).add(shard)
            seen += 1
    assert seen == 40
    assert all(len(found) == 1 for found in shards.values())
    assert len({shard for found in shards.values() for shard in found}) > 1


async def test_a_tail_goes_on_where_it_stopped_and_filters_by_topic(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    for number in range(7):
        await store.commit(commit("a", number, happened(time)))
    first = await store.tail(0, 0, limit=3)
    rest = await store.tail(0, first[-1].gpos)
    assert [record.version for record in [*first, *rest]] == [1, 2, 3, 4, 5, 6, 7]
    assert await store.tail(0, 0, topic="amends.complaints") == []
    assert len(await store.tail(0, 0, topic="amends.specialists")) == 7
    assert list(await store.heads()) == [rest[-1].gpos]


async def test_an_idempotency_key_counts_once_even_within_one_batch(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    first = Commit(appends=(append("a", 0, happened(time)),), claim=claim(id="a"))
    second = Commit(appends=(append("b", 0, happened(time)),), claim=claim(id="b"))
    results = await asyncio.gather(
        store.commit(first), store.commit(second), return_exceptions=True
    )
    assert isinstance(results[1], AlreadyClaimed)
    assert results[1].claim == claim(id="a")
    assert [record.stream for record in await everything(store)] == ["a"]
    assert await store.claimed("consumer:u1", "POST /v1/complaints", "k") == claim(id="a")


async def test_old_claims_are_let_go_and_younger_ones_are_not(open_store: OpenStore) -> None:
    store = await open_store()
    made = [START - timedelta(days=8), START - timedelta(days=6)]
    for number, at in enumerate(made):
        await store.commit(Commit(claim=replace(claim(key=f"k{number}"), created_at=at)))
    await store.forget_claims(START - timedelta(days=7))
    keys = [await store.claimed("consumer:u1", "POST /v1/complaints", f"k{n}") for n in (0, 1)]
    assert [found is not None for found in keys] == [False, True]


async def test_a_position_moves_only_from_where_it_is(open_store: OpenStore) -> None:
    store = await open_store()
    start = await store.position("sla", "amends.complaints", 0)
    assert (start.cursor, start.gpos) == (0, 0)
    one = Position(consumer="sla", source="amends.complaints", partition=0, cursor=5, gpos=5)
    two = Position(consumer="sla", source="amends.complaints", partition=0, cursor=9, gpos=9)
    await store.commit(Commit(advance=Advance(start, one)))
    with pytest.raises(PositionMoved):
        await store.commit(Commit(advance=Advance(start, two)))
    await store.commit(Commit(advance=Advance(one, two)))
    assert await store.position("sla", "amends.complaints", 0) == two


async def test_a_document_is_replaced_only_at_the_version_it_was_read_at(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    fresh = await store.document("case", "c1")
    assert (fresh.version, fresh.data) == (0, None)
    await store.commit(Commit(documents=(replace(fresh, data=b"1"),)))
    stale = Document(kind="case", key="c1", version=0, data=b"2")
    with pytest.raises(VersionConflict):
        await store.commit(Commit(documents=(stale,)))
    read = await store.document("case", "c1")
    assert read.data == b"1"
    await store.commit(
        Commit(documents=(Document(kind="case", key="c1", version=read.version, data=b"2"),))
    )
    assert [d.data for d in await store.documents("case")] == [b"2"]
    with pytest.raises(VersionConflict):
        await store.commit(
            Commit(documents=(Document(kind="case", key="c1", version=1, data=None),))
        )
    await store.commit(Commit(documents=(Document(kind="case", key="c1", version=2, data=None),)))
    assert await store.documents("case") == []


async def test_views_change_in_the_transaction_of_their_event(
    open_store: OpenStore, time: VirtualTime
) -> None:
    together: list[list[int]] = []

    def remember(facts: Sequence[Fact[Event]]) -> list[Statement]:
        together.append([fact.recorded.version for fact in facts])
        return [
            Statement(
                "INSERT INTO store (name, value) VALUES (:name, :value) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                {"name": fact.recorded.stream, "value": str(fact.recorded.version)},
            )
            for fact in facts
        ]

    store = await open_store(projection=remember)
    await store.commit(commit("a", 0, happened(time), happened(time)))
    assert together == [[1, 2]]
    query = Statement("SELECT value FROM store WHERE name = :name", {"name": "a"})
    assert await store.fetch(query) == [{"value": "2"}]
    with pytest.raises(VersionConflict):
        await store.commit(commit("a", 0, happened(time)))
    assert await store.fetch(query) == [{"value": "2"}]


async def test_whoever_watches_is_woken_by_a_commit(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    signal = store.watch()
    await store.commit(commit("a", 0, happened(time)))
    async with asyncio.timeout(5):
        await signal.wait(60)


async def test_nothing_is_recorded_before_the_horizon(
    open_store: OpenStore, time: VirtualTime
) -> None:
    store = await open_store()
    writing = asyncio.ensure_future(store.commit(commit("a", 0, happened(time))))
    horizon, seen = await store.horizon(), await store.read("a")
    while not writing.done():
        horizon = await store.horizon()
        seen = await store.read("a")
        time.move(timedelta(milliseconds=1))
        await asyncio.sleep(0)
    (recorded,) = await writing
    # What a reader who asked for the horizon first does not see was not recorded before it.
    assert seen or recorded.recorded_at >= horizon


async def test_a_reader_beside_twelve_writers_misses_nothing(
    open_store: OpenStore, time: VirtualTime
) -> None:
    """12 writers, 5 % refused commits, 50,000 events: the tail is exactly the table."""
    store = await open_store(shards=3)
    writers, commits, size = 12, 450, 10
    writing = asyncio.Event()

    async def write(writer: int) -> int:
        dice = random.Random(writer)
        version = refused = 0
        for _ in range(commits):
            events = [happened(time) for _ in range(size)]
            wrong = dice.random() < 0.05
            try:
                await store.commit(commit(f"w{writer}", version + wrong, *events, key=f"w{writer}"))
                version += size
            except VersionConflict:
                refused += 1
        return refused

    async def follow(shard: int) -> list[tuple[int, str, int]]:
        seen: list[tuple[int, str, int]] = []
        after = 0
        while True:
            done = not writing.is_set()
            records = await store.tail(shard, after, limit=97)
            seen += [(record.gpos, record.stream, record.version) for record in records]
            after = records[-1].gpos if records else after
            if done and not records:
                return seen
            await asyncio.sleep(0)

    writing.set()
    followers = [asyncio.ensure_future(follow(shard)) for shard in range(3)]
    refused = await asyncio.gather(*(write(writer) for writer in range(writers)))
    writing.clear()
    seen = [entry for follower in followers for entry in await follower]
    table = [(r.gpos, r.stream, r.version) for r in await everything(store)]
    assert sum(refused) > 100
    assert len(table) == writers * commits * size - sum(refused) * size
    assert len(table) >= 50_000
    assert seen == table
    assert max(Counter(gpos for gpos, _, _ in seen).values()) == 1
