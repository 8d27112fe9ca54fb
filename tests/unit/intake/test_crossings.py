"""What happens when two things cross, in both orders of arrival; numbers as in the contract."""

import pytest

from services.intake.domain.commands import AnswerForConsumer, AnswerForMerchant, Command
from services.intake.domain.reports import (
    CloseSilently,
    NoteAcknowledgement,
    NoteAssessment,
    NoteFollowUpSent,
)
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFiled,
    ComplaintFollowUpSent,
    ComplaintReopened,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ContactMade,
    MerchantAnswered,
    MessagePosted,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
)
from shared.events.vocabulary import (
    Band,
    CloseReason,
    Party,
    Stance,
    Status,
    SurveyResult,
    Turn,
    UnassignReason,
)
from tests.unit.intake.story import (
    ASKED,
    ASSIGNED,
    CLOSED,
    CONSUMER,
    FILED,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    PROPOSED,
    REMEDYING,
    REOPENED,
    RESOLVED,
    SPECIALIST,
    SUBMITTED,
    WITHDRAWN,
    assignment,
    consent,
    consumer_silent,
    contact,
    done,
    filing,
    given,
    later,
    merchant_silent,
    rejection,
    release,
    remedy_overdue,
    reopening,
    solution,
    survey,
    withdrawal,
)

ACKNOWLEDGED = NoteAcknowledgement(now=NOW, cycle=1, notification_id="n1")
SILENT = CloseSilently(now=NOW, cycle=1)
SURVEY_SENT = NoteFollowUpSent(now=NOW, cycle=1, follow_up_id="f1")
SATISFIED = survey(SurveyResult.SATISFIED)
OBJECTION = survey(SurveyResult.OBJECTION, text="Still fake.")
ANSWER = AnswerForMerchant(now=NOW, by=MERCHANT, stance=Stance.AGREES, text="Sorry.", n=1)
CONSUMER_ANSWER = AnswerForConsumer(now=NOW, by=CONSUMER, text="I was away.")


def assessment(cycle: int = 1) -> NoteAssessment:
    return NoteAssessment(
        now=NOW, cycle=cycle, score=40, band=Band.MODERATE, needed_tier=2, policy_version="1"
    )


# 1: withdrawn while a decision is in flight


def test_1_a_decision_after_the_withdrawal_is_dropped() -> None:
    given(*FILED, withdrawal()).when(assignment()).nothing()
    given(*FILED, withdrawal()).when(assessment()).nothing()


def test_1_a_withdrawal_after_the_assignment_ends_it() -> None:
    given(*FILED, assignment()).when(withdrawal()).then(ComplaintWithdrawn)
    given(*WITHDRAWN).when(release(reason=UnassignReason.TERMINAL)).nothing()


def test_1_nothing_is_assigned_that_was_not_filed_or_accepted() -> None:
    given().when(assignment()).nothing()
    given(*SUBMITTED).when(assignment()).nothing()


# 2: a decision of the cycle before


def test_2_a_decision_of_the_cycle_before_is_dropped() -> None:
    given(*REOPENED).when(assignment(2, cycle=1)).nothing()
    given(*REOPENED).when(release(1, cycle=1)).nothing()
    given(*REOPENED).when(assessment(cycle=1)).nothing()


def test_2_the_decision_of_this_cycle_counts() -> None:
    given(*REOPENED).when(assignment(1, cycle=2)).then(
        ComplaintAssigned, cycle=2, n=1, status=Status.ASSIGNED
    )
    given(*REOPENED).when(assessment(cycle=2)).then(ComplaintAssessed, cycle=2)


def test_2_a_decision_counts_once_and_never_backwards() -> None:
    given(*ASSIGNED).when(assignment(1)).nothing()
    given(*FILED, assignment(2)).when(assignment(1)).nothing()
    given(*FILED, assignment(2)).when(release(1)).nothing()
    given(*FILED).when(release(1)).nothing()


def test_2_a_later_decision_takes_over() -> None:
    told = given(*ASSIGNED).when(assignment(2, specialist_id="s2"))
    told.then(ComplaintAssigned, specialist_id="s2", status=Status.ASSIGNED)


# 5: a released specialist acts


def test_5_an_act_before_the_release_is_known_stands() -> None:
    given(*ASSIGNED).when(contact()).then(ContactMade)
    given(*ASSIGNED, contact()).when(release()).then(
        ComplaintUnassigned, specialist_id="s1", status=Status.ACCEPTED, turn=Turn.PLATFORM
    )


def test_5_an_act_after_the_release_is_refused() -> None:
    given(*ASSIGNED, release()).when(contact()).refused("not_assigned")


# 6: a release while the act that gives the turn away is in flight


def test_6_act_first_the_request_stays_open_without_its_specialist() -> None:
    given(*ASKED).when(release()).then(
        ComplaintUnassigned, status=Status.AWAITING_MERCHANT, turn=Turn.MERCHANT
    )
    given(*ASKED, release(), assignment(2, specialist_id="s2")).when(ANSWER).then(
        MerchantAnswered, late=False, status=Status.IN_PROGRESS
    )


