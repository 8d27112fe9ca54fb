"""What becomes known late, and targets that change: the ledger comes out as if known in time."""

import pytest

from services.sla.domain.clock import ClockState
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockStopped,
    ClockWarned,
)
from shared.events.complaints import (
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintFollowUpSent,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
)
from shared.events.vocabulary import Band, ClockKind, CorrectionReason, Status
from tests.unit.sla.story import RETARGETS, Story, at

K = ClockKind


def assigned() -> Story:
    return Story().accepted().happens(ComplaintAssigned, at(minutes=1))


def test_an_act_in_time_recorded_after_the_breach_withdraws_it() -> None:
    story = assigned().time_passes(at(hours=24))
    story.happens(ContactMade, at(hours=23, minutes=55), recorded=at(hours=24, minutes=5))
    assert story.told(K.FIRST_CONTACT)[-3:] == ["ClockBreached", "ClockStopped", "ClockCorrected"]
    stopped = story.said(ClockStopped, K.FIRST_CONTACT)[0]
    assert (stopped.in_time, stopped.stopped_at) == (True, at(hours=23, minutes=55))
    corrected = story.said(ClockCorrected, K.FIRST_CONTACT)[0]
    assert (corrected.reason, corrected.breach_withdrawn) == (CorrectionReason.LATE_FACT, True)
    assert (corrected.due_at, corrected.target) == (at(hours=24), "24h")
    assert corrected.cause_id == f"fact-{story.facts}"
    assert story.state(K.FIRST_CONTACT) is ClockState.MET


def test_an_assignment_made_in_time_but_echoed_late_is_in_time() -> None:
    story = Story().accepted().time_passes(at(hours=1))
    story.happens(ComplaintAssigned, at(minutes=29), recorded=at(hours=1))
    assert story.state(K.ASSIGNMENT) is ClockState.MET


def test_an_earlier_contact_entered_later_moves_the_stop_back() -> None:
    story = assigned().happens(ContactMade, at(hours=25))
    story.happens(ContactMade, at(hours=23, minutes=50), recorded=at(hours=25, minutes=1))
    assert [s.in_time for s in story.said(ClockStopped, K.FIRST_CONTACT)] == [False, True]
    assert story.said(ClockCorrected, K.FIRST_CONTACT)[0].breach_withdrawn
    assert story.state(K.FIRST_CONTACT) is ClockState.MET


def test_an_earlier_contact_that_is_late_too_leaves_the_breach() -> None:
    story = assigned().happens(ContactMade, at(hours=26))
    story.happens(ContactMade, at(hours=25), recorded=at(hours=26, minutes=1))
    corrected = story.said(ClockCorrected, K.FIRST_CONTACT)[0]
    assert not corrected.breach_withdrawn
    assert story.said(ClockStopped, K.FIRST_CONTACT)[-1].counted_seconds == 25 * 3600
    assert story.state(K.FIRST_CONTACT) is ClockState.BREACHED


def test_a_later_contact_changes_nothing() -> None:
    story = assigned().happens(ContactMade, at(hours=2)).happens(ContactMade, at(hours=3))
    assert len(story.said(ClockStopped, K.FIRST_CONTACT)) == 1


def test_an_act_stated_to_be_older_than_the_clock_counts_from_its_start() -> None:
    story = Story().accepted().happens(ContactMade, at(minutes=-10), recorded=at(minutes=1))
    stopped = story.said(ClockStopped, K.FIRST_CONTACT)[0]
    assert (stopped.stopped_at, stopped.counted_seconds) == (at(), 0)


def remedying() -> Story:
    story = Story().in_work().happens(SolutionProposed, at(hours=1))
    return story.happens(SolutionAccepted, at(hours=2)).time_passes(at(hours=74))


def overdue() -> Story:
    return remedying().happens(RemedyFailed, at(hours=74), recorded=at(hours=74, seconds=2))


def test_an_overdue_remedy_stays_breached() -> None:
    story = overdue()
    assert story.state(K.REMEDY) is ClockState.BREACHED
    assert len(story.said(ClockBreached, K.REMEDY)) == 1
    assert story.said(ClockCancelled, K.REMEDY)[0].reason == "remedy_overdue"


