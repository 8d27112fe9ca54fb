"""What starts, stops and cancels each clock."""

import pytest

from services.sla.domain.clock import ClockState, clock_id
from services.sla.domain.observing import ComplaintFact
from shared.events.clocks import ClockCancelled, ClockStarted, ClockStopped
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintFollowUpSent,
    ComplaintRejected,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ConsumerAsked,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RejectionAppealed,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.registry import COMPLAINTS, topics
from shared.events.vocabulary import (
    Channel,
    ClockKind,
    CloseReason,
    Party,
    Payer,
    Status,
    Turn,
)
from tests.unit.sla.story import FILED, Story, at, filing

RUNNING, MET, CANCELLED = ClockState.RUNNING, ClockState.MET, ClockState.CANCELLED
K = ClockKind


def test_every_fact_of_a_complaint_is_understood() -> None:
    known = {entry.cls for entry in topics()[COMPLAINTS] if issubclass(entry.cls, ComplaintEvent)}
    assert known == set(ComplaintFact.__args__)


def test_a_filing_starts_the_acknowledgement_when_it_was_recorded() -> None:
    story = Story(filing(occurred_at=at(minutes=-15)))
    started = story.said(ClockStarted, K.ACKNOWLEDGEMENT)[0]
    assert (started.started_at, started.due_at) == (FILED, at(minutes=5))
    assert (started.target, started.party, started.responsible_id) == (
        "5min",
        Party.PLATFORM,
        None,
    )
    assert started.warn_at == (at(minutes=2.5), at(minutes=3.75), at(minutes=4.5))
    assert started.warn_percents == (50, 75, 90)
    assert (started.policy_version, started.calendar_version) == ("marketplace@1", None)
    assert (started.cause_id, started.due_reason) == ("fact-1", None)


def test_an_acknowledgement_ends_it() -> None:
    story = Story().happens(ComplaintAcknowledged, at(minutes=1))
    stopped = story.said(ClockStopped, K.ACKNOWLEDGEMENT)[0]
    assert (stopped.stopped_at, stopped.in_time, stopped.counted_seconds) == (
        at(minutes=1),
        True,
        60,
    )
    assert story.state(K.ACKNOWLEDGEMENT) is MET


def test_acceptance_by_rule_starts_three_clocks_with_the_filing() -> None:
    story = Story().happens(ComplaintAccepted, at(seconds=-30), recorded=FILED, rule="hotline")
    for kind, due in (
        (K.ASSIGNMENT, at(minutes=30)),
        (K.FIRST_CONTACT, at(hours=24)),
        (K.RESOLUTION, at(days=7)),
    ):
        started = story.said(ClockStarted, kind)[0]
        assert (started.started_at, started.due_at, started.n) == (FILED, due, 1)


def test_acceptance_by_a_reviewer_starts_them_when_it_took_place() -> None:
    story = Story(filing(Channel.FORM)).happens(
        ComplaintAccepted, at(hours=3), reviewer_id="v1", merchant_class="flagship", region="CN-31"
    )
    assert story.said(ClockStarted, K.RESOLUTION)[0].started_at == at(hours=3)
    assert (story.case.merchant_class, story.case.region) == ("flagship", "CN-31")


def test_an_assignment_ends_the_wait_for_one() -> None:
    story = Story().accepted().happens(ComplaintAssigned, at(minutes=10))
    assert story.state(K.ASSIGNMENT) is MET
    assert story.state(K.FIRST_CONTACT) is RUNNING


def test_losing_the_specialist_starts_the_wait_again_with_the_next_number() -> None:
    story = Story().in_work().happens(ComplaintUnassigned, at(hours=1))
    assert story.state(K.ASSIGNMENT, n=2) is RUNNING
    assert story.clock(K.ASSIGNMENT, n=2).started_at == at(hours=1)
    story.happens(ComplaintAssigned, at(hours=2), n=2, specialist_id="s2")
    assert story.clock(K.ASSIGNMENT, n=2).state is ClockState.BREACHED
    assert story.clock(K.ASSIGNMENT, n=1).state is MET


