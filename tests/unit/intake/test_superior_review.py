"""A superior looks at everything again, once per cycle, and decides with reasons."""

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.case import SolutionOutcome
from services.intake.domain.commands import AnswerForMerchant, Command
from services.intake.domain.escalation_commands import Terms
from services.intake.domain.state import (
    Accepted,
    InProgress,
    Remedying,
    Resolved,
    UnderSuperiorReview,
)
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintResolved,
    ComplaintUnassigned,
    MerchantAnswered,
    MessagePosted,
    RemedyDone,
)
from shared.events.escalation import SuperiorReviewDecided, SuperiorReviewRequested
from shared.events.vocabulary import (
    DemandKind,
    Payer,
    ReviewGround,
    ReviewOutcome,
    Role,
    Stance,
    Status,
    Turn,
)
from tests.unit.intake.story import (
    ASKED,
    ASSIGNED,
    CLOSED,
    CONSUMER,
    DRAFTED,
    FILED,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    PROPOSED,
    REFUND,
    REMEDYING,
    REOPENED,
    SPECIALIST,
    SUBMITTED,
    UNDER_REVIEW,
    answer_question,
    ask_consumer,
    assignment,
    contact,
    done,
    given,
    merchant_silent,
    rejection,
    release,
    reopening,
    resolution,
    superior,
    verdict,
)

TWICE = (*REOPENED, assignment(1, cycle=2), contact(), resolution(), reopening())
FREE = Terms(remedy=DemandKind.APOLOGY, payer=Payer.NOBODY)


@pytest.mark.parametrize(
    ("past", "by", "ground"),
    [
        (PROPOSED, CONSUMER, ReviewGround.PROPOSAL),
        (PROPOSED, MERCHANT, ReviewGround.PROPOSAL),
        ((*PROPOSED, rejection()), CONSUMER, ReviewGround.REJECTION),
        (REMEDYING, MERCHANT, ReviewGround.PROPOSAL),
    ],
)
def test_either_party_may_ask_after_a_proposal(
    past: tuple[Command, ...], by: Author, ground: ReviewGround
) -> None:
    told = given(*past).when(superior(by=by))
    told.then(
        SuperiorReviewRequested,
        ground=ground,
        status=Status.UNDER_SUPERIOR_REVIEW,
        turn=Turn.SUPERVISOR,
    )
    assert isinstance(told.complaint, UnderSuperiorReview)


def test_a_missed_deadline_is_a_ground_and_a_draft_nobody_saw_is_none() -> None:
    breached = superior(breached=True, reason="Nobody called.")
    given(*ASSIGNED).when(breached).then(SuperiorReviewRequested, ground=ReviewGround.BREACH)
    given(*ASSIGNED).when(superior()).refused("no_ground_for_review")
    given(*DRAFTED).when(superior()).refused("no_ground_for_review")


def test_a_ground_that_is_claimed_has_to_hold() -> None:
    claim = superior(ground=ReviewGround.PROPOSAL, breached=True)
    given(*PROPOSED).when(claim).then(SuperiorReviewRequested, ground=ReviewGround.PROPOSAL)
    given(*PROPOSED).when(superior(ground=ReviewGround.REJECTION)).refused("no_ground_for_review")


def test_a_second_objection_needs_no_other_ground() -> None:
    given(*TWICE).when(superior()).then(SuperiorReviewRequested, ground=ReviewGround.PROPOSAL)
    breach = superior(ground=ReviewGround.BREACH)
    given(*TWICE).when(breach).then(SuperiorReviewRequested, ground=ReviewGround.BREACH)


def test_one_review_a_cycle_while_it_is_open_and_accepted() -> None:
    given(*UNDER_REVIEW).when(superior()).refused("review_already_asked")
    given(*UNDER_REVIEW, verdict()).when(superior()).refused("review_already_asked")
    given(*SUBMITTED).when(superior(breached=True)).refused("wrong_status")
    given(*CLOSED).when(superior()).refused("wrong_status")


def test_what_stands_or_is_to_be_done_anew_is_the_specialists_turn() -> None:
    for outcome in (ReviewOutcome.UPHELD, ReviewOutcome.REVISED):
        told = given(*UNDER_REVIEW).when(verdict(outcome))
        told.then(SuperiorReviewDecided, outcome=outcome, turn=Turn.SPECIALIST, solution_n=None)
        assert isinstance(told.complaint, InProgress)
    [past] = given(*UNDER_REVIEW).when(verdict()).complaint.case.cycle.past
    assert past.outcome is SolutionOutcome.REVIEWED


