"""Solutions, consent and remedies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.case import SolutionOutcome
from services.intake.domain.commands import (
    AcceptSolution,
    Command,
    RecordRemedy,
    RecordRemedyFailure,
)
from shared.events.complaints import (
    ComplaintResolved,
    RemedyDone,
    RemedyFailed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.vocabulary import Payer, Role, Status, Turn
from tests.unit.intake.story import (
    ASK,
    ASKED,
    ASSIGNED,
    CONSUMER,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    POLICY,
    PROPOSED,
    REMEDYING,
    RESOLVED,
    SPECIALIST,
    SUPERVISOR,
    assignment,
    consent,
    contact,
    done,
    given,
    later,
    merchant_silent,
    rejection,
    release,
    remedy_overdue,
    reopening,
    resolution,
    solution,
)


def staff_saw_it(n: int = 1) -> RecordRemedy:
    return RecordRemedy(now=NOW, by=SPECIALIST, n=n, reference="R-1")


def failure(by: Author = SPECIALIST, *, n: int = 1, disputed: bool = False) -> RecordRemedyFailure:
    return RecordRemedyFailure(now=NOW, by=by, n=n, disputed=disputed)


def test_a_solution_is_put_to_the_consumer() -> None:
    given(*IN_PROGRESS).when(solution()).then(
        SolutionProposed,
        n=1,
        needs_approval=False,
        status=Status.SOLUTION_PROPOSED,
        turn=Turn.CONSUMER,
    )


@pytest.mark.parametrize("past", [ASSIGNED, ASKED, PROPOSED, REMEDYING, RESOLVED])
def test_a_solution_is_proposed_while_in_progress_only(past: tuple[Command, ...]) -> None:
    given(*past).when(solution()).refused("wrong_status")


@pytest.mark.parametrize(
    ("payer", "turn"), [(Payer.MERCHANT, Turn.MERCHANT), (Payer.PLATFORM, Turn.PLATFORM)]
)
def test_after_consent_it_is_the_turn_of_who_pays(payer: Payer, turn: Turn) -> None:
    given(*IN_PROGRESS, solution(payer)).when(consent()).then(
        SolutionAccepted, status=Status.REMEDYING, turn=turn, consent_how="in_person"
    )


def test_where_nobody_pays_consent_resolves() -> None:
    told = given(*IN_PROGRESS, solution(Payer.NOBODY)).when(consent())
    told.then(SolutionAccepted, ComplaintResolved, status=Status.IN_PROGRESS)
    resolved = told.events[1]
    assert isinstance(resolved, ComplaintResolved)
    assert (resolved.solution_n, resolved.turn) == (1, Turn.NOBODY)


def test_consent_taken_by_staff_says_how() -> None:
    given(*PROPOSED).when(consent(by=SPECIALIST)).then(
        SolutionAccepted, consent_by="s1", consent_how="by telephone"
    )
    unsaid = AcceptSolution(now=NOW, by=SPECIALIST, n=1)
    given(*PROPOSED).when(unsaid).refused("validation_failed")


def test_the_merchant_does_not_consent_for_the_consumer() -> None:
    given(*PROPOSED).when(consent(by=MERCHANT)).refused("forbidden")


def test_a_rejected_solution_goes_back_to_the_specialist() -> None:
    told = given(*PROPOSED).when(rejection())
    told.then(SolutionRejected, n=1, status=Status.IN_PROGRESS)
    assert told.complaint.case.cycle.past[0].outcome is SolutionOutcome.REJECTED


def test_a_decision_needs_a_proposal() -> None:
    given(*IN_PROGRESS).when(consent()).refused("wrong_status")
    given(*PROPOSED).when(consent(7)).refused("not_found")
    given(*REMEDYING).when(rejection()).refused("wrong_status")


def test_without_a_specialist_a_rejection_waits_for_one() -> None:
    given(*PROPOSED, release()).when(rejection()).then(
        SolutionRejected, status=Status.ACCEPTED, turn=Turn.PLATFORM
    )


def test_the_merchant_confirms_its_remedy() -> None:
    given(*REMEDYING).when(done()).then(
        RemedyDone, n=1, status=Status.IN_PROGRESS, by_role=Role.MERCHANT, reference="R-1"
    )


def test_staff_see_a_remedy_done() -> None:
    given(*REMEDYING).when(staff_saw_it()).then(RemedyDone, by_role=Role.SPECIALIST)
    given(*REMEDYING).when(staff_saw_it(2)).refused("wrong_status")


def test_the_merchant_cannot_confirm_what_the_platform_owes() -> None:
    given(*IN_PROGRESS, solution(Payer.PLATFORM), consent()).when(done()).refused("forbidden")


def test_a_remedy_may_be_dated_back_a_little() -> None:
    at = later(minutes=10)
    given(*REMEDYING).when(done(occurred_at=at)).refused("occurred_in_future")
    given(*REMEDYING).when(done(occurred_at=later(minutes=-1))).refused("validation_failed")
    given(*REMEDYING).when(done(occurred_at=NOW)).then(RemedyDone, occurred_at=NOW)


def test_a_remedy_is_owed_once() -> None:
    given(*REMEDYING, done()).when(done()).refused("wrong_status")
    given(*RESOLVED).when(done()).refused("wrong_status")


def test_an_overdue_remedy_goes_back_and_may_still_be_done() -> None:
    overdue = given(*REMEDYING).when(remedy_overdue())
    overdue.then(RemedyFailed, reason="overdue", status=Status.IN_PROGRESS)
    told = given(*REMEDYING, remedy_overdue(), ASK).when(done())
    told.then(RemedyDone, n=1, status=Status.AWAITING_MERCHANT)
    assert told.complaint.case.cycle.past[0].outcome is SolutionOutcome.DONE


def test_a_late_remedy_leaves_other_solutions_alone() -> None:
    past = (*PROPOSED, rejection(), solution(), consent(2), remedy_overdue(2))
    told = given(*past).when(done(2))
    outcomes = [entry.outcome for entry in told.complaint.case.cycle.past]
    assert outcomes == [SolutionOutcome.REJECTED, SolutionOutcome.DONE]


@pytest.mark.parametrize(
    ("by", "disputed", "reason"),
    [
        (SPECIALIST, False, "failed"),
        (SUPERVISOR, True, "disputed"),
        (CONSUMER, False, "disputed"),
    ],
)
def test_a_remedy_fails_or_is_disputed(by: Author, disputed: bool, reason: str) -> None:
    told = given(*REMEDYING).when(failure(by, disputed=disputed))
    told.then(RemedyFailed, reason=reason, status=Status.IN_PROGRESS)
    assert told.complaint.case.cycle.past[0].outcome is SolutionOutcome.FAILED


def test_only_a_running_remedy_fails() -> None:
    given(*PROPOSED).when(failure()).refused("wrong_status")
    given(*REMEDYING).when(failure(n=2)).refused("wrong_status")
    given(*REMEDYING, failure()).when(done()).refused("wrong_status")


def test_a_resolution_names_the_solution_it_rests_on() -> None:
    given(*REMEDYING, done()).when(resolution()).then(ComplaintResolved, solution_n=1)
    given(*REMEDYING).when(resolution()).then(ComplaintResolved, solution_n=1)
    given(*PROPOSED, rejection()).when(resolution()).then(ComplaintResolved, solution_n=None)


@pytest.mark.parametrize("past", [ASSIGNED, ASKED, PROPOSED, RESOLVED])
def test_what_waits_for_somebody_is_not_resolved(past: tuple[Command, ...]) -> None:
    given(*past).when(resolution()).refused("wrong_status")


FIRST = replace(POLICY, merchant_first=timedelta(hours=24))


def test_a_marketplace_may_want_the_merchant_asked_first() -> None:
    given(*IN_PROGRESS, policy=FIRST).when(solution()).refused("merchant_first")
    later_on = replace(solution(), now=later(hours=24))
    given(*IN_PROGRESS, policy=FIRST).when(later_on).then(SolutionProposed)
    silent = (*ASKED, merchant_silent())
    given(*silent, policy=FIRST).when(solution()).then(SolutionProposed)
    given(*IN_PROGRESS).when(solution()).then(SolutionProposed)


def test_in_a_new_cycle_the_merchant_is_asked_first_again() -> None:
    again = (*IN_PROGRESS, resolution(), reopening(), assignment(1, cycle=2), contact())
    given(*again, policy=FIRST).when(solution()).refused("merchant_first")
