"""A review ends in acceptance, rejection or a question; a rejection can be appealed."""

from services.intake.domain.commands import AcceptComplaint, AppealRejection, RejectComplaint
from services.intake.domain.state import NeedsInformation, Rejected, Submitted
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintRejected,
    ConsumerAnswered,
    RejectionAppealed,
)
from shared.events.vocabulary import AskStage, RejectionReason, Status, Turn
from tests.unit.intake.story import (
    CONSUMER,
    FILED,
    IN_PROGRESS,
    NOW,
    OPS,
    SPECIALIST,
    STRANGER,
    SUBMITTED,
    SUPERVISOR,
    answer_question,
    ask_consumer,
    assignment,
    consumer_silent,
    given,
    later,
    withdrawal,
)

REJECTION = RejectComplaint(now=NOW, by=SUPERVISOR, reason=RejectionReason.BEFORE_ANOTHER_BODY)
APPEAL = AppealRejection(now=later(days=3), by=CONSUMER, text="No court has it.")
REJECTED = (*SUBMITTED, REJECTION)
QUESTIONED = (*SUBMITTED, ask_consumer(by=SUPERVISOR))


def test_a_supervisor_rejects_with_a_reason() -> None:
    told = given(*SUBMITTED).when(REJECTION)
    told.then(
        ComplaintRejected,
        reason_code=RejectionReason.BEFORE_ANOTHER_BODY,
        reviewer_id="boss",
        status=Status.REJECTED,
        turn=Turn.NOBODY,
    )
    assert isinstance(told.complaint, Rejected)


def test_only_what_waits_for_its_review_can_be_rejected() -> None:
    given(*FILED).when(REJECTION).refused("review_not_open")
    given(*REJECTED).when(REJECTION).refused("review_not_open")
    given(*QUESTIONED).when(REJECTION).refused("review_not_open")


def test_only_supervisors_review() -> None:
    for who in (CONSUMER, SPECIALIST, OPS):
        by = RejectComplaint(now=NOW, by=who, reason=RejectionReason.OUT_OF_TIME)
        given(*SUBMITTED).when(by).refused("forbidden")


def test_an_appeal_brings_the_complaint_back_to_its_review() -> None:
    told = given(*REJECTED).when(APPEAL)
    told.then(RejectionAppealed, status=Status.SUBMITTED, turn=Turn.PLATFORM)
    assert isinstance(told.complaint, Submitted)
    accept = AcceptComplaint(now=later(days=4), by=SUPERVISOR)
    given(*REJECTED, APPEAL).when(accept).then(ComplaintAccepted, reviewer_id="boss")


def test_an_appeal_has_its_time_and_its_consumer() -> None:
    late = AppealRejection(now=later(days=15, seconds=1), by=CONSUMER, text="Late.")
    given(*REJECTED).when(late).refused("appeal_window_over")
    last = AppealRejection(now=later(days=15), by=CONSUMER, text="In time.")
    given(*REJECTED).when(last).then(RejectionAppealed)
    given(*REJECTED).when(AppealRejection(now=NOW, by=STRANGER, text="?")).refused("not_found")
    given(*SUBMITTED).when(APPEAL).refused("wrong_status")


def test_what_is_rejected_takes_no_act_and_no_decision() -> None:
    given(*REJECTED).when(withdrawal()).refused("wrong_status")
    given(*REJECTED).when(assignment()).nothing()
    given(*REJECTED).when(consumer_silent()).nothing()


def test_a_review_may_need_information_first() -> None:
    told = given(*SUBMITTED).when(ask_consumer(by=SUPERVISOR))
    assert told.events[0].stage is AskStage.REVIEW  # type: ignore[attr-defined]
    assert isinstance(told.complaint, NeedsInformation)
    told = given(*QUESTIONED).when(answer_question())
    told.then(ConsumerAnswered, n=1, status=Status.SUBMITTED, turn=Turn.PLATFORM)
    assert isinstance(told.complaint, Submitted)


def test_no_specialist_asks_before_acceptance() -> None:
    given(*SUBMITTED).when(ask_consumer()).refused("not_assigned")
    given(*QUESTIONED).when(ask_consumer()).refused("not_assigned")


def test_no_decision_assigns_what_is_not_accepted() -> None:
    given(*QUESTIONED).when(assignment()).nothing()


def test_the_review_waits_for_one_answer_at_a_time() -> None:
    given(*QUESTIONED).when(ask_consumer(by=SUPERVISOR)).refused("request_open")
    given(*IN_PROGRESS, ask_consumer()).when(ask_consumer()).refused("request_open")