@pytest.mark.parametrize("failed_first", [True, False])
def test_a_remedy_done_in_time_withdraws_the_breach_in_either_order(failed_first: bool) -> None:
    story = overdue() if failed_first else remedying()
    story.happens(RemedyDone, at(hours=73, minutes=50), recorded=at(hours=74, minutes=3))
    if not failed_first:
        story.happens(RemedyFailed, at(hours=74), recorded=at(hours=74, minutes=4))
    assert story.state(K.REMEDY) is ClockState.MET
    assert story.said(ClockCorrected, K.REMEDY)[-1].breach_withdrawn


def test_a_remedy_done_late_after_the_failure_changes_nothing() -> None:
    story = overdue().happens(RemedyDone, at(hours=80))
    assert story.state(K.REMEDY) is ClockState.BREACHED
    assert story.said(ClockStopped, K.REMEDY) == []


def test_a_late_answer_after_the_lapse_stops_the_clock_and_leaves_it_breached() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1)).time_passes(at(hours=49))
    story.happens(RequestLapsed, at(hours=49), recorded=at(hours=49, seconds=1))
    story.happens(MerchantAnswered, at(hours=50), late=True)
    assert story.state(K.MERCHANT_RESPONSE) is ClockState.BREACHED
    assert not story.said(ClockStopped, K.MERCHANT_RESPONSE)[0].in_time
    story.happens(MerchantAnswered, at(hours=48), recorded=at(hours=51), late=True)
    assert story.state(K.MERCHANT_RESPONSE) is ClockState.BREACHED
    assert len(story.said(ClockStopped, K.MERCHANT_RESPONSE)) == 1


def test_an_answer_before_the_lapse_ends_the_wait() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1)).time_passes(at(hours=49))
    story.happens(MerchantAnswered, at(hours=49), recorded=at(hours=49, seconds=1))
    story.happens(RequestLapsed, at(hours=49), recorded=at(hours=49, seconds=2))
    assert story.state(K.MERCHANT_RESPONSE) is ClockState.MET


def test_a_withdrawal_before_the_deadline_recorded_after_it_withdraws_the_breach() -> None:
    story = assigned().time_passes(at(hours=24))
    story.happens(ComplaintWithdrawn, at(hours=23), recorded=at(hours=25))
    assert story.told(K.FIRST_CONTACT)[-2:] == ["ClockCancelled", "ClockCorrected"]
    assert story.state(K.FIRST_CONTACT) is ClockState.CANCELLED


def test_a_survey_sent_in_time_counts_after_a_reopening_too() -> None:
    story = Story().in_work().happens(ComplaintResolved, at(hours=1)).time_passes(at(hours=25))
    story.happens(ComplaintReopened, at(hours=26))
    assert story.state(K.FOLLOW_UP) is ClockState.BREACHED
    story.happens(
        ComplaintFollowUpSent, at(hours=24), recorded=at(hours=27), cycle=1, status=Status.ACCEPTED
    )
    assert story.state(K.FOLLOW_UP) is ClockState.MET


@pytest.mark.parametrize("band", list(Band))
def test_the_first_assessment_sets_the_target_either_way(band: Band) -> None:
    story = Story().accepted().happens(ComplaintAssessed, at(seconds=1), band=band)
    days = RETARGETS[band]
    corrected = story.said(ClockCorrected, K.RESOLUTION)
    if band is Band.MODERATE:
        assert corrected == []
    else:
        (change,) = corrected
        assert (change.reason, change.target) == (CorrectionReason.RETARGETED, f"{days}cd")
        assert change.due_at == at(days=days)
        assert change.warn_at == (at(days=days * 0.5), at(days=days * 0.75), at(days=days * 0.9))
        assert not change.breach_withdrawn
    story.time_passes(at(days=20))
    assert story.said(ClockBreached, K.RESOLUTION)[0].due_at == at(days=days)


def test_later_assessments_only_shorten_it() -> None:
    story = Story().accepted().happens(ComplaintAssessed, at(seconds=1), band=Band.SIMPLE)
    story.happens(ComplaintAssessed, at(hours=1), band=Band.COMPLEX)
    assert len(story.said(ClockCorrected, K.RESOLUTION)) == 1
    story.happens(ComplaintAssessed, at(hours=2), band=Band.CRITICAL)
    assert story.said(ClockCorrected, K.RESOLUTION)[-1].target == "2cd"


