"""The clock of the resolution counts only the turns in which we are to act."""

from services.sla.domain.clock import ClockState
from services.sla.domain.ledger import ledger
from shared.events.clocks import (
    ClockBreached,
    ClockCorrected,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    ClockWarned,
)
from shared.events.complaints import (
    ComplaintResolved,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.vocabulary import ClockKind, CorrectionReason, Status, Turn
from tests.unit.sla.story import Story, at

RESOLUTION = ClockKind.RESOLUTION


def asked() -> Story:
    return Story().in_work().happens(MerchantAsked, at(days=1))


def test_the_merchants_turn_pauses_it() -> None:
    story = asked()
    (paused,) = story.said(ClockPaused, RESOLUTION)
    assert (paused.at, paused.turn, paused.counted_seconds) == (at(days=1), Turn.MERCHANT, 86_400)
    assert story.state(RESOLUTION) is ClockState.PAUSED


def test_the_answer_resumes_it_with_a_later_deadline() -> None:
    story = asked().happens(MerchantAnswered, at(days=2, hours=12))
    (resumed,) = story.said(ClockResumed, RESOLUTION)
    assert (resumed.at, resumed.turn) == (at(days=2, hours=12), Turn.SPECIALIST)
    assert resumed.due_at == at(days=8, hours=12)
    assert resumed.warn_at == (at(days=5), at(days=6, hours=18), at(days=7, hours=19.2))
    assert story.state(RESOLUTION) is ClockState.RUNNING


def test_it_neither_warns_nor_breaches_while_paused() -> None:
    story = asked().time_passes(at(days=400))
    assert story.said(ClockBreached, RESOLUTION) == []
    assert story.said(ClockWarned, RESOLUTION) == []


def test_from_one_pause_into_the_next_nothing_is_said() -> None:
    story = asked()
    story.happens(SolutionProposed, at(days=2))
    assert len(story.said(ClockPaused, RESOLUTION)) == 1
    assert story.said(ClockResumed, RESOLUTION) == []


def test_other_clocks_never_pause() -> None:
    story = asked().happens(SolutionProposed, at(days=1, hours=5))
    assert story.said(ClockPaused, ClockKind.MERCHANT_RESPONSE) == []
    assert story.clock(ClockKind.MERCHANT_RESPONSE).counted_turns is None


def test_a_clock_whose_deadline_had_passed_does_not_pause_any_more() -> None:
    story = Story().in_work().happens(MerchantAsked, at(days=7, seconds=0.5))
    assert story.said(ClockPaused, RESOLUTION) == []
    story.time_passes(at(days=8))
    (breach,) = story.said(ClockBreached, RESOLUTION)
    assert breach.occurred_at == at(days=7)


def test_a_pause_at_the_very_deadline_holds_it_off() -> None:
    story = Story().in_work().happens(MerchantAsked, at(days=7)).time_passes(at(days=8))
    assert story.said(ClockBreached, RESOLUTION) == []
    story.happens(MerchantAnswered, at(days=9)).time_passes(at(days=9))
    assert story.said(ClockBreached, RESOLUTION)[0].due_at == at(days=9)


def test_counted_time_leaves_the_pauses_out_when_it_stops() -> None:
    story = asked().happens(MerchantAnswered, at(days=2)).happens(ComplaintResolved, at(days=3))
    (stopped,) = story.said(ClockStopped, RESOLUTION)
    assert (stopped.in_time, stopped.counted_seconds) == (True, 2 * 86_400)


def test_a_turn_takes_effect_no_earlier_than_the_one_before() -> None:
    story = Story().in_work().happens(SolutionProposed, at(days=1))
    story.happens(SolutionRejected, at(days=1, minutes=-5), recorded=at(days=1, minutes=1))
    assert story.said(ClockResumed, RESOLUTION)[0].at == at(days=1)


def test_a_pause_that_becomes_known_after_the_breach_withdraws_it() -> None:
    story = Story().in_work().time_passes(at(days=7))
    story.happens(SolutionProposed, at(days=6), recorded=at(days=7, hours=1))
    (corrected,) = story.said(ClockCorrected, RESOLUTION)
    assert (corrected.breach_withdrawn, corrected.due_at) == (True, None)
    assert corrected.reason is CorrectionReason.LATE_FACT
    assert story.state(RESOLUTION) is ClockState.PAUSED
    story.happens(SolutionRejected, at(days=8))
    assert story.said(ClockResumed, RESOLUTION)[0].due_at == at(days=9)
    story.time_passes(at(days=9))
    assert [b.due_at for b in story.said(ClockBreached, RESOLUTION)] == [at(days=7), at(days=9)]


def test_a_pause_after_the_breach_changes_nothing() -> None:
    story = Story().in_work().time_passes(at(days=7)).happens(SolutionProposed, at(days=8))
    assert story.state(RESOLUTION) is ClockState.BREACHED
    assert story.said(ClockPaused, RESOLUTION) == []
    story.happens(SolutionRejected, at(days=9)).happens(ComplaintResolved, at(days=10))
    assert story.said(ClockStopped, RESOLUTION)[0].counted_seconds == 9 * 86_400


def test_a_clock_that_starts_in_a_turn_that_does_not_count_starts_paused() -> None:
    story = Story().accepted(turn=Turn.CONSUMER)
    assert story.told(RESOLUTION) == ["ClockStarted", "ClockPaused"]
    started = story.events[-2]
    assert getattr(started, "due_at", started) is None
    assert getattr(started, "due_reason", None) == "paused"


def test_a_warning_passed_before_a_pause_is_given_later_with_its_own_time() -> None:
    story = Story().in_work().happens(MerchantAsked, at(days=4), settle=at(days=9) - at())
    (warned, *_) = story.time_passes(at(days=4)).said(ClockWarned, RESOLUTION)
    assert (warned.occurred_at, warned.due_at) == (at(days=3, hours=12), at(days=7))


def test_the_ledger_adds_up() -> None:
    story = asked().happens(MerchantAnswered, at(days=2)).happens(SolutionProposed, at(days=3))
    account = ledger(story.case, story.clock(RESOLUTION), at(days=5))
    assert (account.counted_seconds, account.paused_seconds) == (2 * 86_400, 3 * 86_400)
    assert (account.until, account.due_at) == (at(days=5), None)
    assert account.remaining_seconds == 5 * 86_400
    assert [stretch.counts for stretch in account.stretches] == [True, True, False, True, False]


def test_the_ledger_of_an_ended_clock_ends_with_it() -> None:
    story = Story().in_work().happens(ComplaintResolved, at(days=3))
    account = ledger(story.case, story.clock(RESOLUTION), at(days=50))
    assert (account.until, account.counted_seconds) == (at(days=3), 3 * 86_400)
    assert account.due_at == at(days=7)


def test_acceptance_of_a_solution_gives_the_turn_to_whoever_pays() -> None:
    story = Story().in_work().happens(SolutionProposed, at(days=1))
    story.happens(SolutionAccepted, at(days=2))
    assert story.case.turns[-1].turn is Turn.MERCHANT
    story.happens(MessagePosted, at(days=3), status=Status.REMEDYING)
    assert story.state(RESOLUTION) is ClockState.PAUSED


def test_a_clock_that_has_ended_follows_the_turn_no_more() -> None:
    story = Story().in_work().happens(ComplaintResolved, at(days=1))
    assert story.told(RESOLUTION) == ["ClockStarted", "ClockStopped"]
