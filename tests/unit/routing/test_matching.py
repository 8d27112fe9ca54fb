"""Filters, costs, rounds, and the decisions they lead to."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain.choice import chosen_by_supervisor, matched, unmatched
from services.routing.domain.eligibility import (
    Filter,
    Objection,
    Waiting,
    outcome_without_candidate,
    removed_by,
    speaks,
)
from services.routing.domain.events import Absence
from services.routing.domain.matching import Match, Staffing, all_rounds, in_order, one_round
from services.routing.domain.policy import POLICY
from services.routing.domain.scoring import cost
from services.routing.domain.sentences import assigned, unassigned
from services.routing.domain.specialists import Specialist
from services.routing.solver import least_cost
from shared.events.assignments import Candidate
from shared.events.profiles import Period
from shared.events.vocabulary import Band, Category, Outcome, Priority
from tests.unit.routing.build import DAY, HOUR, NOW, specialist, waiting

PAST = (Period(start=NOW - 2 * HOUR, end=NOW - HOUR),)
NOW_ON = (Period(start=NOW, end=NOW + HOUR),)


def staff(*specialists: Specialist, **loads: int) -> Staffing:
    return Staffing(specialists={one.specialist_id: one for one in specialists}, loads=loads)


def rounds(queue: Sequence[Waiting], staffing: Staffing) -> list[Match]:
    return all_rounds(queue, staffing, NOW, POLICY, least_cost)


def pairs(matches: Sequence[Match]) -> dict[str, str]:
    return {m.waiting.case.complaint_id: m.specialist.specialist_id for m in matches}


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
    again = one_round(list(reversed(queue)), staffing, NOW, POLICY, least_cost)
    assert pairs(again) == pairs(matches)


def test_a_decision_names_every_candidate_and_what_removed_each() -> None:
    office = staff(specialist("s1"), specialist("s2", tier=1), specialist("s3", online=False))
    [match] = rounds([waiting()], office)
    choice = matched(match, office, NOW, POLICY, {"amends.complaints": 7})
    assert [(c.specialist_id, c.removed_by) for c in choice.candidates] == [
        ("s1", None),
        ("s2", "tier"),
        ("s3", "presence"),
    ]
    assert (choice.outcome, choice.specialist_id, choice.team_id) == (
        Outcome.ASSIGNED,
        "s1",
        "t1",
    )
    assert choice.positions == {"amends.complaints": 7}
    assert choice.inputs["round"] == 1
    assert choice.candidates[0].score == match.cost.score


def test_the_sentence_says_when_it_is_the_same_person_again() -> None:
    office = staff(specialist("s1"))
    [match] = rounds([waiting(previous_specialist_id="s1")], office)
    choice = matched(match, office, NOW, POLICY, {})
    assert choice.sentence == assigned(Category.COUNTERFEIT, again=True)
    assert choice.sentence != assigned(Category.COUNTERFEIT, again=False)


@pytest.mark.parametrize(
    ("change", "outcome", "word"),
    [
        ({"online": False}, Outcome.WAITING, "offline"),
        ({"shifts": PAST}, Outcome.WAITING, "shift"),
        ({"tier": 1}, Outcome.UNROUTABLE, "seniority"),
        ({"languages": ("en",)}, Outcome.UNROUTABLE, "language"),
    ],
)
def test_nobody_can_take_it_and_why(change: dict[str, Any], outcome: Outcome, word: str) -> None:
    choice = unmatched(waiting(), staff(specialist(**change)), NOW, POLICY, {})
    assert (choice.outcome, choice.specialist_id) == (outcome, None)
    assert word in choice.sentence["en"]
    assert choice.sentence["zh-CN"]


def test_words_for_an_empty_house_and_for_unnamed_reasons() -> None:
    assert "no specialists" in unassigned(Outcome.UNROUTABLE, ())["en"]
    free = (Candidate(specialist_id="s1", removed_by=None),)
    assert "not free" in unassigned(Outcome.WAITING, free)["en"]
    assert "qualification" in unassigned(Outcome.UNROUTABLE, free)["en"]


def test_a_supervisors_choice_records_what_it_overrode() -> None:
    choice = chosen_by_supervisor(
        waiting=waiting(),
        specialist=specialist(tier=1, capacity=0),
        load=3,
        supervisor_id="boss",
        now=NOW,
        policy=POLICY,
        positions={},
    )
    assert choice.inputs["overridden_filter"] == "tier"
    assert (choice.inputs["decided_by"], choice.inputs["supervisor_id"]) == (
        "supervisor",
        "boss",
    )
    fits = chosen_by_supervisor(
        waiting=waiting(),
        specialist=specialist(),
        load=0,
        supervisor_id="boss",
        now=NOW,
        policy=POLICY,
        positions={},
    )
    assert fits.inputs["overridden_filter"] is None
    assert fits.candidates[0].score is not None
