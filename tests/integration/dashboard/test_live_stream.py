"""`/v1/stream` over the whole platform: who gets what, and going on where one broke off."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.dashboard import feed_copy, main
from services.dashboard.audience import MASKED
from services.dashboard.settings import DashboardSettings
from shared.auth import Principal
from shared.eventlog.ports import Commit, Statement
from shared.events import Event, Fact
from shared.events.personal import UNREADABLE
from shared.events.vocabulary import Role
from shared.observability import Metrics
from shared.service import Service
from tests.integration.dashboard.live import bearer, stream
from tests.support.erasing import erase
from tests.support.system import System

OPS = Principal(role=Role.OPS, subject="o")
CONSUMER = Principal(role=Role.CONSUMER, subject="u1")
MERCHANT = Principal(role=Role.MERCHANT, subject="clerk", merchant_id="m1")
OWNERS = ("intake", "routing", "sla", "notify")
FILING = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "quality",
    "description": "The lamp broke at once.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "en",
}


async def filed(system: System, **changes: Any) -> str:
    """File a complaint and let everything settle."""
    caller = system.as_("specialist", "caller")
    answer = await caller.post("/v1/complaints", {**FILING, **changes}, key=repr(changes))
    await system.settle()
    return str(answer["id"])


async def copied(system: System) -> int:
    """How many events there are to be streamed."""
    total = 0
    for name in OWNERS:
        total += sum(record.topic is not None for record in await system.records(name))
    return total


async def test_staff_get_every_event_of_every_service_once() -> None:
    async with System() as system:
        await filed(system)
        count = await copied(system)
        async with stream(system.app, bearer(system, OPS), cursor="begin") as browser:
            received = await browser.take_all(count)
        assert browser.status == 200
        assert browser.content_type.startswith("text/event-stream")
    ids = [message.body["id"] for message in received]
    assert len(set(ids)) == count
    assert {"amends.complaint.filed.v1", "amends.clock.started.v1"} <= {m.event for m in received}
    assert received[0].body["data"]["description"]["v"] == FILING["description"]


async def test_a_stream_without_a_cursor_begins_now_and_goes_on_as_things_happen() -> None:
    async with System() as system:
        await filed(system)
        before = await copied(system)
        async with stream(system.app, bearer(system, OPS)) as browser:
            await browser.opened()
            second = await filed(system, consumer_id="u2")
            received = await browser.take_all(await copied(system) - before)
    assert {message.body["key"] for message in received} == {second}
    assert "amends.complaint.filed.v1" in {message.event for message in received}


async def test_a_browser_that_breaks_off_anywhere_goes_on_without_loss_or_double() -> None:
    async with System() as system:
        await filed(system)
        await filed(system, consumer_id="u2")
        count = await copied(system)
        async with stream(system.app, bearer(system, OPS), cursor="begin") as browser:
            whole = [message.body["id"] for message in await browser.take_all(count)]
        for kept in range(1, count, 3):
            async with stream(system.app, bearer(system, OPS), cursor="begin") as browser:
                before = await browser.take_all(kept)
            headers = bearer(system, OPS, **{"Last-Event-ID": before[-1].id})
            async with stream(system.app, headers) as browser:
                rest = await browser.take_all(count - kept)
            assert [message.body["id"] for message in before + rest] == whole


async def test_a_cursor_holds_after_the_dashboard_was_built_anew() -> None:
    async with System() as system:
        await filed(system)
        count = await copied(system)
        async with stream(system.app, bearer(system, OPS), cursor="begin") as browser:
            before = await browser.take_all(count // 2)
        await rebuilt(system)
        async with stream(system.app, bearer(system, OPS), cursor=before[-1].id) as browser:
            rest = await browser.take_all(count - len(before))
    ids = [message.body["id"] for message in before + rest]
    assert len(set(ids)) == count


async def rebuilt(system: System) -> Service:
    """A dashboard on an empty store in place of the old one; it reads everything again."""
    edges = replace(system.edges, metrics=Metrics())
    old = system.service("dashboard")
    new = await main.build(DashboardSettings(), edges)
    system.services = tuple(new if service is old else service for service in system.services)
    system.app.state.dashboard = new.facade
    await old.log.close()
    await system.settle()
    return new


async def test_a_consumer_gets_only_what_concerns_their_own_complaints() -> None:
    async with System() as system:
        mine = await filed(system)
        await filed(system, consumer_id="u2")
        async with stream(system.app, bearer(system, CONSUMER), cursor="begin") as browser:
            received = await browser.take_all(6)
    assert {message.body["key"] for message in received} == {mine}
    assert received[0].body["data"]["description"]["v"] == FILING["description"]
    types = {message.event for message in received}
    assert "amends.complaint.assessed.v1" not in types
    assert not any(name.startswith("amends.assignment") for name in types)


async def test_a_merchant_gets_its_own_complaints_without_personal_texts() -> None:
    async with System() as system:
        await filed(system, merchant_id="m2")
        against_us = await filed(system)
        async with stream(system.app, bearer(system, MERCHANT), cursor="begin") as browser:
            received = await browser.take_all(4)
    assert {message.body["key"] for message in received} == {against_us}
    assert received[0].body["data"]["description"]["v"] == MASKED
    assert all(message.body["actor"]["id"] is None for message in received)


async def test_texts_are_read_by_whoever_may_until_their_person_is_erased() -> None:
    async with System() as system:
        await filed(system)
        ops = system.as_("ops", "o")
        contact = {"email": "shop@example.com"}
        await ops.put("/v1/merchants/m1", {"class": "gold", "contact": contact})
        await system.settle()
        assert str(FILING["description"]).encode() not in await kept(system)
        before = await texts(system, OPS)
        assert {FILING["description"], "shop@example.com"} <= before
        await erase(system, "u1")
        after = await texts(system, OPS)
        assert UNREADABLE in after
        assert before - after == {FILING["description"]}
        assert await texts(system, MERCHANT) == {MASKED}


async def kept(system: System) -> bytes:
    """All that the copy holds of events."""
    rows = await system.service("dashboard").log.fetch(
        Statement("SELECT data FROM dashboard_feed_event")
    )
    return b"\n".join(bytes(row["data"]) for row in rows)


async def texts(system: System, reader: Principal) -> set[str]:
    """The personal texts in all that the reader gets, each as `{"s", "v"}`."""
    everything = await copied(system) if reader is OPS else 4
    async with stream(system.app, bearer(system, reader), cursor="begin") as browser:
        received = await browser.take_all(everything)
    return {text for message in received for text in _texts(message.body["data"])}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "s" in value:
            assert set(value) == {"s", "v"}
            yield value["v"]
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


async def test_a_poison_event_parks_its_key_alone_and_reaches_the_stream_once_redriven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with System() as system:
        (consumer,) = system.service("dashboard").consumers
        system.paused.add("dashboard")
        bad = await filed(system)
        good = await filed(system, consumer_id="u2")
        keys = [r.key for name in OWNERS for r in await system.records(name) if r.topic]
        system.paused.clear()
        with monkeypatch.context() as patch:
            patch.setattr(main, "copied", _poisoned(bad))
            await system.settle()
        assert consumer.parked == {bad}
        async with stream(system.app, bearer(system, OPS), cursor="begin") as browser:
            received = await browser.take_all(keys.count(good))
        assert {message.body["key"] for message in received} == {good}
        assert await consumer.redrive(bad) == keys.count(bad)
        async with stream(system.app, bearer(system, OPS), cursor=received[-1].id) as browser:
            late = await browser.take_all(keys.count(bad))
    assert {message.body["key"] for message in late} == {bad}
    assert len({message.body["id"] for message in late}) == keys.count(bad)


def _poisoned(key: str) -> Callable[..., list[Statement]]:
    """A copy that fails for one complaint."""

    def copied(fact: Fact[Event], *, late: bool = False) -> list[Statement]:
        if fact.recorded.key == key:
            raise ValueError("unreadable")
        return feed_copy.copied(fact, late=late)

    return copied


@pytest.mark.parametrize(
    ("reader", "allowed"),
    [
        (Principal(role=Role.SERVICE, subject="x"), False),
        (Principal(role=Role.SERVICE, subject="x", scopes=frozenset({"streams:read"})), True),
    ],
)
async def test_a_program_needs_the_scope_to_read_streams(reader: Principal, allowed: bool) -> None:
    async with System() as system:
        await filed(system)
        async with stream(system.app, bearer(system, reader), cursor="begin") as browser:
            if allowed:
                assert (await browser.next()).event == "amends.complaint.filed.v1"
            else:
                assert (await browser.problem())["code"] == "forbidden"


async def test_without_a_token_there_is_no_stream() -> None:
    async with System() as system, stream(system.app, {}) as browser:
        assert (await browser.problem())["code"] == "token_missing"


async def test_a_cursor_nobody_gave_out_is_refused() -> None:
    async with System() as system:
        async with stream(system.app, bearer(system, OPS), cursor="nonsense!") as browser:
            assert (await browser.problem())["code"] == "validation_failed"
        assert browser.status == 422


async def test_a_cursor_from_before_what_is_kept_is_told_so() -> None:
    async with System() as system:
        await filed(system)
        async with stream(system.app, bearer(system, OPS), cursor="begin") as browser:
            first = await browser.next()
        deleted = Statement("UPDATE dashboard_feed_head SET floor_gpos = head_gpos")
        await system.service("dashboard").log.commit(Commit(statements=(deleted,)))
        headers = bearer(system, OPS, **{"Last-Event-ID": first.id})
        async with stream(system.app, headers) as browser:
            assert (await browser.problem())["code"] == "cursor_too_old"
        assert browser.status == 410
