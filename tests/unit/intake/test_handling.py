"""Contacts, messages, questions to the merchant."""

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.commands import (
    AnswerForConsumer,
    AnswerForMerchant,
    Command,
    PostMessage,
)
from services.intake.domain.state import standing
from shared.events.complaints import (
    ComplaintAssigned,
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    SolutionProposed,
)
from shared.events.vocabulary import Audience, Role, Stance, Status, Turn
from tests.unit.intake.story import (
    ASK,
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
    RESOLVED,
    SPECIALIST,
    SUBMITTED,
    SUPERVISOR,
    assignment,
    contact,
    given,
    later,
    merchant_silent,
    release,
    solution,
)


def answer(n: int | None = None, by: Author = MERCHANT) -> AnswerForMerchant:
    return AnswerForMerchant(now=NOW, by=by, stance=Stance.REFUSES, text="It is genuine.", n=n)


def message(by: Author, to: frozenset[Audience] | None = None) -> PostMessage:
    return PostMessage(now=NOW, by=by, text="Hello", to=to)


def test_a_two_way_contact_begins_the_work() -> None:
    given(*ASSIGNED).when(contact(note="calm")).then(
        ContactMade, n=1, status=Status.IN_PROGRESS, turn=Turn.SPECIALIST, backdated_seconds=0
    )


def test_a_call_nobody_answers_is_an_attempt() -> None:
    given(*ASSIGNED).when(contact(two_way=False)).then(
        ContactAttempted, n=1, status=Status.ASSIGNED, outcome="no_answer"
    )


def test_contacts_and_attempts_are_counted_together() -> None:
    given(*ASSIGNED, contact(two_way=False)).when(contact()).then(ContactMade, n=2)


@pytest.mark.parametrize("past", [IN_PROGRESS, ASKED, PROPOSED, REMEDYING])
def test_contacts_go_on_in_every_open_status(past: tuple[Command, ...]) -> None:
    before = given(*past).when(contact())
    before.then(ContactMade, n=2)
    assert standing(before.complaint).status is before.events[0].status  # type: ignore[attr-defined]


@pytest.mark.parametrize("past", [SUBMITTED, FILED, CLOSED])
def test_without_an_assignee_there_is_no_contact(past: tuple[Command, ...]) -> None:
    given(*past).when(contact(by=SUPERVISOR)).refused("wrong_status")


def test_a_contact_may_say_when_it_was() -> None:
    at = later(minutes=5)
    given(*ASSIGNED).when(contact(now=later(minutes=20), occurred_at=at)).then(
        ContactMade, occurred_at=at, backdated_seconds=900
    )


def test_a_contact_dated_back_further_needs_a_supervisor() -> None:
    told = contact(now=later(hours=1), occurred_at=later(minutes=44))
    given(*ASSIGNED).when(told).refused("backdated_too_far")
    by_supervisor = contact(SUPERVISOR, now=later(hours=1), occurred_at=later(minutes=44))
    given(*ASSIGNED).when(by_supervisor).then(ContactMade, backdated_seconds=960)


def test_a_contact_before_the_complaint_is_none() -> None:
    given(*ASSIGNED).when(contact(occurred_at=later(minutes=-1))).refused("validation_failed")


def test_a_contact_to_come_is_none() -> None:
    given(*ASSIGNED).when(contact(occurred_at=later(minutes=1))).refused("occurred_in_future")


def test_the_merchant_is_asked() -> None:
    given(*IN_PROGRESS).when(ASK).then(
        MerchantAsked, n=1, status=Status.AWAITING_MERCHANT, turn=Turn.MERCHANT
    )


def test_one_request_at_a_time() -> None:
    given(*ASKED).when(ASK).refused("request_open")


@pytest.mark.parametrize("past", [ASSIGNED, PROPOSED, REMEDYING, RESOLVED])
def test_the_merchant_is_asked_while_in_progress_only(past: tuple[Command, ...]) -> None:
    given(*past).when(ASK).refused("wrong_status")


def test_the_merchant_answers() -> None:
    given(*ASKED).when(answer()).then(
        MerchantAnswered, n=1, late=False, status=Status.IN_PROGRESS, turn=Turn.SPECIALIST
    )
    given(*ASKED).when(answer(1)).then(MerchantAnswered, n=1, late=False)


def test_an_answer_counts_once() -> None:
    given(*ASKED, answer()).when(answer(1)).refused("already_answered")
    given(*ASKED, answer()).when(answer()).refused("no_open_request")


def test_an_answer_needs_a_question() -> None:
    given(*IN_PROGRESS).when(answer()).refused("no_open_request")
    given(*ASKED).when(answer(2)).refused("no_open_request")
    given(*RESOLVED).when(answer()).refused("wrong_status")


def test_staff_may_record_what_the_merchant_says() -> None:
    given(*ASKED).when(answer(by=SPECIALIST)).then(MerchantAnswered, n=1)
    given(*ASKED).when(answer(by=CONSUMER)).refused("forbidden")


def test_questions_and_solutions_share_one_counter() -> None:
    given(*ASKED, answer()).when(solution()).then(SolutionProposed, n=2)


def test_while_the_merchant_is_asked_a_release_changes_the_assignee_only() -> None:
    given(*ASKED, release()).when(answer()).then(
        MerchantAnswered, status=Status.ACCEPTED, turn=Turn.PLATFORM
    )


def test_who_takes_over_need_not_make_first_contact_again() -> None:
    given(*ASKED, release(), answer()).when(assignment(2, specialist_id="s2")).then(
        ComplaintAssigned, status=Status.IN_PROGRESS
    )
    given(*ASKED, release()).when(assignment(2, specialist_id="s2")).then(
        ComplaintAssigned, status=Status.AWAITING_MERCHANT
    )


@pytest.mark.parametrize(
    ("by", "to", "visible_to"),
    [
        (CONSUMER, None, ("consumer", "staff")),
        (MERCHANT, None, ("merchant", "staff")),
        (SPECIALIST, None, ("consumer", "staff")),
        (SPECIALIST, frozenset({Audience.MERCHANT}), ("merchant", "staff")),
        (SPECIALIST, frozenset({Audience.STAFF}), ("staff",)),
        (CONSUMER, frozenset({Audience.MERCHANT}), ("consumer", "merchant", "staff")),
    ],
)
def test_a_message_is_seen_by_author_addressee_and_staff(
    by: Author, to: frozenset[Audience] | None, visible_to: tuple[str, ...]
) -> None:
    given(*ASSIGNED).when(message(by, to)).then(
        MessagePosted, from_role=by.role, visible_to=visible_to, status=Status.ASSIGNED
    )


def test_a_message_is_its_author_s_personal_data() -> None:
    posted = given(*ASSIGNED).when(message(MERCHANT)).events[0]
    assert isinstance(posted, MessagePosted)
    assert posted.text.subject == "m1"


def test_nobody_writes_to_what_is_over() -> None:
    given(*CLOSED).when(message(CONSUMER)).refused("wrong_status")


def test_an_unasked_answer_is_a_message() -> None:
    given(*ASKED).when(AnswerForConsumer(now=NOW, by=CONSUMER, text="By the way")).then(
        MessagePosted, from_role=Role.CONSUMER, visible_to=("consumer", "staff")
    )


def test_a_lapsed_request_speaks_for_the_consumer() -> None:
    told = given(*ASKED).when(merchant_silent())
    assert told.complaint.case.cycle.presumption_n == 1
