"""Which penalty is recommended for what."""

import pytest

from services.intake.domain.violations.policy import (
    LADDERS,
    REPORTED_SEVERITY,
    ViolationPolicy,
    recommend,
)
from shared.events.vocabulary import Penalty, ViolationKind

POLICY = ViolationPolicy()


@pytest.mark.parametrize(
    ("severity", "earlier", "grade", "penalty"),
    [
        (1, 0, 1, Penalty.WARNING),
        (1, 1, 2, Penalty.FINE),
        (1, 2, 3, Penalty.TRAFFIC_LIMIT),
        (1, 9, 3, Penalty.TRAFFIC_LIMIT),
        (2, 0, 2, Penalty.FINE),
        (3, 0, 3, Penalty.TRAFFIC_LIMIT),
        (3, 1, 4, Penalty.LISTING_REMOVAL),
        (3, 2, 5, Penalty.SHOP_SUSPENSION),
    ],
)
def test_severity_and_repetition_make_it_graver(
    severity: int, earlier: int, grade: int, penalty: Penalty
) -> None:
    found = recommend(POLICY, ViolationKind.COUNTERFEIT, severity, earlier)
    assert (found.grade, found.penalty) == (grade, penalty)


def test_no_listing_is_removed_for_what_somebody_said() -> None:
    found = recommend(POLICY, ViolationKind.ABUSIVE_LANGUAGE, 3, 1)
    assert (found.grade, found.penalty) == (4, Penalty.TRAFFIC_LIMIT)


def test_there_is_a_penalty_for_every_kind_and_grade_and_none_gets_lighter() -> None:
    assert set(LADDERS) == set(REPORTED_SEVERITY) == set(ViolationKind)
    order = list(Penalty)
    for ladder in LADDERS.values():
        assert [order.index(one) for one in ladder] == sorted(map(order.index, ladder))
        assert len(ladder) == 5
    assert set(REPORTED_SEVERITY.values()) <= {1, 2, 3}