def test_losing_the_specialist_twice_in_a_row_waits_once() -> None:
    story = Story().accepted().happens(ComplaintUnassigned, at(minutes=1))
    assert len(story.said(ClockStarted, K.ASSIGNMENT)) == 1


def test_losing_the_specialist_of_an_ended_complaint_starts_nothing() -> None:
    story = Story().in_work().happens(ComplaintWithdrawn, at(hours=1))
    story.happens(ComplaintUnassigned, at(hours=2), status=Status.WITHDRAWN)
    assert len(story.said(ClockStarted, K.ASSIGNMENT)) == 1


def test_only_contact_both_ways_is_first_contact() -> None:
    story = Story().accepted().happens(ComplaintAssigned, at(minutes=1))
    story.happens(ContactAttempted, at(hours=1))
    story.happens(ContactMade, at(hours=2), two_way=False, status=Status.ASSIGNED)
    assert story.state(K.FIRST_CONTACT) is RUNNING
    story.happens(ContactMade, at(hours=3))
    assert story.state(K.FIRST_CONTACT) is MET


def test_a_merchant_request_has_its_own_clock_with_its_own_number() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1), n=3)
    started = story.said(ClockStarted, K.MERCHANT_RESPONSE)[0]
    assert (started.n, started.due_at, started.responsible_id) == (3, at(hours=49), "m1")
    story.happens(MerchantAnswered, at(hours=5), n=3)
    assert story.state(K.MERCHANT_RESPONSE, n=3) is MET


def test_a_lapse_ends_the_wait_as_breached() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1)).time_passes(at(hours=50))
    story.happens(RequestLapsed, at(hours=49), recorded=at(hours=50))
    assert story.state(K.MERCHANT_RESPONSE) is ClockState.BREACHED
    story.happens(ComplaintWithdrawn, at(hours=60))
    assert story.said(ClockCancelled, K.MERCHANT_RESPONSE) == []


def test_a_lapse_known_before_the_breach_was_said_says_it() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1))
    story.happens(RequestLapsed, at(hours=49), recorded=at(hours=49))
    assert story.told(K.MERCHANT_RESPONSE)[-1] == "ClockBreached"


def test_a_lapse_of_a_wait_that_is_not_over_cancels_it() -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1))
    story.happens(RequestLapsed, at(hours=2), n=2, party=Party.CONSUMER)
    assert story.said(ClockCancelled, K.CONSUMER_REPLY)[0].reason == "lapsed"


@pytest.mark.parametrize(("party", "n"), [(Party.MERCHANT, 9), (Party.PLATFORM, 1)])
def test_a_lapse_of_nothing_known_changes_nothing(party: Party, n: int) -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1))
    story.happens(RequestLapsed, at(hours=2), n=n, party=party)
    assert story.state(K.MERCHANT_RESPONSE) is RUNNING


def test_a_proposal_waits_for_the_consumer() -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1))
    started = story.said(ClockStarted, K.CONSUMER_REPLY)[0]
    assert (started.n, started.target, started.responsible_id) == (2, "7cd", "u1")
    story.happens(SolutionRejected, at(hours=2))
    assert story.state(K.CONSUMER_REPLY) is MET


def test_a_proposal_that_needs_approval_does_not_wait_for_the_consumer() -> None:
    story = Story().in_work()
    story.happens(SolutionProposed, at(hours=1), needs_approval=True, status=Status.IN_PROGRESS)
    assert story.said(ClockStarted, K.CONSUMER_REPLY) == []


@pytest.mark.parametrize(
    ("payer", "party", "responsible"),
    [(Payer.MERCHANT, Party.MERCHANT, "m1"), (Payer.PLATFORM, Party.PLATFORM, None)],
)
def test_whoever_pays_has_72_hours_to_carry_out(
    payer: Payer, party: Party, responsible: str | None
) -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1), payer=payer)
    story.happens(SolutionAccepted, at(hours=2))
    started = story.said(ClockStarted, K.REMEDY)[0]
    assert (started.n, started.party, started.responsible_id) == (2, party, responsible)
    assert started.due_at == at(hours=74)
    story.happens(RemedyDone, at(hours=3))
    assert story.state(K.REMEDY) is MET


