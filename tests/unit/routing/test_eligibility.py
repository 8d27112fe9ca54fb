"""The hard filters."""

from typing import Any

import pytest

from services.routing.domain.eligibility import (
    Filter,
    Objection,
    outcome_without_candidate,
    removed_by,
    speaks,
)
from services.routing.domain.events import Absence
from shared.events.profiles import Period
from shared.events.vocabulary import Category, Outcome
from tests.unit.routing.build import HOUR, NOW, specialist, waiting

PAST = (Period(start=NOW - 2 * HOUR, end=NOW - HOUR),)
NOW_ON = (Period(start=NOW, end=NOW + HOUR),)


EVERYTHING_WRONG: list[tuple[Filter, dict[str, Any]]] = [
    (Filter.SHIFT, {"shifts": PAST}),
    (Filter.LEAVE, {"leave": NOW_ON}),
    (Filter.PRESENCE, {"online": False}),
    (Filter.TIER, {"tier": 1}),
    (Filter.LANGUAGE, {"languages": ("en",)}),
    (Filter.SKILL, {"skills": {}}),
    (Filter.CAPACITY, {"capacity": 0}),
]


@pytest.mark.parametrize("first", range(len(EVERYTHING_WRONG)))
def test_the_first_failed_filter_in_order_is_the_one_recorded(first: int) -> None:
    wrong: dict[str, Any] = {}
    for _, change in EVERYTHING_WRONG[first:]:
        wrong |= change
    assert removed_by(waiting(), specialist(**wrong), 0, NOW) is EVERYTHING_WRONG[first][0]


def test_whoever_fails_nothing_is_a_candidate() -> None:
    assert removed_by(waiting(), specialist(shifts=NOW_ON), 0, NOW) is None


@pytest.mark.parametrize(
    ("absent", "failed"), [(Absence.SHIFT_END, Filter.SHIFT), (Absence.LEAVE, Filter.LEAVE)]
)
def test_an_absence_on_record_counts_until_the_return_is(absent: Absence, failed: Filter) -> None:
    away = specialist(absent=frozenset({absent}))
    assert removed_by(waiting(), away, 0, NOW) is failed


@pytest.mark.parametrize(
    ("load", "capacity", "failed"),
    [
        (0, 2, None),
        (18, 20, None),
        (19, 20, Filter.CAPACITY),
        (0, 1, None),
        (1, 2, Filter.CAPACITY),
        (0, 0, Filter.CAPACITY),
    ],
    ids=["fits", "just fits", "full", "idle takes a heavy one", "not beside", "takes nothing"],
)
def test_capacity(load: int, capacity: int, failed: Filter | None) -> None:
    assert removed_by(waiting(), specialist(capacity=capacity), load, NOW) is failed


def test_an_objection_elsewhere_or_a_second_one_here_is_a_conflict() -> None:
    elsewhere = (Objection(complaint_id="c9", specialist_id="s1"),)
    here = (Objection(complaint_id="c1", specialist_id="s1"),)
    other = (Objection(complaint_id="c9", specialist_id="s2"),)
    assert removed_by(waiting(objections=elsewhere), specialist(), 0, NOW) is Filter.CONFLICT
    once = waiting(objections=here, objected_to=("s1",))
    assert removed_by(once, specialist(), 0, NOW) is None
    twice = waiting(objections=here * 2, objected_to=("s1", "s1"))
    assert removed_by(twice, specialist(), 0, NOW) is Filter.CONFLICT
    assert removed_by(waiting(objections=other), specialist(), 0, NOW) is None


def test_a_decliner_is_not_asked_again() -> None:
    declined = waiting(declined_by=("s1",))
    assert removed_by(declined, specialist(), 0, NOW) is Filter.DECLINED


def test_other_matters_need_no_particular_skill() -> None:
    other = waiting(category=Category.OTHER)
    assert removed_by(other, specialist(skills={}), 0, NOW) is None


@pytest.mark.parametrize(
    ("languages", "wanted", "understood"),
    [
        (("zh-CN",), "zh-CN", True),
        (("zh",), "zh-CN", True),
        (("ZH-cn",), "zh", True),
        (("zh-TW",), "zh-CN", False),
        (("en", "zh-CN"), "zh-CN", True),
        ((), "en", False),
    ],
)
def test_languages(languages: tuple[str, ...], wanted: str, understood: bool) -> None:
    assert speaks(languages, wanted) is understood


def test_waiting_means_that_time_alone_may_help() -> None:
    passing: list[dict[str, Any]] = [
        {"shifts": PAST},
        {"leave": NOW_ON},
        {"online": False},
        {"capacity": 1},
    ]
    for change in passing:
        assert outcome_without_candidate(waiting(), [specialist(**change)]) is Outcome.WAITING
    lasting: list[dict[str, Any]] = [{"tier": 1}, {"languages": ("en",)}, {"skills": {}}]
    for change in lasting:
        away = specialist(online=False, **change)
        assert outcome_without_candidate(waiting(), [away]) is Outcome.UNROUTABLE
    assert outcome_without_candidate(waiting(), []) is Outcome.UNROUTABLE
