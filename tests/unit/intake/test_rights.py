"""Whose complaint it is (crossings 5 and 7, as far as rights go)."""

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.commands import Command
from services.intake.domain.state import holder
from shared.events.complaints import ContactMade, MerchantAsked
from shared.events.vocabulary import Role
from tests.unit.intake.story import (
    ASK,
    ASKED,
    ASSIGNED,
    COLLEAGUE,
    FILED,
    IN_PROGRESS,
    NOW,
    OPS,
    REOPENED,
    RESOLVED,
    SPECIALIST,
    STRANGER,
    SUBMITTED,
    SUPERVISOR,
    assignment,
    contact,
    given,
    release,
    resolution,
    withdrawal,
)

OTHER_MERCHANT = Author(role=Role.MERCHANT, id="clerk", merchant_id="m2")
NO_MERCHANT = Author(role=Role.MERCHANT, id="clerk")
OTHER_TEAM = Author(role=Role.SUPERVISOR, id="other", team_id="t2")


def test_nobody_acts_on_what_does_not_exist() -> None:
    given().when(contact()).refused("not_found")


@pytest.mark.parametrize("by", [STRANGER, OTHER_MERCHANT, NO_MERCHANT])
def test_outsiders_learn_nothing(by: Author) -> None:
    given(*ASSIGNED).when(withdrawal(by)).refused("not_found")


def test_a_supervisor_acts_in_their_team() -> None:
    given(*ASSIGNED).when(contact(SUPERVISOR)).then(ContactMade)
    given(*ASSIGNED).when(contact(OTHER_TEAM)).refused("not_found")
    given(*FILED).when(contact(OTHER_TEAM)).refused("wrong_status")


def test_operations_do_not_handle_complaints() -> None:
    given(*ASSIGNED).when(contact(OPS)).refused("forbidden")


def test_a_specialist_handles_what_is_assigned_to_them() -> None:
    given(*IN_PROGRESS).when(ASK).then(MerchantAsked)
    given(*IN_PROGRESS).when(contact(COLLEAGUE)).refused("not_assigned")


@pytest.mark.parametrize("past", [FILED, REOPENED, (*ASKED, release())])
def test_while_nobody_has_it_the_assignment_may_be_on_its_way(past: tuple[Command, ...]) -> None:
    given(*past).when(contact(COLLEAGUE)).refused("assignment_pending")


def test_before_acceptance_no_assignment_is_on_its_way() -> None:
    given(*SUBMITTED).when(contact()).refused("not_assigned")


def test_who_was_released_has_it_no_more() -> None:
    given(*IN_PROGRESS, release()).when(contact()).refused("not_assigned")
    given(*IN_PROGRESS, release(), assignment(2)).when(contact()).then(ContactMade)


def test_the_end_leaves_the_rights_until_a_reopening_is_assigned() -> None:
    given(*RESOLVED).when(resolution()).refused("wrong_status")
    given(*RESOLVED).when(resolution(COLLEAGUE)).refused("not_assigned")
    kept = holder(given(*REOPENED).when(assignment(cycle=9)).nothing().complaint)
    assert kept is not None
    assert kept.specialist_id == SPECIALIST.id
    moved = given(*REOPENED).when(assignment(specialist_id="s2", cycle=2))
    assert holder(moved.complaint) != kept
    released = given(*REOPENED, assignment(cycle=2)).when(release(cycle=2))
    assert holder(released.complaint) is None
    assert released.complaint.case.filed.occurred_at == NOW