def test_without_a_payer_there_is_no_remedy_to_wait_for() -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1), payer=Payer.NOBODY)
    story.happens(SolutionAccepted, at(hours=2))
    assert story.said(ClockStarted, K.REMEDY) == []
    assert story.state(K.CONSUMER_REPLY) is MET


def test_a_solution_nobody_proposed_starts_no_remedy() -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1))
    story.happens(SolutionAccepted, at(hours=2), n=7)
    assert story.said(ClockStarted, K.REMEDY) == []


def test_a_failed_remedy_is_no_longer_owed() -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1))
    story.happens(SolutionAccepted, at(hours=2)).happens(RemedyFailed, at(hours=3), reason="failed")
    assert story.said(ClockCancelled, K.REMEDY)[0].reason == "remedy_failed"
    assert story.state(K.REMEDY) is CANCELLED


def resolved() -> Story:
    return Story().in_work().happens(ComplaintResolved, at(hours=20))


def test_a_resolution_stops_its_clock_cancels_the_others_and_starts_the_follow_up() -> None:
    story = Story().accepted().happens(ComplaintAssigned, at(minutes=1))
    story.happens(ComplaintResolved, at(minutes=3))
    assert story.state(K.RESOLUTION) is MET
    assert story.state(K.FIRST_CONTACT) is CANCELLED
    assert story.state(K.ACKNOWLEDGEMENT) is CANCELLED
    assert story.said(ClockCancelled, K.FIRST_CONTACT)[0].reason == "resolved"
    assert story.clock(K.FOLLOW_UP).started_at == at(minutes=3)


def test_a_sent_survey_stops_the_follow_up_and_opens_the_window() -> None:
    story = resolved().happens(ComplaintFollowUpSent, at(hours=21))
    assert story.state(K.FOLLOW_UP) is MET
    window = story.said(ClockStarted, K.SURVEY_WINDOW)[0]
    assert (window.due_at, window.warn_at, window.warn_percents) == (at(days=7, hours=21), (), ())


def test_a_survey_sent_after_the_reopening_opens_no_window() -> None:
    story = resolved().happens(ComplaintReopened, at(hours=21))
    story.happens(ComplaintFollowUpSent, at(hours=22), cycle=1, status=Status.ACCEPTED)
    assert story.said(ClockStarted, K.SURVEY_WINDOW) == []
    story.happens(ComplaintResolved, at(hours=23))
    story.happens(ComplaintFollowUpSent, at(hours=23), cycle=1)
    assert story.said(ClockStarted, K.SURVEY_WINDOW) == []


def surveyed() -> Story:
    return resolved().happens(ComplaintFollowUpSent, at(hours=21))


def test_a_satisfied_answer_stops_the_window() -> None:
    story = surveyed().happens(ComplaintClosed, at(hours=30))
    assert story.state(K.SURVEY_WINDOW) is MET


def test_an_objection_by_survey_stops_the_window_and_starts_the_new_cycle() -> None:
    story = surveyed().happens(ComplaintReopened, at(hours=30), follow_up_id="f1")
    assert story.state(K.SURVEY_WINDOW) is MET
    for kind in (K.ASSIGNMENT, K.FIRST_CONTACT, K.RESOLUTION):
        assert story.clock(kind, cycle=2).started_at == at(hours=30)
        assert story.clock(kind, cycle=2).n == 1


def test_any_other_reopening_cancels_the_window() -> None:
    story = surveyed().happens(ComplaintReopened, at(hours=30))
    assert story.said(ClockCancelled, K.SURVEY_WINDOW)[0].reason == "reopened"


def test_a_silent_survey_lapses() -> None:
    story = surveyed().time_passes(at(days=8))
    story.happens(ComplaintClosed, at(days=7, hours=21), reason=CloseReason.SILENT)
    assert story.state(K.SURVEY_WINDOW) is ClockState.BREACHED
    assert story.said(ClockCancelled, K.SURVEY_WINDOW) == []


@pytest.mark.parametrize("reason", [CloseReason.UNANSWERED, CloseReason.IMPOSED])
def test_any_other_closing_cancels_the_window(reason: CloseReason) -> None:
    story = surveyed().happens(ComplaintClosed, at(hours=30), reason=reason)
    assert story.state(K.SURVEY_WINDOW) is CANCELLED


