"""The list: narrowed by every filter, walked by cursors, the same as looking at every complaint."""

from itertools import pairwise
from typing import Any

import pytest

from services.intake import listing
from tests.crossings.cases import FILING, HOUR, Case, file, hire
from tests.support.system import Client, System


async def ids(who: Client, **asked: Any) -> list[str]:
    """The ids of all pages."""
    found: list[str] = []
    cursor: str | None = None
    for _ in range(200):
        place: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
        page = await who.get("/v1/complaints", **(asked | place))
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found
    raise AssertionError("the list never ends")


async def office(system: System) -> list[Case]:
    """Some complaints that differ in everything lists are narrowed by."""
    await hire(system, team_id="t1", skills={"counterfeit": 7, "safety": 7, "quality": 7})
    cases = [await file(system)]
    await system.settle()
    await cases[0].contact()
    changes: list[dict[str, Any]] = [
        {"category": "quality"},
        {"category": "safety", "merchant_id": "m2"},
        {"order_ids": ["o1", "o2"], "consumer_id": "u2"},
        {"category": "quality", "merchant_id": "m2"},
        {},
    ]
    for number, change in enumerate(changes):
        await system.advance(HOUR * (number + 1))
        cases.append(await file(system, **change))
    consumer = system.as_("consumer", "u1")
    form = {**FILING, "channel": "form", "category": "safety"}
    cases.append(Case(system, (await consumer.post("/v1/complaints", form))["id"]))
    await system.settle()
    await cases[0].ask_merchant()
    await cases[1].act(cases[1].supervisor_of("t1"), "withdrawal", {})
    await system.settle()
    return cases


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"status": "awaiting_merchant"},
    {"turn": "specialist"},
    {"category": "quality"},
    {"category": "quality", "status": "withdrawn"},
    {"channel": "form"},
    {"priority": "normal", "category": "safety"},
    {"merchant_id": "m2"},
    {"merchant_id": "m2", "category": "quality"},
    {"consumer_id": "u2"},
    {"specialist_id": "s1", "merchant_id": "m1"},
    {"open": True},
    {"open": False},
    {"order_id": "o2"},
    {"order_id": "o1", "consumer_id": "u1", "open": True},
    {"band": "simple"},
    {"band": "moderate", "turn": "specialist"},
    {"status": "rejected"},
]


OVER = {"rejected", "duplicate", "resolved", "closed", "withdrawn"}


def value_of(complaint: dict[str, Any], name: str) -> Any:
    match name:
        case "open":
            return complaint["status"] not in OVER
        case "band":
            return (complaint["complexity"] or {}).get("band")
        case _:
            return complaint[name]


def fits(complaint: dict[str, Any], asked: dict[str, Any]) -> bool:
    rest = {name: value for name, value in asked.items() if name != "order_id"}
    about = "order_id" not in asked or asked["order_id"] in complaint["order_ids"]
    return about and all(value_of(complaint, name) == value for name, value in rest.items())


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_every_filter_is_what_looking_at_everything_gives(limit: int) -> None:
    async with System() as system:
        cases = await office(system)
        everything = [await case.now() for case in cases]
        ops = system.as_("ops", "o1")
        for asked in QUESTIONS:
            expected = [one["id"] for one in reversed(everything) if fits(one, asked)]
            assert await ids(ops, **asked, limit=limit) == expected, asked
        assert any(fits(one, {"band": "simple"}) for one in everything) or any(
            fits(one, {"band": "moderate"}) for one in everything
        )


async def test_everybody_lists_their_own_whatever_they_ask_for() -> None:
    async with System() as system:
        cases = await office(system)
        everything = [await case.now() for case in cases]

        def having(name: str, *values: Any) -> list[str]:
            return [one["id"] for one in reversed(everything) if one[name] in values]

        assert await ids(system.as_("consumer", "u1")) == having("consumer_id", "u1")
        merchant = system.as_("merchant", "clerk", merchant_id="m2")
        assert await ids(merchant) == having("merchant_id", "m2")
        assert await ids(merchant, merchant_id="m1") == []
        assert await ids(merchant, category="quality") == [cases[4].id]
        assert await ids(system.as_("specialist", "s1")) == having("specialist_id", "s1")
        assert await ids(system.as_("supervisor", "v1", team_id="t1")) == [
            one["id"] for one in reversed(everything)
        ]
        no_team = having("team_id", None)
        other = system.as_("supervisor", "v2", team_id="t2")
        assert await ids(other) == no_team
        assert await ids(other, limit=1) == no_team
        assert await ids(other, open=True) == [i for i in no_team if i != cases[1].id]
        assert await ids(system.as_("service", "sink", scopes=["streams:read"])) == [
            one["id"] for one in reversed(everything)
        ]
        assert await ids(system.as_("service", "filer", scopes=["hotline"])) == []


async def test_lists_are_narrowed_by_when_they_were_filed() -> None:
    async with System() as system:
        cases = await office(system)
        filed = [(await case.now())["filed_at"] for case in cases]
        ops = system.as_("ops", "o1")
        middle = {"filed_from": filed[2], "filed_before": filed[4]}
        assert await ids(ops, **middle) == [cases[3].id, cases[2].id]
        assert await ids(ops, filed_from=filed[5], open=True) == [cases[6].id, cases[5].id]
        assert all(one <= other for one, other in pairwise(filed))


async def test_where_filters_hardly_meet_pages_are_short_and_nothing_is_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "_WINDOWS", (1, 2, 2))
    monkeypatch.setattr(listing, "_WINDOWS_OF_ROWS", (1, 2))
    async with System() as system:
        cases = await office(system)
        everything = [await case.now() for case in cases]
        ops = system.as_("ops", "o1")
        for asked in QUESTIONS:
            if "order_id" not in asked:
                expected = [one["id"] for one in reversed(everything) if fits(one, asked)]
                assert await ids(ops, **asked) == expected, asked
        supervisor = system.as_("supervisor", "v2", team_id="t2")
        none = [one["id"] for one in reversed(everything) if one["team_id"] is None]
        assert await ids(supervisor, category="quality", open=False) == [
            i for i in none if i == cases[1].id
        ]


async def test_how_complex_it_is_is_for_staff() -> None:
    async with System() as system:
        await office(system)
        [*staff] = (await system.as_("ops", "o1").get("/v1/complaints"))["items"]
        assert all("band" in one and "team_id" in one for one in staff)
        [*own] = (await system.as_("consumer", "u1").get("/v1/complaints"))["items"]
        assert not any("band" in one or "team_id" in one for one in own)
