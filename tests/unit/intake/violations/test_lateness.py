"""Missed deadlines are counted over a merchant's complaints, each once, in whatever order."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from services.intake.domain.violations.lateness import (
    Breach,
    Breaches,
    held_against,
    remembered,
    repeated,
)
from services.intake.domain.violations.policy import ViolationPolicy
from tests.unit.intake.story import NOW

POLICY = ViolationPolicy()


def on(day: float, violation_id: str | None = None) -> Breach:
    return Breach(due_at=NOW + timedelta(days=day), violation_id=violation_id)


def learned(breaches: Sequence[tuple[str, Breach]]) -> tuple[Breaches, list[tuple[str, ...]]]:
    """What is known after these became known one by one, and the violations on the way."""
    known: dict[str, Breach] = {}
    found: list[tuple[str, ...]] = []
    for clock, breach in breaches:
        known = {**known, clock: breach}
        together = repeated(known, clock, POLICY)
        if together:
            found.append(together)
            known = held_against(known, together, f"v{len(found)}")
    return known, found


@pytest.mark.parametrize("order", list(permutations([("a", 0), ("b", 10), ("c", 30)])))
def test_the_third_within_thirty_days_makes_a_violation_whatever_comes_first(
    order: list[tuple[str, int]],
) -> None:
    known, found = learned([(clock, on(day)) for clock, day in order])
    assert found == [("a", "b", "c")]
    assert {breach.violation_id for breach in known.values()} == {"v1"}


def test_three_over_a_longer_time_make_none() -> None:
    assert learned([("a", on(0)), ("b", on(10)), ("c", on(30.1))])[1] == []


def test_none_is_counted_twice() -> None:
    days = {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "f": 5}
    _, found = learned([(clock, on(day)) for clock, day in days.items()])
    assert found == [("a", "b", "c"), ("d", "e", "f")]


def test_one_that_comes_late_counts_with_those_around_it() -> None:
    _, found = learned([("a", on(0)), ("x", on(40)), ("y", on(50)), ("late", on(35))])
    assert found == [("late", "x", "y")]


def test_what_is_long_past_is_forgotten() -> None:
    known = {"old": on(0), "new": on(121), "edge": on(1)}
    assert set(remembered(known, POLICY)) == {"new", "edge"}
