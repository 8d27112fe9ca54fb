"""Dear solutions are seen by a second person before the consumer sees them."""

from dataclasses import replace

import pytest

from services.intake.domain.case import SolutionOutcome
from services.intake.domain.escalation_commands import ReturnSolution
from services.intake.domain.policy import needs_approval
from services.intake.domain.state import InProgress, SolutionDrafted, SolutionProposed
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    SolutionAccepted,
)
from shared.events.complaints import SolutionProposed as Proposed
from shared.events.escalation import SolutionApproved, SolutionReturned
from shared.events.vocabulary import Status, Turn
from tests.unit.intake.story import (
    DRAFTED,
    IN_PROGRESS,
    LARGE,
    NOW,
    POLICY,
    PROPOSED,
    SPECIALIST,
    SUPERVISOR,
    approval,
    assignment,
    consent,
    draft,
    given,
    release,
    solution,
    withdrawal,
)

BACK = ReturnSolution(now=NOW, by=SUPERVISOR, n=1, reason="The report is missing.")


def test_above_the_limit_a_solution_is_a_draft_for_the_supervisor() -> None:
    told = given(*IN_PROGRESS).when(draft())
    told.then(
        Proposed,
        needs_approval=True,
        status=Status.SOLUTION_DRAFTED,
        turn=Turn.SUPERVISOR,
        amount_minor=LARGE,
    )
    assert isinstance(told.complaint, SolutionDrafted)


@pytest.mark.parametrize(
    ("amount", "currency", "needed"),
    [
        (200_000, "CNY", False),
        (200_001, "CNY", True),
        (1, "XAU", True),
        (0, "XAU", False),
        (None, None, False),
    ],
)
def test_what_needs_a_second_person(amount: int | None, currency: str | None, needed: bool) -> None:
    assert needs_approval(POLICY, amount, currency) is needed


def test_an_approved_solution_is_put_to_the_consumer_as_it_was_drafted() -> None:
    told = given(*DRAFTED).when(approval())
    told.then(
        SolutionApproved,
        n=1,
        supervisor_id="boss",
        amount_minor=LARGE,
        status=Status.SOLUTION_PROPOSED,
    )
    assert isinstance(told.complaint, SolutionProposed)
    given(*DRAFTED, approval()).when(consent()).then(SolutionAccepted, n=1)


def test_nobody_approves_what_they_drafted_themselves() -> None:
    mine = (*IN_PROGRESS, draft(by=SUPERVISOR))
    given(*mine).when(approval(drafted_by="boss")).refused("four_eyes")
    other = replace(SUPERVISOR, id="other")
    given(*mine).when(approval(by=other, drafted_by="boss")).then(SolutionApproved)


def test_a_returned_draft_is_the_specialists_turn_again() -> None:
    told = given(*DRAFTED).when(BACK)
    told.then(SolutionReturned, reason="The report is missing.", turn=Turn.SPECIALIST)
    assert isinstance(told.complaint, InProgress)
    [past] = told.complaint.case.cycle.past
    assert past.outcome is SolutionOutcome.NOT_APPROVED
    given(*DRAFTED, BACK).when(solution()).then(Proposed, n=2, needs_approval=False)


def test_only_the_draft_that_waits_can_be_decided() -> None:
    given(*DRAFTED).when(approval(2)).refused("not_found")
    given(*PROPOSED).when(approval()).refused("wrong_status")
    given(*DRAFTED).when(approval(by=SPECIALIST)).refused("forbidden")
    given(*DRAFTED).when(consent()).refused("wrong_status")


def test_a_draft_waits_on_while_the_specialist_changes() -> None:
    told = given(*DRAFTED).when(release())
    told.then(ComplaintUnassigned, status=Status.SOLUTION_DRAFTED)
    alone = (*DRAFTED, release())
    given(*alone).when(BACK).then(SolutionReturned, status=Status.ACCEPTED, turn=Turn.PLATFORM)
    given(*alone).when(assignment(2)).then(ComplaintAssigned, status=Status.SOLUTION_DRAFTED)


def test_a_drafted_complaint_can_be_withdrawn() -> None:
    given(*DRAFTED).when(withdrawal()).then(ComplaintWithdrawn)
