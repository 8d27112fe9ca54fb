"""What holds for every story: the order in which things become known decides nothing."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.sla.domain.ledger import ledger
from services.sla.domain.observing import LaterFact
from services.sla.domain.timeline import TurnChange, Turns, counted, reach, segments
from shared.events.clocks import ClockBreached, ClockCorrected, ClockStarted, ClockWarned
from shared.events.complaints import (
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFollowUpSent,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ConsumerAsked,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.escalation import (
    ComplaintReferred,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged
from shared.events.vocabulary import Band, ClockKind, CloseReason, Payer, Turn
from tests.unit.sla.story import FILED, Story, at, final_ledger


@dataclass(frozen=True)
class Step:
    """A fact, how long after the record before it is recorded, and how much earlier it was."""

    kind: type[LaterFact]
    over: dict[str, Any]
    gap: timedelta
    lateness: timedelta


FACTS: list[tuple[type[LaterFact], dict[str, Any]]] = [
    (ComplaintAcknowledged, {}),
    (ComplaintAssigned, {}),
    (ComplaintAssigned, {"specialist_id": "s2"}),
    (ComplaintUnassigned, {}),
    (ContactMade, {}),
    *((ComplaintAssessed, {"band": band}) for band in Band),
    *((MerchantAsked, {"n": n}) for n in (1, 2)),
    *((MerchantAnswered, {"n": n}) for n in (1, 2)),
    *((ConsumerAsked, {"n": n}) for n in (4, 5)),
    *((ConsumerAnswered, {"n": n}) for n in (4, 5)),
    (RequestLapsed, {"n": 1}),
    *((SolutionProposed, {"n": 3, "payer": payer}) for payer in Payer),
    (SolutionRejected, {"n": 3}),
    (SolutionAccepted, {"n": 3}),
    (RemedyDone, {"n": 3}),
    (RemedyFailed, {"n": 3}),
    (SolutionProposed, {"n": 6, "payer": Payer.PLATFORM, "needs_approval": True}),
    (SolutionApproved, {"n": 6}),
    (SolutionReturned, {"n": 6}),
    (SuperiorReviewRequested, {}),
    (SuperiorReviewDecided, {}),
    (SuperiorReviewDecided, {"solution_n": 7, "payer": Payer.MERCHANT}),
    (ComplaintReferred, {}),
    (ReferralEnded, {}),
    (ReferralEnded, {"solution_n": 8, "payer": Payer.MERCHANT}),
    (ComplaintMerged, {}),
    (ComplaintUnmerged, {}),
    (ComplaintAbsorbed, {"earliest_accepted_at": at(hours=-2)}),
    (ComplaintResolved, {}),
    (ComplaintFollowUpSent, {}),
    (ComplaintReopened, {}),
    (ComplaintReopened, {"follow_up_id": "f1"}),
    *((ComplaintClosed, {"reason": reason}) for reason in CloseReason),
    (ComplaintWithdrawn, {}),
]
MINUTES = st.integers(0, 8 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
SHORT = st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes))
LATENESS = st.one_of(st.just(timedelta()), SHORT, MINUTES)
STEPS = st.lists(
    st.builds(
        lambda fact, gap, lateness: Step(fact[0], fact[1], gap, lateness),
        st.sampled_from(FACTS),
        st.one_of(SHORT, MINUTES),
        LATENESS,
    ),
    max_size=14,
)
PUNCTUAL = STEPS.map(lambda steps: [replace(step, lateness=timedelta()) for step in steps])
LATER = at(days=1000)
NEVER = timedelta(days=10_000)


def told(steps: list[Step], *, hastily: bool) -> Story:
    """The story. `hastily`: what falls due is said at once, before late facts can be known."""
    story = Story().accepted()
    recorded = FILED
    for step in steps:
        recorded += step.gap
        over = dict(step.over)
        if step.kind is ComplaintReopened:
            over["cycle"] = story.case.cycle + 1
        if hastily:
            story.time_passes(recorded)
        happened = max(FILED, recorded - step.lateness)
        story.happens(step.kind, happened, recorded=recorded, settle=NEVER, **over)
    return story.time_passes(LATER)


@given(STEPS)
def test_saying_things_too_early_and_correcting_them_ends_like_waiting(steps: list[Step]) -> None:
    hasty, patient = told(steps, hastily=True), told(steps, hastily=False)
    assert final_ledger(hasty.case) == final_ledger(patient.case)


@given(STEPS)
def test_counted_and_paused_time_add_up(steps: list[Step]) -> None:
    story = told(steps, hastily=False)
    for clock in story.case.clocks:
        account = ledger(story.case, clock, LATER)
        elapsed = (account.until - clock.counts_from).total_seconds()
        assert account.counted_seconds + account.paused_seconds == elapsed


@given(PUNCTUAL)
def test_the_ledger_of_an_ended_clock_says_what_its_end_said(steps: list[Step]) -> None:
    """Where nothing came late: a late fact changes the ledger, not what was published before."""
    for clock in (story := told(steps, hastily=False)).case.clocks:
        if clock.end is not None:
            account = ledger(story.case, clock, LATER)
            assert clock.end.counted_seconds == int(account.counted_seconds)


@given(STEPS)
def test_each_warning_is_given_once_and_one_breach_stands_at_most(steps: list[Step]) -> None:
    story = told(steps, hastily=True)
    warned = [(e.clock_id, e.share_percent) for e in story.events if isinstance(e, ClockWarned)]
    assert len(warned) == len(set(warned))
    for clock in story.case.clocks:
        breaches = [
            e for e in story.events if isinstance(e, ClockBreached) and e.clock_id == clock.id
        ]
        withdrawn = [
            e
            for e in story.events
            if isinstance(e, ClockCorrected) and e.clock_id == clock.id and e.breach_withdrawn
        ]
        assert len(breaches) - len(withdrawn) == (clock.breached_at is not None)


@given(STEPS)
def test_every_event_is_counted_and_every_clock_starts_once_unless_a_merge_is_undone(
    steps: list[Step],
) -> None:
    story = told(steps, hastily=True)
    assert story.case.published == len(story.events)
    started = Counter(e.clock_id for e in story.events if isinstance(e, ClockStarted))
    assert set(started) == {clock.id for clock in story.case.clocks}
    undone = sum(step.kind is ComplaintUnmerged for step in steps)
    assert all(1 <= times <= 1 + undone for times in started.values())


@given(STEPS)
def test_when_all_is_said_nothing_is_due(steps: list[Step]) -> None:
    assert told(steps, hastily=False).next_firing is None


@given(st.integers(1, 40 * 60), st.integers(0, 40 * 60))
def test_a_contact_is_judged_by_its_own_time_alone(happened: int, delay: int) -> None:
    when = at(minutes=happened)
    late = Story().accepted().time_passes(when + timedelta(minutes=delay))
    late.happens(ContactMade, when, recorded=when + timedelta(minutes=delay))
    known_at_once = Story().accepted().happens(ContactMade, when)
    kind = ClockKind.FIRST_CONTACT
    assert late.clock(kind).end == known_at_once.clock(kind).end
    assert late.clock(kind).breached_at == known_at_once.clock(kind).breached_at


GAPS = st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(list(Turn))), min_size=1)
COUNTED = st.one_of(st.none(), st.sets(st.sampled_from(list(Turn))).map(tuple))


def turns_of(gaps: list[tuple[int, Turn]]) -> Turns:
    instant, turns = FILED, []
    for minutes, turn in gaps:
        turns.append(TurnChange(at=instant, turn=turn))
        instant += timedelta(minutes=minutes)
    return tuple(turns)


@given(GAPS, COUNTED, st.integers(0, 9000), st.integers(0, 20_000))
def test_reach_is_the_last_instant_with_no_more_than_the_amount(
    gaps: list[tuple[int, Turn]],
    counting: tuple[Turn, ...] | None,
    offset: int,
    minutes: int,
) -> None:
    turns, start = turns_of(gaps), at(minutes=offset)
    amount = timedelta(minutes=minutes)
    reached = reach(turns, counting, start, amount)
    if reached is None:
        assert counted(turns, counting, start, LATER) <= amount
    else:
        assert counted(turns, counting, start, reached) == amount
        after = reached + timedelta(milliseconds=1)
        assert counted(turns, counting, start, after) > amount


@given(GAPS, COUNTED, st.integers(0, 9000), st.integers(1, 20_000))
def test_segments_cover_the_time_without_gap_or_overlap(
    gaps: list[tuple[int, Turn]],
    counting: tuple[Turn, ...] | None,
    offset: int,
    minutes: int,
) -> None:
    start = at(minutes=offset)
    end = start + timedelta(minutes=minutes)
    cut = list(segments(turns_of(gaps), counting, start, end))
    assert (cut[0].start, cut[-1].end) == (start, end)
    assert all(one.end == other.start for one, other in pairwise(cut))
