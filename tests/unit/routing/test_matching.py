"""Costs and rounds."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain.eligibility import (
    Waiting,
)
from services.routing.domain.matching import in_order, one_round
from services.routing.domain.policy import POLICY
from services.routing.domain.scoring import cost
from services.routing.domain.specialists import Specialist
from services.routing.solver import least_cost
from shared.events.vocabulary import Band, Category, Priority
from tests.unit.routing.build import DAY, HOUR, NOW, specialist, waiting
from tests.unit.routing.office import pairs, rounds, staff


def test_parts_of_the_cost_add_up() -> None:
    found = cost(
        waiting(priority=Priority.URGENT, previous_specialist_id="s1"),
        specialist(tier=4, capacity=7),
        3,
        NOW,
        POLICY,
    )
    assert found.score == pytest.approx(sum(found.parts.values()))
    assert found.parts["continuity"] == -POLICY.continuity_minutes
    assert found.parts["tier"] == 2 * POLICY.tier_surplus_minutes
    assert found.parts["urgency"] > 0
    assert found.parts["senior"] == 0.0
    risky = cost(waiting(flagged=True), specialist(tier=4), 3, NOW, POLICY)
    assert risky.parts["senior"] == -3 * POLICY.senior_minutes
    assert risky.score == pytest.approx(sum(risky.parts.values()))


def best(about: Waiting, *specialists: Specialist, **loads: int) -> str:
    return pairs(rounds([about], staff(*specialists, **loads)))[about.case.complaint_id]


def test_the_more_skilled_is_preferred() -> None:
    novice = specialist("s1", skills={Category.COUNTERFEIT: 2})
    assert best(waiting(), novice, specialist("s2")) == "s2"


def test_the_less_loaded_is_preferred() -> None:
    assert best(waiting(), specialist("s1"), specialist("s2"), s1=10, s2=2) == "s2"


def test_seniors_are_kept_free() -> None:
    assert best(waiting(), specialist("s1", tier=4), specialist("s2")) == "s2"


def test_the_previous_specialist_is_preferred_after_a_reopening() -> None:
    again = waiting(previous_specialist_id="s2", cycle=2)
    assert best(again, specialist("s1"), specialist("s2"), s2=10) == "s2"


def test_ties_go_to_the_lower_id() -> None:
    assert best(waiting(), specialist("s3"), specialist("s1"), specialist("s2")) == "s1"


def test_the_queue_is_urgent_first_then_old_then_by_id() -> None:
    queue = [
        waiting("c3"),
        waiting("c2"),
        waiting("c1", since=NOW + HOUR),
        waiting("c4", priority=Priority.URGENT, since=NOW + DAY),
    ]
    ordered = [one.case.complaint_id for one in in_order(queue, NOW, POLICY)]
    assert ordered == ["c4", "c2", "c3", "c1"]


def test_one_case_per_specialist_a_round_until_nothing_moves() -> None:
    queue = [waiting(f"c{i}") for i in range(5)]
    matches = rounds(queue, staff(specialist("s1", capacity=4), specialist("s2", capacity=4)))
    assert [match.round for match in matches] == [1, 1, 2, 2]
    assert sorted(pairs(matches).values()) == ["s1", "s1", "s2", "s2"]
    assert [match.load for match in matches] == [0, 0, 2, 2]


def test_the_oldest_is_served_first_even_if_another_would_cost_less() -> None:
    costly_but_old = waiting("c2", band=Band.MODERATE)
    cheap_but_new = waiting("c1", band=Band.SIMPLE, since=NOW + HOUR)
    only = staff(specialist("s1", capacity=2))
    assert pairs(rounds([cheap_but_new, costly_but_old], only)) == {"c2": "s1"}


def test_making_way_for_a_case_that_only_one_can_take() -> None:
    chinese = waiting("c1")
    english = waiting("c2", language="en", since=NOW + HOUR)
    both = specialist("s1", languages=("zh-CN", "en"), skills={Category.COUNTERFEIT: 10})
    matches = one_round([chinese, english], staff(both, specialist("s2")), NOW, POLICY, least_cost)
    assert pairs(matches) == {"c1": "s2", "c2": "s1"}


def test_an_early_case_is_never_displaced_by_later_ones() -> None:
    queue = [waiting("c1"), waiting("c2", since=NOW + HOUR), waiting("c3", since=NOW + DAY)]
    english = waiting("c4", language="en", since=NOW + 2 * DAY)
    office = staff(specialist("s1", capacity=2), specialist("s2", languages=("en",), capacity=2))
    assert pairs(rounds([*queue, english], office)) == {"c1": "s1", "c4": "s2"}


def test_the_work_of_a_round_is_limited_by_rows() -> None:
    narrow = replace(POLICY, most_rows=2)
    queue = [waiting(f"c{i}") for i in range(4)]
    people = staff(*(specialist(f"s{i}") for i in range(4)))
    assert len(one_round(queue, people, NOW, narrow, least_cost)) == 2
    assert one_round([], people, NOW, narrow, least_cost) == []


@settings(max_examples=60, deadline=None)
@given(
    levels=st.lists(st.integers(1, 10), min_size=1, max_size=4),
    loads=st.lists(st.integers(0, 8), min_size=4, max_size=4),
    cases=st.integers(1, 4),
)
def test_a_round_costs_no_more_than_any_other_way(
    levels: list[int], loads: list[int], cases: int
) -> None:
    people = [
        specialist(f"s{i}", skills={Category.COUNTERFEIT: level}) for i, level in enumerate(levels)
    ]
    staffing = staff(*people, **{f"s{i}": load for i, load in enumerate(loads)})
    queue = [waiting(f"c{i}") for i in range(cases)]
    matches = one_round(queue, staffing, NOW, POLICY, least_cost)
    assert len(matches) == min(len(people), cases)

    def total(chosen: Sequence[Specialist]) -> float:
        return sum(
            cost(match.waiting, one, staffing.loads[one.specialist_id], NOW, POLICY).score
            for match, one in zip(matches, chosen, strict=True)
        )

    cheapest = min(total(chosen) for chosen in permutations(people, len(matches)))
    assert sum(match.cost.score for match in matches) == pytest.approx(cheapest)
    again = one_round(
        in_order(list(reversed(queue)), NOW, POLICY), staffing, NOW, POLICY, least_cost
    )
    assert pairs(again) == pairs(matches)


def test_where_there_are_signs_of_bad_faith_a_senior_is_preferred() -> None:
    junior, senior = specialist("s1", tier=2), specialist("s2", tier=4)
    assert best(waiting(), junior, senior) == "s1"
    assert best(waiting(flagged=True), junior, senior) == "s2"
    assert best(waiting(flagged=True), junior, senior, s2=10) == "s2"


def test_with_no_senior_free_such_a_case_waits_for_nobody() -> None:
    junior, senior = specialist("s1", tier=2), specialist("s2", tier=4, capacity=4)
    assert best(waiting(flagged=True), junior, senior, s2=4) == "s1"
    away = specialist("s2", tier=4, online=False)
    assert best(waiting(flagged=True), junior, away) == "s1"


def test_such_a_case_keeps_its_place_in_the_queue() -> None:
    queue = [waiting("c1"), waiting("c2", flagged=True)]
    assert [one.case.complaint_id for one in in_order(queue, NOW, POLICY)] == ["c1", "c2"]