def test_an_imposed_proposal_is_carried_out_under_its_own_number() -> None:
    told = given(*UNDER_REVIEW).when(verdict(ReviewOutcome.IMPOSED, solution_n=1))
    told.then(SuperiorReviewDecided, solution_n=1, payer=Payer.MERCHANT, turn=Turn.MERCHANT)
    assert isinstance(told.complaint, Remedying)
    assert told.complaint.case.cycle.past == ()
    story = (*UNDER_REVIEW, verdict(ReviewOutcome.IMPOSED, solution_n=1))
    given(*story).when(done()).then(RemedyDone, n=1)


def test_an_imposed_remedy_that_had_been_owed_gets_a_number_of_its_own() -> None:
    story = (*REMEDYING, superior())
    told = given(*story).when(verdict(ReviewOutcome.IMPOSED, solution_n=1))
    told.then(SuperiorReviewDecided, solution_n=2)


def test_a_superior_may_impose_terms_of_their_own() -> None:
    told = given(*UNDER_REVIEW).when(verdict(ReviewOutcome.IMPOSED, terms=REFUND))
    told.then(SuperiorReviewDecided, solution_n=2, amount_minor=12_900)
    assert told.complaint.case.cycle.last_n == 2


def test_imposed_words_alone_resolve_the_complaint() -> None:
    told = given(*UNDER_REVIEW).when(verdict(ReviewOutcome.IMPOSED, terms=FREE))
    told.then(SuperiorReviewDecided, ComplaintResolved, solution_n=2)
    assert isinstance(told.complaint, Resolved)


def test_only_the_review_that_runs_is_decided_and_only_on_what_exists() -> None:
    given(*UNDER_REVIEW).when(verdict(n=2)).refused("not_found")
    given(*UNDER_REVIEW).when(verdict(ReviewOutcome.IMPOSED, solution_n=7)).refused("not_found")
    given(*IN_PROGRESS).when(verdict()).refused("wrong_status")
    given(*UNDER_REVIEW).when(verdict(by=SPECIALIST)).refused("forbidden")


def test_nobody_is_waited_for_but_a_merchant_who_answers_is_heard() -> None:
    story = (*ASKED, superior(breached=True))
    answer = AnswerForMerchant(now=NOW, by=MERCHANT, stance=Stance.INFORMS, text="Real.", n=1)
    told = given(*story).when(answer)
    told.then(MerchantAnswered, late=False, status=Status.UNDER_SUPERIOR_REVIEW)
    given(*story, answer).when(answer).refused("already_answered")
    given(*story).when(merchant_silent()).nothing()


def test_the_consumers_answer_is_heard_too() -> None:
    story = (*IN_PROGRESS, ask_consumer(), superior(breached=True))
    given(*story).when(answer_question()).then(MessagePosted, from_role=Role.CONSUMER)


def test_a_remedy_that_was_on_its_way_may_still_arrive() -> None:
    story = (*REMEDYING, superior())
    told = given(*story).when(done())
    told.then(RemedyDone, status=Status.UNDER_SUPERIOR_REVIEW)
    [past] = told.complaint.case.cycle.past
    assert past.outcome is SolutionOutcome.DONE


def test_the_specialist_may_change_under_review() -> None:
    alone = (*UNDER_REVIEW, release())
    given(*UNDER_REVIEW).when(release()).then(
        ComplaintUnassigned, status=Status.UNDER_SUPERIOR_REVIEW
    )
    given(*alone).when(assignment(2)).then(ComplaintAssigned, status=Status.UNDER_SUPERIOR_REVIEW)
    told = given(*alone).when(verdict())
    told.then(SuperiorReviewDecided, status=Status.ACCEPTED)
    assert isinstance(told.complaint, Accepted)
    assert told.complaint.contacted


@pytest.mark.parametrize(("past", "contacted"), [(FILED, False), ((*IN_PROGRESS, release()), True)])
def test_nobody_having_it_the_platform_finds_one_afterwards(
    past: tuple[Command, ...], contacted: bool
) -> None:
    told = given(*past, superior(breached=True)).when(verdict())
    told.then(SuperiorReviewDecided, status=Status.ACCEPTED, turn=Turn.PLATFORM)
    assert isinstance(told.complaint, Accepted)
    assert told.complaint.contacted is contacted


def test_a_draft_is_given_up_unseen() -> None:
    [past] = given(*DRAFTED).when(superior(breached=True)).complaint.case.cycle.past
    assert past.outcome is SolutionOutcome.NOT_APPROVED
