"""Bodies outside: several at once, the status before returns, and what binds is carried out."""

import pytest

from services.intake.domain.commands import AnswerForMerchant, Command
from services.intake.domain.escalation_commands import Terms
from services.intake.domain.state import (
    AwaitingMerchant,
    External,
    InProgress,
    Remedying,
    Resolved,
    UnderSuperiorReview,
    Withdrawn,
)
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ContactMade,
    MerchantAnswered,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
)
from shared.events.escalation import (
    ComplaintReferred,
    ReferralEnded,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.vocabulary import DemandKind, Payer, ReferralBody, Stance, Status, Turn
from tests.unit.intake.story import (
    ASK,
    ASKED,
    ASSIGNED,
    CLOSED,
    EXTERNAL,
    FILED,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    PROPOSED,
    REFUND,
    REMEDYING,
    SPECIALIST,
    SUBMITTED,
    SUPERVISOR,
    UNDER_REVIEW,
    answer_question,
    ask_consumer,
    assignment,
    consent,
    consumer_silent,
    contact,
    done,
    given,
    merchant_silent,
    referral,
    referral_outcome,
    release,
    remedy_overdue,
    resolution,
    solution,
    superior,
    verdict,
    withdrawal,
)

DEALT_WITH = Terms(remedy=DemandKind.APOLOGY, payer=Payer.NOBODY)
ANSWER = AnswerForMerchant(now=NOW, by=MERCHANT, stance=Stance.INFORMS, text="It is real.")


@pytest.mark.parametrize(
    "past",
    [FILED, ASSIGNED, IN_PROGRESS, ASKED, PROPOSED, REMEDYING, UNDER_REVIEW],
)
def test_the_status_before_returns_once_the_body_has_ended(past: tuple[Command, ...]) -> None:
    before = given(*past).state
    told = given(*past).when(referral())
    told.then(ComplaintReferred, n=1, status=Status.EXTERNAL, turn=Turn.REGULATOR)
    assert isinstance(told.complaint, External)
    after = given(*past, referral()).when(referral_outcome(by=SUPERVISOR))
    after.then(ReferralEnded, n=1, binding=False)
    assert type(after.complaint) is type(before)


def test_what_is_taken_outside_before_its_review_is_taken_on() -> None:
    told = given(*SUBMITTED).when(referral(ReferralBody.REGULATOR))
    told.then(ComplaintAccepted, ComplaintReferred, rule="referred_outside")
    questioned = (*SUBMITTED, ask_consumer(by=SUPERVISOR))
    given(*questioned).when(referral()).then(ComplaintAccepted, ComplaintReferred)


def test_several_run_at_once_and_the_last_one_gives_it_back() -> None:
    two = (*EXTERNAL, referral(ReferralBody.REGULATOR))
    given(*two).when(referral_outcome(1)).then(ReferralEnded, status=Status.EXTERNAL)
    story = (*two, referral_outcome(1))
    given(*story).when(referral_outcome(2)).then(ReferralEnded, status=Status.IN_PROGRESS)
    given(*story).when(referral_outcome(1)).refused("referral_ended")
    given(*story).when(referral_outcome(3)).refused("not_found")
    given(*two).when(referral(ReferralBody.REGULATOR)).refused("referral_open")


def test_arbitration_needs_an_agreement_and_excludes_the_court() -> None:
    arbitration = referral(ReferralBody.ARBITRATION, agreement="clause 9")
    given(*IN_PROGRESS).when(referral(ReferralBody.ARBITRATION)).refused("no_arbitration_agreement")
    court = referral(ReferralBody.COURT)
    given(*IN_PROGRESS, arbitration).when(court).refused("excluded_by_arbitration")
    given(*IN_PROGRESS, court).when(arbitration).refused("excluded_by_court")


def test_what_binds_is_carried_out_instead_of_what_was_open() -> None:
    story = (*PROPOSED, referral(ReferralBody.COURT))
    told = given(*story).when(referral_outcome(terms=REFUND))
    told.then(ReferralEnded, solution_n=2, status=Status.REMEDYING, turn=Turn.MERCHANT)
    assert isinstance(told.complaint, Remedying)
    given(*story, referral_outcome(terms=REFUND)).when(done(2)).then(RemedyDone, n=2)


def test_what_binds_but_obliges_nobody_is_only_recorded() -> None:
    for terms in (DEALT_WITH, None):
        ended = referral_outcome(terms=terms, binding=True)
        told = given(*EXTERNAL).when(ended)
        told.then(ReferralEnded, binding=True, solution_n=None, status=Status.IN_PROGRESS)


def test_a_binding_outcome_after_the_end_begins_a_new_cycle() -> None:
    over = (*EXTERNAL, withdrawal())
    given(*over).when(referral_outcome()).then(ReferralEnded, status=Status.WITHDRAWN)
    told = given(*over).when(referral_outcome(terms=REFUND))
    told.then(ComplaintReopened, ReferralEnded, cycle=2)
    assert isinstance(told.complaint, Remedying)
    assert told.complaint.case.cycle.number == 2
    assert told.complaint.solution.n == 1


def test_what_is_over_or_was_never_taken_on_goes_nowhere() -> None:
    given(*CLOSED).when(referral()).refused("wrong_status")
    given(*CLOSED).when(referral_outcome()).refused("not_found")


def test_parties_answer_meanwhile_and_the_work_stands_where_it_then_is() -> None:
    asked = (*ASKED, referral())
    given(*asked).when(ANSWER).then(MerchantAnswered, late=False, status=Status.EXTERNAL)
    back = given(*asked, ANSWER).when(referral_outcome())
    assert isinstance(back.complaint, InProgress)

    questioned = (*IN_PROGRESS, ask_consumer(), ASK, referral())
    given(*questioned).when(answer_question()).then(ConsumerAnswered, status=Status.EXTERNAL)
    back = given(*questioned, answer_question()).when(referral_outcome())
    assert isinstance(back.complaint, AwaitingMerchant)

    given(*PROPOSED, referral()).when(consent()).then(SolutionAccepted, status=Status.EXTERNAL)
    owed = (*REMEDYING, referral())
    given(*owed).when(done()).then(RemedyDone, status=Status.EXTERNAL)


def test_silence_meanwhile_gives_up_the_wait_and_closes_nothing() -> None:
    for story in ((*PROPOSED, referral()), (*IN_PROGRESS, ask_consumer(), referral())):
        told = given(*story).when(consumer_silent())
        told.then(RequestLapsed, status=Status.EXTERNAL)
        back = given(*story, consumer_silent()).when(referral_outcome())
        assert isinstance(back.complaint, InProgress)
    asked = (*ASKED, referral())
    given(*asked).when(merchant_silent()).then(RequestLapsed, status=Status.EXTERNAL)
    owed = (*REMEDYING, referral())
    given(*owed).when(remedy_overdue()).then(RemedyFailed, status=Status.EXTERNAL)


def test_the_specialist_changes_and_keeps_in_touch_meanwhile() -> None:
    given(*EXTERNAL).when(release()).then(ComplaintUnassigned, status=Status.EXTERNAL)
    alone = (*EXTERNAL, release())
    given(*alone).when(assignment(2)).then(ComplaintAssigned, status=Status.EXTERNAL)
    given(*alone).when(referral_outcome(by=SUPERVISOR)).then(ReferralEnded, status=Status.ACCEPTED)
    outside = (*ASSIGNED, referral())
    given(*outside).when(contact()).then(ContactMade, status=Status.EXTERNAL)
    back = given(*outside, contact()).when(referral_outcome())
    assert isinstance(back.complaint, InProgress)


def test_nothing_new_is_begun_while_it_is_outside() -> None:
    for command in (ASK, ask_consumer(), solution(), resolution()):
        given(*EXTERNAL).when(command).refused("wrong_status")


def test_it_can_be_withdrawn_or_looked_at_by_a_superior_meanwhile() -> None:
    told = given(*EXTERNAL).when(withdrawal())
    told.then(ComplaintWithdrawn)
    assert isinstance(told.complaint, Withdrawn)
    told = given(*EXTERNAL).when(superior(breached=True))
    told.then(SuperiorReviewRequested, status=Status.UNDER_SUPERIOR_REVIEW)
    assert isinstance(told.complaint, UnderSuperiorReview)
    reviewed = (*EXTERNAL, superior(breached=True))
    given(*reviewed).when(referral_outcome()).then(
        ReferralEnded, status=Status.UNDER_SUPERIOR_REVIEW
    )
    both = (*UNDER_REVIEW, referral())
    given(*both).when(verdict()).then(SuperiorReviewDecided, status=Status.EXTERNAL)


def test_an_agreement_that_leaves_nothing_to_do_ends_it_there_too() -> None:
    story = (*IN_PROGRESS, solution(Payer.NOBODY), referral())
    told = given(*story).when(consent())
    told.then(SolutionAccepted, ComplaintResolved, status=Status.EXTERNAL)
    assert isinstance(told.complaint, Resolved)


def test_who_may_refer_and_who_may_end() -> None:
    given(*IN_PROGRESS).when(referral(by=MERCHANT)).refused("forbidden")
    given(*EXTERNAL).when(referral_outcome(by=MERCHANT)).refused("forbidden")
    given(*IN_PROGRESS).when(referral(by=SPECIALIST)).then(ComplaintReferred)