def test_a_window_never_warns() -> None:
    story = surveyed().time_passes(at(days=30))
    assert story.told(K.SURVEY_WINDOW) == ["ClockStarted", "ClockBreached"]


def test_withdrawal_cancels_everything() -> None:
    story = Story().accepted().happens(ComplaintWithdrawn, at(minutes=1))
    assert {clock.state for clock in story.case.clocks} == {CANCELLED}
    assert story.next_firing is None


def test_a_reopening_cancels_what_still_runs_of_the_cycle_before() -> None:
    story = Story().in_work().happens(SolutionProposed, at(hours=1))
    story.happens(ComplaintReopened, at(hours=2))
    assert story.state(K.RESOLUTION, cycle=1) is CANCELLED
    assert story.state(K.CONSUMER_REPLY, cycle=1) is CANCELLED
    assert story.state(K.RESOLUTION, cycle=2) is RUNNING


def test_a_message_changes_no_clock() -> None:
    story = Story().in_work()
    before = story.case.clocks
    assert story.happens(MessagePosted, at(hours=1)).case.clocks == before


def test_a_clock_is_the_same_wherever_it_is_computed() -> None:
    story = Story().in_work()
    clock = story.clock(K.RESOLUTION)
    assert clock.id == clock_id("c1", 1, K.RESOLUTION, 1)
    ids = {clock_id("c1", cycle, kind, n) for cycle in (1, 2) for kind in K for n in (1, 2)}
    assert len(ids) == 4 * len(K)


def test_a_fact_that_comes_again_under_its_number_starts_nothing() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1))
    story.happens(MerchantAsked, at(hours=2), turn=Turn.MERCHANT)
    assert len(story.said(ClockStarted, K.MERCHANT_RESPONSE)) == 1


def test_stopping_what_never_started_says_nothing() -> None:
    story = Story().happens(MerchantAnswered, at(hours=1), status=Status.SUBMITTED)
    assert story.told(K.MERCHANT_RESPONSE) == []


def test_a_question_to_the_consumer_starts_their_reply_and_the_answer_ends_it() -> None:
    story = Story().in_work().happens(ConsumerAsked, at(hours=1), n=1)
    assert story.said(ClockStarted, K.CONSUMER_REPLY)[0].due_at == at(days=7, hours=1)
    assert story.state(K.RESOLUTION) is ClockState.PAUSED
    story.happens(ConsumerAnswered, at(hours=5), n=1)
    stopped = story.said(ClockStopped, K.CONSUMER_REPLY)[0]
    assert (stopped.n, stopped.in_time) == (1, True)
    assert story.state(K.RESOLUTION) is RUNNING


def test_both_reply_clocks_run_while_both_are_asked() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1), n=1)
    story.happens(ConsumerAsked, at(hours=2), n=2)
    assert story.state(K.MERCHANT_RESPONSE, n=1) is RUNNING
    assert story.state(K.CONSUMER_REPLY, n=2) is RUNNING


def test_a_silent_consumer_breaches_their_reply_to_a_question() -> None:
    story = Story().in_work().happens(ConsumerAsked, at(hours=1), n=1)
    story.time_passes(at(days=8))
    story.happens(RequestLapsed, at(days=7, hours=1), recorded=at(days=8), party=Party.CONSUMER)
    assert story.state(K.CONSUMER_REPLY, n=1) is ClockState.BREACHED


def test_a_rejection_cancels_what_runs_and_opens_the_window_for_an_appeal() -> None:
    story = Story(filing(Channel.FORM)).happens(ComplaintRejected, at(hours=1))
    assert story.said(ClockCancelled, K.ACKNOWLEDGEMENT)[0].reason == "rejected"
    started = story.said(ClockStarted, K.APPEAL_WINDOW)[0]
    assert (started.due_at, started.party) == (at(days=15, hours=1), Party.CONSUMER)
    story.happens(RejectionAppealed, at(days=2))
    assert story.state(K.APPEAL_WINDOW) is MET
