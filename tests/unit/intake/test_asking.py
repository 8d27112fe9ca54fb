"""Either party is asked, or both at once: the consumer has the turn until they have answered."""

import pytest

from services.intake.domain.casework_commands import AddEvidence
from services.intake.domain.commands import AnswerForMerchant, Command
from services.intake.domain.state import AwaitingConsumer, AwaitingMerchant, InProgress, standing
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintReopened,
    ComplaintUnassigned,
    ConsumerAnswered,
    ConsumerAsked,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RequestLapsed,
)
from shared.events.vocabulary import (
    AskStage,
    CloseReason,
    EvidenceKind,
    Party,
    ReopenReason,
    Stance,
    Status,
    Turn,
)
from tests.unit.intake.story import (
    ASK,
    ASKED,
    ASSIGNED,
    CLOSED,
    CONSUMER,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    PROPOSED,
    answer_question,
    ask_consumer,
    assignment,
    consumer_silent,
    given,
    merchant_silent,
    release,
    resolution,
    solution,
)

QUESTIONED = (*IN_PROGRESS, ask_consumer())
BOTH = (*ASKED, ask_consumer())


def answer(n: int | None = None) -> AnswerForMerchant:
    return AnswerForMerchant(now=NOW, by=MERCHANT, stance=Stance.INFORMS, text="It is.", n=n)


def test_everything_missing_is_asked_in_one_message() -> None:
    told = given(*IN_PROGRESS).when(ask_consumer("A photo of the label", "The parcel's number"))
    told.then(
        ConsumerAsked,
        n=1,
        items=("A photo of the label", "The parcel's number"),
        stage=AskStage.CASE,
        status=Status.AWAITING_CONSUMER,
        turn=Turn.CONSUMER,
    )
    complaint = told.complaint
    assert isinstance(complaint, AwaitingConsumer)
    assert complaint.question.reason


def test_the_answer_gives_the_turn_back() -> None:
    file = AddEvidence(
        now=NOW,
        by=CONSUMER,
        evidence_id="e1",
        sha256="0" * 64,
        kind=EvidenceKind.PRODUCT_PHOTO,
        media_type="image/png",
        bytes=7,
    )
    told = given(*QUESTIONED, file).when(answer_question(evidence=("e1",)))
    told.then(ConsumerAnswered, n=1, evidence_ids=("e1",), status=Status.IN_PROGRESS)
    assert isinstance(told.complaint, InProgress)


def test_an_answer_names_the_open_question_or_none() -> None:
    given(*QUESTIONED).when(answer_question(n=1)).then(ConsumerAnswered)
    given(*QUESTIONED).when(answer_question(n=2)).refused("no_open_request")


def test_without_a_question_staff_read_it_as_a_message() -> None:
    given(*IN_PROGRESS).when(answer_question()).then(MessagePosted)


@pytest.mark.parametrize("past", [ASSIGNED, PROPOSED, CLOSED])
def test_questions_belong_to_the_work_on_the_case(past: tuple[Command, ...]) -> None:
    given(*past).when(ask_consumer()).refused("wrong_status")


def test_both_may_be_asked_whoever_is_asked_first() -> None:
    told = given(*QUESTIONED).when(ASK)
    told.then(MerchantAsked, n=2, status=Status.AWAITING_CONSUMER, turn=Turn.CONSUMER)
    assert isinstance(told.complaint, AwaitingConsumer)
    assert (told.complaint.question.n, told.complaint.request) == (1, 2)
    told = given(*ASKED).when(ask_consumer())
    told.then(ConsumerAsked, n=2, status=Status.AWAITING_CONSUMER, turn=Turn.CONSUMER)
    assert isinstance(told.complaint, AwaitingConsumer)
    assert (told.complaint.question.n, told.complaint.request) == (2, 1)


def test_nobody_is_asked_twice_at_once() -> None:
    given(*BOTH).when(ASK).refused("request_open")
    given(*BOTH).when(ask_consumer()).refused("request_open")
    given(*QUESTIONED, ASK).when(ASK).refused("request_open")


def test_after_the_consumers_answer_it_is_the_merchants_turn() -> None:
    told = given(*BOTH).when(answer_question())
    told.then(ConsumerAnswered, n=2, status=Status.AWAITING_MERCHANT, turn=Turn.MERCHANT)
    assert isinstance(told.complaint, AwaitingMerchant)
    assert told.complaint.request == 1


def test_a_merchant_who_answers_first_leaves_the_turn_with_the_consumer() -> None:
    told = given(*BOTH).when(answer())
    told.then(MerchantAnswered, n=1, late=False, status=Status.AWAITING_CONSUMER)
    given(*BOTH, answer()).when(answer_question()).then(
        ConsumerAnswered, n=2, status=Status.IN_PROGRESS
    )


def test_a_silent_merchant_speaks_for_the_consumer_who_still_has_to_answer() -> None:
    told = given(*BOTH).when(merchant_silent())
    told.then(RequestLapsed, party=Party.MERCHANT, n=1, status=Status.AWAITING_CONSUMER)
    assert told.complaint.case.cycle.presumption_n == 1
    given(*BOTH, merchant_silent()).when(answer()).then(
        MerchantAnswered, late=True, status=Status.AWAITING_CONSUMER
    )


def test_a_silent_consumer_closes_it_and_an_answer_opens_it_again() -> None:
    told = given(*QUESTIONED).when(consumer_silent())
    told.then(RequestLapsed, ComplaintClosed, party=Party.CONSUMER, n=1)
    assert told.events[1].reason is CloseReason.UNANSWERED  # type: ignore[attr-defined]
    given(*QUESTIONED, consumer_silent()).when(answer_question()).then(
        ComplaintReopened, cycle=2, reason=ReopenReason.ANSWERED_LATE
    )


def test_crossing_9_an_answer_before_the_lapse_makes_it_nothing() -> None:
    given(*QUESTIONED, answer_question()).when(consumer_silent()).nothing()
    given(*QUESTIONED, answer_question(), ask_consumer()).when(consumer_silent(1)).nothing()
    given(*QUESTIONED).when(consumer_silent(cycle=2)).nothing()


def test_crossing_6_the_next_specialist_inherits_the_question() -> None:
    told = given(*BOTH).when(release())
    told.then(ComplaintUnassigned, status=Status.AWAITING_CONSUMER)
    handed = given(*BOTH, release()).when(assignment(2, specialist_id="s2"))
    handed.then(ComplaintAssigned, status=Status.AWAITING_CONSUMER)
    assert isinstance(handed.complaint, AwaitingConsumer)
    assert handed.complaint.question.n == 2
    given(*QUESTIONED, release()).when(answer_question()).then(
        ConsumerAnswered, status=Status.ACCEPTED, turn=Turn.PLATFORM
    )


def test_nothing_is_settled_over_the_consumers_head() -> None:
    given(*QUESTIONED).when(solution()).refused("wrong_status")
    given(*QUESTIONED).when(resolution()).refused("wrong_status")
    assert standing(given(*QUESTIONED).when(solution()).complaint).turn is Turn.CONSUMER