def test_6_release_first_the_act_is_refused() -> None:
    given(*IN_PROGRESS, release()).when(solution()).refused("not_assigned")


# 7: a specialist calls before the assignment is known


def test_7_a_call_before_the_assignment_is_known_is_told_to_wait() -> None:
    given(*FILED).when(contact()).refused("assignment_pending")


def test_7_afterwards_the_contact_is_entered_with_its_time() -> None:
    entered = contact(now=later(minutes=2), occurred_at=NOW)
    given(*FILED, assignment()).when(entered).then(
        ContactMade, occurred_at=NOW, backdated_seconds=120
    )


# 9: the consumer answers while consumer_reply breaches


@pytest.mark.parametrize("answered", [consent(), rejection()])
def test_9_answer_first_the_lapse_is_dropped(answered: Command) -> None:
    given(*PROPOSED, answered).when(consumer_silent()).nothing()


def test_9_lapse_first_it_closes_and_an_answer_reopens() -> None:
    lapsed = given(*PROPOSED).when(consumer_silent())
    lapsed.then(RequestLapsed, ComplaintClosed, party=Party.CONSUMER, n=1, clock_id="k")
    closed = lapsed.events[1]
    assert isinstance(closed, ComplaintClosed)
    assert closed.reason is CloseReason.UNANSWERED
    given(*PROPOSED, consumer_silent()).when(CONSUMER_ANSWER).then(
        ComplaintReopened, cycle=2, previous_specialist_id="s1"
    )


def test_9_lapse_first_a_decision_is_too_late() -> None:
    given(*PROPOSED, consumer_silent()).when(consent()).refused("wrong_status")


def test_9_a_lapse_of_another_solution_or_cycle_is_dropped() -> None:
    given(*PROPOSED, rejection(), solution()).when(consumer_silent(1)).nothing()
    given(*PROPOSED).when(consumer_silent(cycle=2)).nothing()


# 10: the merchant answers while merchant_response breaches


def test_10_answer_first_the_lapse_is_dropped() -> None:
    given(*ASKED, ANSWER).when(merchant_silent()).nothing()


def test_10_lapse_first_the_answer_is_late() -> None:
    given(*ASKED).when(merchant_silent()).then(
        RequestLapsed, party=Party.MERCHANT, n=1, status=Status.IN_PROGRESS, turn=Turn.SPECIALIST
    )
    late = given(*ASKED, merchant_silent()).when(ANSWER)
    late.then(MerchantAnswered, late=True, status=Status.IN_PROGRESS)
    assert late.complaint.case.cycle.presumption_n is None


def test_10_the_presumption_stands_once_a_solution_rests_on_it() -> None:
    late = given(*ASKED, merchant_silent(), solution()).when(ANSWER)
    late.then(MerchantAnswered, late=True, status=Status.SOLUTION_PROPOSED)
    assert late.complaint.case.cycle.presumption_n == 1


def test_10_a_late_answer_does_not_touch_a_newer_request() -> None:
    again = (*ASKED, merchant_silent(), ASKED[-1])
    given(*again).when(ANSWER).then(MerchantAnswered, n=1, late=True, turn=Turn.MERCHANT)
    told = given(*again, merchant_silent(2)).when(ANSWER)
    assert told.complaint.case.cycle.presumption_n == 2


def test_10_a_late_answer_counts_once() -> None:
    given(*ASKED, merchant_silent(), ANSWER).when(ANSWER).refused("already_answered")


def test_10_without_a_specialist_the_lapse_leads_to_the_platform() -> None:
    given(*ASKED, release()).when(merchant_silent()).then(RequestLapsed, status=Status.ACCEPTED)
    given(*ASKED).when(merchant_silent(2)).nothing()
    given(*ASKED).when(merchant_silent(cycle=2)).nothing()


# 11: accepted and withdrawn at once


def test_11_the_second_is_decided_on_another_version() -> None:
    before = given(*PROPOSED).state
    for first in (consent(), withdrawal()):
        after = given(*PROPOSED, first).state
        assert after.case.version > before.case.version  # type: ignore[union-attr]
    given(*PROPOSED, withdrawal()).when(consent()).refused("wrong_status")
    given(*PROPOSED, consent()).when(withdrawal()).then(ComplaintWithdrawn)


# 12: an old solution is accepted


def test_12_an_old_solution_is_superseded() -> None:
    newer = (*PROPOSED, rejection(), solution())
    given(*newer).when(consent(1)).refused("solution_superseded")
    given(*newer).when(rejection(1)).refused("solution_superseded")
    given(*newer).when(consent(2)).then(SolutionAccepted, n=2)


# 15: remedy done while remedy breaches (the clock is sla's; what is recorded is ours)


def test_15_remedy_first_the_breach_is_dropped() -> None:
    given(*REMEDYING, done()).when(remedy_overdue()).nothing()


