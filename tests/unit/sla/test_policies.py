"""Targets come from versioned policies; a clock keeps the version it started under."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.sla.domain.marketplace import MARKETPLACE, POLICIES
from services.sla.domain.observing import observe, opened
from services.sla.domain.policies import (
    Circumstances,
    Conditions,
    Policies,
    Policy,
    PolicyInvalid,
    Rule,
    Unit,
)
from shared.events.complaints import ComplaintAccepted, ComplaintAssessed
from shared.events.vocabulary import (
    Band,
    Category,
    Channel,
    ClockKind,
    Party,
    Priority,
    Status,
    Turn,
)
from tests.unit.sla.story import FILED, at, filing

NOW = Circumstances(
    channel=Channel.HOTLINE,
    category=Category.QUALITY,
    priority=Priority.NORMAL,
    merchant_class="standard",
    region=None,
)
K = ClockKind


@pytest.mark.parametrize(
    ("kind", "band", "target", "seconds"),
    [
        (K.ACKNOWLEDGEMENT, None, "5min", 300),
        (K.ASSIGNMENT, None, "30min", 1800),
        (K.FIRST_CONTACT, None, "24h", 86_400),
        (K.CONSUMER_REPLY, None, "7cd", 604_800),
        (K.MERCHANT_RESPONSE, None, "48h", 172_800),
        (K.RESOLUTION, None, "7cd", 604_800),
        (K.RESOLUTION, Band.SIMPLE, "3cd", 259_200),
        (K.RESOLUTION, Band.MODERATE, "7cd", 604_800),
        (K.RESOLUTION, Band.COMPLEX, "15cd", 1_296_000),
        (K.RESOLUTION, Band.CRITICAL, "2cd", 172_800),
        (K.REMEDY, None, "72h", 259_200),
        (K.FOLLOW_UP, None, "24h", 86_400),
        (K.SURVEY_WINDOW, None, "7cd", 604_800),
    ],
)
def test_the_marketplace_promises(
    kind: ClockKind, band: Band | None, target: str, seconds: int
) -> None:
    rule = MARKETPLACE.rule_for(kind, replace(NOW, band=band))
    assert (rule.target, rule.seconds) == (target, seconds)


def test_every_rule_says_where_its_number_comes_from() -> None:
    assert all(rule.source["en"] and rule.source["zh-CN"] for rule in MARKETPLACE.rules)


def test_only_the_resolution_counts_some_turns_alone() -> None:
    partly = {rule.kind for rule in MARKETPLACE.rules if rule.counted_turns is not None}
    assert partly == {K.RESOLUTION}


def test_only_windows_do_not_warn() -> None:
    silent = {rule.kind for rule in MARKETPLACE.rules if not rule.warn_percents}
    assert silent == {K.SURVEY_WINDOW, K.APPEAL_WINDOW}


def test_a_pack_without_a_clock_says_so() -> None:
    with pytest.raises(LookupError, match="review"):
        MARKETPLACE.rule_for(K.REVIEW, NOW)


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        (Conditions(), True),
        (Conditions(channels=(Channel.HOTLINE, Channel.APP)), True),
        (Conditions(channels=(Channel.FORM,)), False),
        (Conditions(categories=(Category.QUALITY,), priorities=(Priority.URGENT,)), False),
        (Conditions(merchant_classes=("standard",)), True),
        (Conditions(regions=("CN-31",)), False),
        (Conditions(bands=(Band.SIMPLE,)), False),
    ],
)
def test_all_conditions_must_hold(conditions: Conditions, holds: bool) -> None:
    assert conditions.hold(NOW) is holds


def rule(order: int, *, days: int = 1, conditions: Conditions | None = None) -> Rule:
    return Rule(
        id=f"r{order}-{days}",
        kind=K.FIRST_CONTACT,
        order=order,
        party=Party.SPECIALIST,
        amount=days,
        unit=Unit.CALENDAR_DAYS,
        source={"en": "a test"},
        conditions=conditions or Conditions(),
    )


URGENT = Conditions(priorities=(Priority.URGENT,))


def policy(*rules: Rule, version: int = 1) -> Policy:
    return Policy(
        id="shop", version=version, effective_from=datetime(2026, 1, 1, tzinfo=UTC), rules=rules
    )


def test_the_lowest_order_that_applies_wins() -> None:
    pack = policy(rule(2, days=3), rule(1, days=1, conditions=URGENT))
    assert pack.rule_for(K.FIRST_CONTACT, replace(NOW, priority=Priority.URGENT)).amount == 1
    assert pack.rule_for(K.FIRST_CONTACT, NOW).amount == 3


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ((rule(1), rule(1, days=2, conditions=URGENT)), "same order"),
        ((rule(1, conditions=URGENT),), "must apply to everything"),
        ((rule(1), rule(2)), "never be reached"),
    ],
)
def test_rules_that_overlap_or_leave_a_gap_are_refused(
    rules: tuple[Rule, ...], reason: str
) -> None:
    with pytest.raises(PolicyInvalid, match=reason):
        policy(*rules)


def test_a_version_is_never_replaced() -> None:
    with pytest.raises(PolicyInvalid, match="only followed"):
        Policies([policy(rule(1)), policy(rule(1, days=2))])


SECOND = replace(
    MARKETPLACE,
    version=2,
    effective_from=at(hours=1),
    rules=tuple(
        replace(r, amount=r.amount * 10) if r.kind is K.RESOLUTION else r for r in MARKETPLACE.rules
    ),
)


def test_a_clock_gets_the_version_in_force_at_its_start() -> None:
    policies = Policies([SECOND, MARKETPLACE])
    assert policies.in_force(at(hours=1)).name == "marketplace@2"
    assert policies.in_force(at(minutes=59)).name == "marketplace@1"
    assert policies.in_force(datetime(2020, 1, 1, tzinfo=UTC)).name == "marketplace@1"
    assert policies.all() == [MARKETPLACE, SECOND]


def test_a_running_clock_keeps_its_version() -> None:
    policies = Policies([SECOND, MARKETPLACE])
    case, _ = opened(filing(), recorded_at=FILED, cause_id="f1", policies=policies)
    accepted = ComplaintAccepted(
        occurred_at=FILED,
        complaint_id="c1",
        cycle=1,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        rule="hotline",
    )
    case, _ = observe(case, accepted, recorded_at=FILED, cause_id="f2", policies=policies)
    assessed = ComplaintAssessed(
        occurred_at=at(hours=2),
        complaint_id="c1",
        cycle=1,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        score=90,
        band=Band.CRITICAL,
        needed_tier=4,
        policy_version="1",
    )
    case, _ = observe(case, assessed, recorded_at=at(hours=2), cause_id="f3", policies=policies)
    clock = case.find(1, K.RESOLUTION)
    assert clock is not None
    assert clock.policy_version == "marketplace@1"
    assert clock.targets[-1].text == "2cd"


def test_an_unknown_version_is_an_error() -> None:
    with pytest.raises(KeyError):
        POLICIES.named("marketplace@99")