def test_every_cycle_has_its_own_first_assessment() -> None:
    story = Story().in_work().happens(ComplaintAssessed, at(hours=1), band=Band.CRITICAL)
    story.happens(ComplaintResolved, at(hours=2)).happens(ComplaintReopened, at(hours=3))
    assert story.clock(K.RESOLUTION, cycle=2).targets[0].text == "7cd"
    story.happens(ComplaintAssessed, at(hours=4), band=Band.COMPLEX)
    assert story.said(ClockCorrected, K.RESOLUTION)[-1].target == "15cd"


def test_no_deadline_lies_before_the_moment_that_set_it() -> None:
    story = Story().in_work().happens(ComplaintAssessed, at(days=3), band=Band.CRITICAL)
    assert story.said(ClockCorrected, K.RESOLUTION)[0].due_at == at(days=3)
    story.time_passes(at(days=3))
    assert story.said(ClockBreached, K.RESOLUTION)[0].occurred_at == at(days=3)
    assert story.said(ClockWarned, K.RESOLUTION) == []


def test_an_assessment_after_the_breach_does_not_lift_it() -> None:
    story = Story().in_work().time_passes(at(days=7))
    story.happens(ComplaintAssessed, at(days=8), band=Band.COMPLEX)
    assert story.said(ClockCorrected, K.RESOLUTION) == []
    assert story.state(K.RESOLUTION) is ClockState.BREACHED


def test_an_assessment_made_before_the_breach_but_known_after_it_lifts_it() -> None:
    story = Story().in_work().time_passes(at(days=8))
    story.happens(ComplaintAssessed, at(hours=1), recorded=at(days=8), band=Band.COMPLEX)
    (corrected,) = story.said(ClockCorrected, K.RESOLUTION)
    assert (corrected.breach_withdrawn, corrected.due_at) == (True, at(days=15))
    assert story.state(K.RESOLUTION) is ClockState.RUNNING


def test_a_shorter_target_known_after_the_breach_moves_the_breach_back() -> None:
    story = Story().in_work().time_passes(at(days=8))
    story.happens(ComplaintAssessed, at(hours=1), recorded=at(days=8), band=Band.CRITICAL)
    (corrected,) = story.said(ClockCorrected, K.RESOLUTION)
    assert (corrected.breach_withdrawn, corrected.due_at) == (False, at(days=2))
    assert story.clock(K.RESOLUTION).breached_at == at(days=2)
    assert len(story.said(ClockBreached, K.RESOLUTION)) == 1


def test_a_new_target_while_paused_is_stated_without_a_deadline() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1))
    story.happens(ComplaintAssessed, at(hours=2), band=Band.SIMPLE)
    (corrected,) = story.said(ClockCorrected, K.RESOLUTION)
    assert (corrected.target, corrected.due_at, corrected.warn_at) == ("3cd", None, ())


def test_an_assessment_of_an_ended_cycle_changes_nothing() -> None:
    story = Story().in_work().happens(ComplaintResolved, at(hours=1))
    story.happens(ComplaintAssessed, at(hours=2), band=Band.CRITICAL)
    assert story.said(ClockCorrected, K.RESOLUTION) == []


def test_a_remedy_done_at_the_very_deadline_is_in_time() -> None:
    story = overdue().happens(RemedyDone, at(hours=74), recorded=at(hours=74, minutes=3))
    assert story.state(K.REMEDY) is ClockState.MET


def test_a_shorter_target_set_at_the_very_deadline_leaves_the_breach() -> None:
    story = Story().in_work().time_passes(at(days=7))
    story.happens(ComplaintAssessed, at(days=7), recorded=at(days=8), band=Band.CRITICAL)
    (corrected,) = story.said(ClockCorrected, K.RESOLUTION)
    assert (corrected.due_at, corrected.breach_withdrawn) == (at(days=7), False)
    assert story.state(K.RESOLUTION) is ClockState.BREACHED