def test_15_breach_first_the_remedy_is_still_recorded() -> None:
    given(*REMEDYING).when(remedy_overdue()).then(RemedyFailed, reason="overdue")
    told = given(*REMEDYING, remedy_overdue()).when(done())
    assert len(told.events) == 1
    given(*REMEDYING).when(remedy_overdue(2)).nothing()
    given(*REMEDYING).when(remedy_overdue(cycle=2)).nothing()


# 17: reopened while the survey mail is being sent


def test_17_the_survey_is_noted_for_its_own_cycle() -> None:
    told = given(*REOPENED).when(SURVEY_SENT)
    told.then(ComplaintFollowUpSent, cycle=1, status=Status.ACCEPTED, turn=Turn.PLATFORM)
    assert told.complaint.case.cycle.number == 2


def test_17_sent_first_then_reopened() -> None:
    given(*RESOLVED, SURVEY_SENT).when(reopening()).then(ComplaintReopened, cycle=2)
    given(*RESOLVED, SURVEY_SENT, reopening()).when(SURVEY_SENT).nothing()


# 18: an objection arrives when the cycle has advanced


def test_18_the_words_go_to_the_current_cycle() -> None:
    given(*REOPENED).when(OBJECTION).then(MessagePosted, cycle=2, status=Status.ACCEPTED)
    given(*REOPENED).when(survey(SurveyResult.OBJECTION)).nothing()


def test_18_survey_first_a_second_objection_is_refused() -> None:
    given(*RESOLVED, OBJECTION).when(reopening()).refused("wrong_status")


# 19: answered and lapsed are exclusive in notify; whichever comes second changes nothing here


def test_19_only_the_first_of_answered_and_lapsed_counts() -> None:
    given(*RESOLVED, SATISFIED).when(SILENT).nothing()
    given(*RESOLVED, SILENT).when(SATISFIED).nothing()


# 20: closed silently, then an objection


def test_20_an_objection_reopens_what_was_closed_silently() -> None:
    given(*RESOLVED, SILENT).when(reopening()).then(ComplaintReopened)
    given(*RESOLVED, SILENT).when(OBJECTION).then(ComplaintReopened, follow_up_id="f1")


def test_20_objection_first_the_silence_is_dropped() -> None:
    given(*RESOLVED, reopening()).when(SILENT).nothing()


def test_20_long_after_the_end_a_survey_reopens_nothing() -> None:
    late = given(*RESOLVED, SILENT).when(
        survey(SurveyResult.OBJECTION, text="x", now=later(days=16))
    )
    late.nothing()


# 21: satisfied after an objection through intake


def test_21_satisfied_after_an_objection_is_dropped() -> None:
    given(*REOPENED).when(SATISFIED).nothing()


def test_21_satisfied_first_the_objection_reopens() -> None:
    given(*RESOLVED, SATISFIED).when(reopening()).then(ComplaintReopened)


def test_21_ratings_alone_decide_nothing() -> None:
    given(*RESOLVED).when(survey(SurveyResult.SATISFIED, ratings_only=True)).nothing()
    given(*RESOLVED).when(survey(SurveyResult.OBJECTION, ratings_only=True)).nothing()


def test_21_a_survey_of_what_is_open_decides_nothing() -> None:
    given(*WITHDRAWN).when(SATISFIED).nothing()
    given(*WITHDRAWN).when(OBJECTION).nothing()


# 22: the acknowledgement is sent after the withdrawal


def test_22_an_acknowledgement_after_the_end_is_dropped() -> None:
    given(*FILED, withdrawal()).when(ACKNOWLEDGED).nothing()
    given(*CLOSED).when(ACKNOWLEDGED).nothing()
    given(*REOPENED).when(ACKNOWLEDGED).nothing()


def test_22_acknowledged_first_and_once() -> None:
    given(*FILED).when(ACKNOWLEDGED).then(ComplaintAcknowledged, notification_id="n1")
    given(*SUBMITTED).when(ACKNOWLEDGED).then(ComplaintAcknowledged, status=Status.SUBMITTED)
    given(*FILED, ACKNOWLEDGED).when(ACKNOWLEDGED).nothing()
    given(*FILED, ACKNOWLEDGED).when(withdrawal()).then(ComplaintWithdrawn)


# 29: the merchant's profile arrives after its first use


def test_29_an_unknown_merchant_is_standard() -> None:
    accepted = given().when(filing()).then(ComplaintFiled, ComplaintAccepted).events[1]
    assert isinstance(accepted, ComplaintAccepted)
    assert (accepted.merchant_class, accepted.region) == ("standard", None)


def test_29_a_known_one_is_what_it_is() -> None:
    told = given().when(filing(merchant_class="premium", region="CN-ZJ"))
    accepted = told.events[1]
    assert isinstance(accepted, ComplaintAccepted)
    assert (accepted.merchant_class, accepted.region) == ("premium", "CN-ZJ")


def test_a_terminal_release_never_unassigns() -> None:
    given(*ASSIGNED).when(release(reason=UnassignReason.TERMINAL)).nothing()
    given(*RESOLVED).when(release()).nothing()
    given(*ASKED).when(release(2)).nothing()
    assert SPECIALIST.id == "s1"
