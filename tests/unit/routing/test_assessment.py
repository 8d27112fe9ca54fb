"""How complex a complaint is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain.assessment import assess
from services.routing.domain.policy import POLICY
from shared.events.vocabulary import Band, Category, Channel
from tests.unit.routing.build import case


@settings(deadline=None)
@given(
    category=st.sampled_from(Category),
    channel=st.sampled_from(Channel),
    orders=st.integers(0, 50),
    missing=st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True).map(tuple),
    amount_minor=st.none() | st.integers(0, 10**12),
    currency=st.sampled_from([None, "CNY", "USD", "XXX"]),
    cycle=st.integers(1, 20),
    contradicted=st.sampled_from([(), ("o1",), ("o1", "o2")]),
    flagged=st.booleans(),
    cooperation=st.integers(0, 1_000_000),
)
def test_the_parts_add_up_to_a_score_of_0_to_100(cooperation: int, **facts: Any) -> None:
    found = assess(case(**facts), cooperation, POLICY)
    assert sum(found.parts.values()) == found.score
    assert 0 <= found.score <= 100
    assert found.band is POLICY.band_of(found.score)
    terms = POLICY.bands[found.band]
    assert (found.needed_tier, found.effort_minutes, found.weight) == (
        terms.tier,
        terms.effort_minutes,
        terms.weight,
    )


@pytest.mark.parametrize(
    ("score", "band", "tier"),
    [
        (0, Band.SIMPLE, 1),
        (24, Band.SIMPLE, 1),
        (25, Band.MODERATE, 2),
        (44, Band.MODERATE, 2),
        (45, Band.COMPLEX, 3),
        (64, Band.COMPLEX, 3),
        (65, Band.CRITICAL, 4),
        (100, Band.CRITICAL, 4),
    ],
)
def test_bands_and_the_tier_they_need(score: int, band: Band, tier: int) -> None:
    assert POLICY.band_of(score) is band
    assert POLICY.bands[band].tier == tier


def test_safety_is_never_less_than_critical() -> None:
    mild = assess(
        case(category=Category.SAFETY, missing=(), amount_minor=None, channel=Channel.FORM),
        1_000_000,
        POLICY,
    )
    assert (mild.score, mild.band) == (POLICY.critical_from, Band.CRITICAL)
    grave = assess(
        case(category=Category.SAFETY, orders=9, amount_minor=10**9, cycle=4),
        0,
        POLICY,
    )
    assert grave.parts["safety"] == POLICY.points_safety


@pytest.mark.parametrize(
    ("minor", "currency", "points"),
    [
        (None, None, 0),
        (10_000, "CNY", 0),
        (10_001, "CNY", 3),
        (10_001, None, 3),
        (100_000, "USD", 10),
        (1_000_001, "CNY", 15),
    ],
)
def test_the_amount_counts_by_size_class(minor: int | None, currency: str, points: int) -> None:
    found = assess(case(amount_minor=minor, currency=currency), 700_000, POLICY)
    assert found.parts["amount"] == points


def test_a_merchant_who_stalls_makes_it_harder() -> None:
    willing = assess(case(), 1_000_000, POLICY)
    stalling = assess(case(), 0, POLICY)
    assert stalling.score - willing.score == POLICY.points_cooperation_most


def test_conflicting_accounts_add_to_it_however_many_orders_differ() -> None:
    plain = assess(case(), 700_000, POLICY)
    for contradicted in (("o1",), ("o1", "o2")):
        found = assess(case(contradicted=contradicted), 700_000, POLICY)
        assert found.score == plain.score + POLICY.points_conflicting_accounts


def test_signs_of_bad_faith_make_no_case_more_complex_and_so_none_slower() -> None:
    assert assess(case(flagged=True), 700_000, POLICY) == assess(case(), 700_000, POLICY)
