"""How far a merchant cooperates: order-free, point in time, with its uncertainty."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta as scipy_beta  # type: ignore[import-untyped]

from services.routing.domain.beta import cdf, quantile
from services.routing.domain.cooperation import (
    DayCount,
    Request,
    Ruling,
    day_of,
    estimate,
    learn,
    recount,
    ruling,
    tally_of,
)
from services.routing.domain.events import (
    MerchantConductNoted,
    MerchantTimelinessNoted,
    Verdict,
)
from services.routing.domain.merchants import (
    MERCHANT,
    Command,
    Merchant,
    NoteConduct,
    NoteTimeliness,
    Profile,
    PutProfile,
)
from services.routing.domain.policy import POLICY
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockStopped,
)
from shared.events.profiles import (
    MerchantChanged,
    MerchantCooperationEstimated,
    MerchantRegistered,
    SpecialistPresenceChanged,
)
from shared.events.vocabulary import ClockKind, CorrectionReason, Party
from tests.unit.routing.build import DAY, HOUR, NOW

CLOCK: dict[str, Any] = {
    "occurred_at": NOW,
    "complaint_id": "c1",
    "cycle": 1,
    "clock_id": "k1",
    "kind": ClockKind.MERCHANT_RESPONSE,
    "n": 1,
    "party": Party.MERCHANT,
}
ANSWERED = ClockStopped(**CLOCK, stopped_at=NOW, in_time=True, counted_seconds=60)
ANSWERED_LATE = ClockStopped(**CLOCK, stopped_at=NOW + DAY, in_time=False, counted_seconds=60)
BREACHED = ClockBreached(**CLOCK, responsible_id="m1", due_at=NOW)
WITHDRAWN = ClockCorrected(
    **CLOCK,
    cause_id="e1",
    reason=CorrectionReason.LATE_FACT,
    target="48h",
    due_at=NOW,
    warn_at=(),
    breach_withdrawn=True,
)
CANCELLED = ClockCancelled(**CLOCK, reason="withdrawn")
TODAY = day_of(NOW)


def learned(*events: ClockEvent) -> Ruling | None:
    request = Request()
    for event in events:
        request = learn(request, event)
    return ruling(request)


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ((), None),
        ((CANCELLED,), None),
        ((ANSWERED,), Verdict.IN_TIME),
        ((BREACHED,), Verdict.SILENT),
        ((BREACHED, ANSWERED_LATE), Verdict.LATE),
        ((ANSWERED_LATE,), None),
        ((BREACHED, WITHDRAWN), None),
        ((BREACHED, ANSWERED, WITHDRAWN), Verdict.IN_TIME),
    ],
)
def test_a_request_ends_in_at_most_one_verdict(
    events: tuple[ClockEvent, ...], verdict: Verdict | None
) -> None:
    found = learned(*events)
    assert (found.verdict if found else None) is verdict


@settings(deadline=None)
@given(st.permutations([BREACHED, ANSWERED, WITHDRAWN]), st.permutations([BREACHED, ANSWERED_LATE]))
def test_the_order_in_which_facts_arrive_does_not_matter(
    corrected: list[ClockEvent], late: list[ClockEvent]
) -> None:
    assert learned(*corrected) == Ruling(verdict=Verdict.IN_TIME, day=TODAY)
    assert learned(*late) == Ruling(verdict=Verdict.LATE, day=TODAY)


rulings = st.lists(
    st.builds(Ruling, verdict=st.sampled_from(Verdict), day=st.integers(TODAY - 500, TODAY + 5)),
    max_size=30,
)


@settings(deadline=None)
@given(rulings, st.randoms(use_true_random=False))
def test_the_same_facts_in_any_order_give_the_same_value(given_: list[Ruling], random: Any) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)
    assert estimate(tally_of(shuffled), NOW, POLICY) == estimate(tally_of(given_), NOW, POLICY)


@settings(deadline=None)
@given(rulings, rulings)
def test_taking_facts_back_restores_the_value_to_the_last_bit(
    kept: list[Ruling], reversed_: list[Ruling]
) -> None:
    tally = tally_of([*kept, *reversed_])
    for one in reversed_:
        tally = recount(tally, one, None)
    assert tally == tally_of(kept)


@settings(deadline=None)
@given(rulings)
def test_the_interval_holds_the_estimate_roughly_and_stays_within_bounds(
    given_: list[Ruling],
) -> None:
    found = estimate(tally_of(given_), NOW, POLICY)
    assert 0 <= found.low_ppm < found.high_ppm <= 1_000_000
    assert found.low_ppm < found.score_ppm < found.high_ppm


def test_a_new_merchant_gets_the_population_prior() -> None:
    found = estimate({}, NOW, POLICY)
    assert found.score_ppm == 700_000
    assert found.low_ppm < 600_000
    assert found.high_ppm > 800_000


def test_answers_raise_it_silence_lowers_it_most_and_lateness_lies_between() -> None:
    score = {
        verdict: estimate(tally_of([Ruling(verdict=verdict, day=TODAY)] * 5), NOW, POLICY).score_ppm
        for verdict in Verdict
    }
    assert score[Verdict.SILENT] < score[Verdict.LATE] < 700_000 < score[Verdict.IN_TIME]


def test_more_facts_make_it_surer() -> None:
    def width(facts: int) -> int:
        mixed = [
            Ruling(verdict=verdict, day=TODAY)
            for verdict in (Verdict.IN_TIME, Verdict.SILENT)
            for _ in range(facts)
        ]
        found = estimate(tally_of(mixed), NOW, POLICY)
        return found.high_ppm - found.low_ppm

    assert width(100) < width(10) < width(0)


def test_old_facts_fade_and_later_ones_are_not_known_yet() -> None:
    tally = tally_of([Ruling(verdict=Verdict.SILENT, day=TODAY)] * 10)
    now = estimate(tally, NOW, POLICY)
    half = estimate(tally, NOW + timedelta(days=90), POLICY)
    assert half.aspects["silent_milli"] == now.aspects["silent_milli"] // 2 == 5000
    assert now.score_ppm < half.score_ppm < 700_000
    assert estimate(tally, NOW - DAY, POLICY).score_ppm == 700_000


@pytest.mark.parametrize(
    ("a", "b"), [(0.5, 0.5), (7.0, 3.0), (7.25, 120.5), (1000.0, 30.0), (5e4, 2e4)]
)
def test_quantiles_agree_with_an_independent_implementation(a: float, b: float) -> None:
    for share in (0.1, 0.5, 0.9):
        assert quantile(share, a, b) == pytest.approx(scipy_beta.ppf(share, a, b), abs=1e-7)
    for x in (0.05, 0.3, 0.7, 0.95):
        assert cdf(x, a, b) == pytest.approx(scipy_beta.cdf(x, a, b), abs=1e-10)
    assert (cdf(0.0, a, b), cdf(1.0, a, b)) == (0.0, 1.0)


PROFILE = Profile(merchant_class="flagship", region="CN-31", contact=None)


def put(profile: Profile = PROFILE) -> PutProfile:
    return PutProfile(now=NOW, merchant_id="m1", profile=profile)


def note(
    before: Verdict | None, after: Verdict | None, clock_id: str = "k1", hours: int = 0
) -> NoteTimeliness:
    return NoteTimeliness(
        now=NOW + hours * HOUR,
        merchant_id="m1",
        complaint_id="c1",
        clock_id=clock_id,
        before=None if before is None else Ruling(verdict=before, day=TODAY),
        after=None if after is None else Ruling(verdict=after, day=TODAY),
        cause_id="e1",
        policy=POLICY,
    )


def conduct(violation_id: str = "v1", severity: int = 2, hours: int = 0) -> NoteConduct:
    return NoteConduct(
        now=NOW + hours * HOUR,
        merchant_id="m1",
        complaint_id="c1",
        violation_id=violation_id,
        severity=severity,
        cause_id="e2",
        policy=POLICY,
    )


def after(*commands: Command) -> Merchant:
    state = MERCHANT.initial
    for command in commands:
        state = MERCHANT.fold(MERCHANT.decide(command, state), state)
    return state


def test_a_profile_is_registered_once_then_changed() -> None:
    [registered] = MERCHANT.decide(put(), MERCHANT.initial)
    assert isinstance(registered, MerchantRegistered)
    assert MERCHANT.decide(put(), after(put())) == []
    other = Profile(merchant_class="standard", region=None, contact=None)
    [changed] = MERCHANT.decide(put(other), after(put()))
    assert isinstance(changed, MerchantChanged)
    assert after(put(), put(other)).profile == other


def test_a_verdict_is_noted_with_the_estimate_it_leads_to() -> None:
    noted, estimated = MERCHANT.decide(note(None, Verdict.IN_TIME), MERCHANT.initial)
    assert isinstance(noted, MerchantTimelinessNoted)
    assert isinstance(estimated, MerchantCooperationEstimated)
    assert estimated.score_ppm > 700_000
    assert (estimated.as_of, estimated.cause_id) == (NOW, "e1")
    assert MERCHANT.decide(note(Verdict.LATE, Verdict.LATE), MERCHANT.initial) == []


def test_a_corrected_verdict_replaces_the_earlier_one() -> None:
    corrected = after(note(None, Verdict.SILENT), note(Verdict.SILENT, Verdict.IN_TIME))
    assert corrected.days == {TODAY: DayCount(in_time=1)}
    assert after(note(None, Verdict.SILENT), note(Verdict.SILENT, None)).days == {}


def test_a_confirmed_violation_counts_against_it_by_severity_and_once() -> None:
    noted, estimated = MERCHANT.decide(conduct(), MERCHANT.initial)
    assert isinstance(noted, MerchantConductNoted)
    assert isinstance(estimated, MerchantCooperationEstimated)
    assert (noted.day, noted.severity) == (TODAY, 2)
    assert (estimated.aspects["violations_milli"], estimated.cause_id) == (2000, "e2")
    assert MERCHANT.decide(conduct(), after(conduct())) == []
    scores = [
        estimate(after(conduct(severity=severity)).days, NOW, POLICY).score_ppm
        for severity in (1, 2, 3)
    ]
    assert 700_000 > scores[0] > scores[1] > scores[2]
    silent = estimate(after(note(None, Verdict.SILENT)).days, NOW, POLICY).score_ppm
    assert scores[0] == silent


def test_a_violation_fades_and_was_not_known_before_it_was_decided() -> None:
    days = after(conduct(severity=3)).days
    assert estimate(days, NOW - DAY, POLICY).score_ppm == 700_000
    half = estimate(days, NOW + timedelta(days=90), POLICY)
    assert half.aspects["violations_milli"] == 1500


def test_taking_back_the_last_verdict_of_a_day_leaves_its_violations() -> None:
    found = after(note(None, Verdict.SILENT), conduct(), note(Verdict.SILENT, None))
    assert found.days == {TODAY: DayCount(violations=2)}


@settings(deadline=None)
@given(st.permutations(range(8)))
def test_verdicts_and_violations_in_any_order_make_the_same_merchant(order: list[int]) -> None:
    verdicts = list(Verdict) * 2
    facts: list[Command] = [note(None, verdicts[i], f"k{i}", hours=i) for i in range(6)]
    facts += [conduct(f"v{i}", severity=i, hours=20 * i) for i in (1, 2)]
    expected = after(*facts)
    found = after(*(facts[i] for i in order))
    assert found == expected
    assert estimate(found.days, NOW + DAY, POLICY) == estimate(expected.days, NOW + DAY, POLICY)


@settings(deadline=None)
@given(st.permutations(range(6)))
def test_merchants_with_the_same_facts_are_equal_whatever_came_first(order: list[int]) -> None:
    verdicts = list(Verdict) * 2
    notes = [note(None, verdicts[i], f"k{i}", hours=i) for i in range(6)]
    expected = after(*notes)
    found = after(*(notes[i] for i in order))
    assert found == expected
    assert found.as_of == NOW + 5 * HOUR


def test_other_events_change_no_merchant() -> None:
    noise = SpecialistPresenceChanged(occurred_at=NOW, specialist_id="s1", online=False, since=NOW)
    assert MERCHANT.evolve(after(put()), noise) == after(put())
