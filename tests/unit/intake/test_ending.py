"""Withdrawing, closing, reopening."""

import pytest

from services.intake.domain.case import SolutionOutcome
from services.intake.domain.commands import AnswerForConsumer, Command, ReopenComplaint
from services.intake.domain.reports import CloseSilently, NoteFollowUpSent
from shared.events.complaints import (
    ComplaintClosed,
    ComplaintFollowUpSent,
    ComplaintReopened,
    ComplaintWithdrawn,
)
from shared.events.vocabulary import CloseReason, ReopenReason, Status, SurveyResult, Turn
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
    SUPERVISOR,
    WITHDRAWN,
    assignment,
    consumer_silent,
    contact,
    given,
    later,
    reopening,
    resolution,
    survey,
    withdrawal,
)

SILENT = CloseSilently(now=NOW, cycle=1)
SECOND_OBJECTION = (
    *REOPENED,
    assignment(cycle=2),
    contact(),
    resolution(),
)


@pytest.mark.parametrize(
    "past", [SUBMITTED, FILED, ASSIGNED, IN_PROGRESS, ASKED, PROPOSED, REMEDYING, REOPENED]
)
def test_whatever_is_open_may_be_withdrawn(past: tuple[Command, ...]) -> None:
    given(*past).when(withdrawal()).then(
        ComplaintWithdrawn, by="u1", status=Status.WITHDRAWN, turn=Turn.NOBODY
    )


@pytest.mark.parametrize("past", [RESOLVED, CLOSED, WITHDRAWN])
def test_what_is_over_is_not_withdrawn(past: tuple[Command, ...]) -> None:
    given(*past).when(withdrawal()).refused("wrong_status")


def test_only_the_consumer_s_side_withdraws() -> None:
    given(*ASSIGNED).when(withdrawal(MERCHANT)).refused("forbidden")
    given(*ASSIGNED).when(withdrawal(SPECIALIST)).then(ComplaintWithdrawn, by="s1")


def test_an_open_solution_is_abandoned_with_the_complaint() -> None:
    told = given(*PROPOSED).when(withdrawal())
    assert told.complaint.case.cycle.past[0].outcome is SolutionOutcome.ABANDONED


def test_a_satisfied_consumer_closes() -> None:
    given(*RESOLVED).when(survey(SurveyResult.SATISFIED)).then(
        ComplaintClosed, reason=CloseReason.SATISFIED, status=Status.CLOSED
    )


def test_a_silent_consumer_closes_too() -> None:
    given(*RESOLVED).when(SILENT).then(ComplaintClosed, reason=CloseReason.SILENT)


def test_an_objection_reopens_with_the_same_specialist_first() -> None:
    told = given(*RESOLVED).when(survey(SurveyResult.OBJECTION, text="Still fake."))
    told.then(
        ComplaintReopened,
        cycle=2,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        reason=ReopenReason.OBJECTION,
        previous_specialist_id="s1",
        offer_superior_review=False,
        follow_up_id="f1",
    )


def test_a_second_objection_offers_a_superior_s_review() -> None:
    told = given(*SECOND_OBJECTION).when(survey(SurveyResult.OBJECTION, cycle=2))
    told.then(ComplaintReopened, cycle=3, offer_superior_review=True)
    assert told.complaint.case.offer_superior_review


def test_a_new_problem_is_no_objection() -> None:
    new = ReopenComplaint(now=NOW, by=CONSUMER, reason=ReopenReason.NEW_PROBLEM, text=None)
    given(*SECOND_OBJECTION).when(new).then(ComplaintReopened, offer_superior_review=False)


def test_a_new_cycle_counts_from_one_again() -> None:
    told = given(*RESOLVED).when(reopening())
    cycle = told.complaint.case.cycle
    assert (cycle.number, cycle.last_n, cycle.contacts, cycle.past) == (2, 0, 0, ())


@pytest.mark.parametrize("past", [SUBMITTED, IN_PROGRESS, REMEDYING])
def test_what_is_open_is_not_reopened(past: tuple[Command, ...]) -> None:
    given(*past).when(reopening()).refused("wrong_status")


def test_a_closed_complaint_is_reopened_within_its_window() -> None:
    given(*CLOSED).when(reopening(now=later(days=15))).then(ComplaintReopened)
    too_late = reopening(now=later(days=15, milliseconds=1))
    given(*CLOSED).when(too_late).refused("reopening_window_over")


def test_a_resolved_complaint_waits_for_its_objection() -> None:
    given(*RESOLVED).when(reopening(now=later(days=40))).then(ComplaintReopened)


def test_what_was_withdrawn_only_a_supervisor_reopens() -> None:
    given(*WITHDRAWN).when(reopening()).refused("forbidden")
    given(*WITHDRAWN).when(reopening(SUPERVISOR)).then(ComplaintReopened, cycle=2)


def test_an_answer_after_the_lapse_reopens() -> None:
    answer = AnswerForConsumer(now=later(days=3), by=CONSUMER, text="I was away.")
    given(*PROPOSED, consumer_silent()).when(answer).then(
        ComplaintReopened, reason=ReopenReason.ANSWERED_LATE, cycle=2
    )


def test_an_answer_long_after_the_lapse_is_too_late() -> None:
    answer = AnswerForConsumer(now=later(days=16), by=CONSUMER, text="I was away.")
    given(*PROPOSED, consumer_silent()).when(answer).refused("reopening_window_over")


def test_nothing_is_asked_once_it_is_over() -> None:
    answer = AnswerForConsumer(now=NOW, by=CONSUMER, text="Hello?")
    given(*CLOSED).when(answer).refused("wrong_status")


def test_the_survey_of_a_cycle_is_noted_once() -> None:
    sent = NoteFollowUpSent(now=NOW, cycle=1, follow_up_id="f1")
    given(*RESOLVED).when(sent).then(ComplaintFollowUpSent, cycle=1, status=Status.RESOLVED)
    given(*RESOLVED, sent).when(sent).nothing()
    given(*IN_PROGRESS).when(sent).nothing()
    given(*WITHDRAWN).when(sent).nothing()
