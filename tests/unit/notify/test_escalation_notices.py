"""Who is told what of approval, a superior's review and referrals."""

from dataclasses import replace
from typing import Any

import pytest

from services.notify.domain.case import Case, after
from services.notify.domain.complaint_notices import held, notices
from services.notify.domain.notices import Nature
from shared.events.complaints import ComplaintReopened
from shared.events.envelope import Event
from shared.events.escalation import (
    ComplaintReferred,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.personal import Personal
from shared.events.vocabulary import (
    ClockKind,
    DemandKind,
    Payer,
    ReferralBody,
    ReopenReason,
    ReviewGround,
    ReviewOutcome,
    Role,
    Status,
    Turn,
)
from tests.unit.notify.examples import CASE, NOW

TEXT = Personal("u1", "words")
AT: dict[str, Any] = {
    "occurred_at": NOW,
    "complaint_id": "c1",
    "cycle": 1,
    "status": Status.IN_PROGRESS,
    "turn": Turn.SPECIALIST,
}
APART = replace(CASE, merchant_involved=False)
INVOLVED = replace(CASE, merchant_involved=True)
IMPOSED: dict[str, Any] = {
    "solution_n": 3,
    "remedy": DemandKind.REFUND,
    "payer": Payer.MERCHANT,
    "amount_minor": 100,
    "currency": "CNY",
}


def decided(outcome: ReviewOutcome, **imposed: Any) -> SuperiorReviewDecided:
    return SuperiorReviewDecided(
        **AT, n=1, outcome=outcome, reasons=TEXT, supervisor_id="v1", **imposed
    )


def ended(**binding: Any) -> ReferralEnded:
    given: dict[str, Any] = {"n": 1, "body": ReferralBody.COURT, "outcome": "no", "binding": False}
    return ReferralEnded(**AT, **(given | binding))


def told(event: Event, case: Case = CASE) -> list[tuple[str, str]]:
    return [(notice.template, notice.to.key) for notice in notices(event, case)]


def test_an_approved_solution_is_offered_with_its_deadline() -> None:
    approved = SolutionApproved(
        **AT,
        n=2,
        supervisor_id="v1",
        remedy=DemandKind.REFUND,
        payer=Payer.PLATFORM,
        reasons=TEXT,
        amount_minor=300_000,
        currency="CNY",
    )
    assert told(approved) == []
    waiting = held(approved, CASE)
    assert waiting is not None
    assert (waiting.template, waiting.to.key) == ("solution_proposed", "consumer:u1")
    assert waiting.values["amount"] == "300000 CNY"
    assert after(CASE, approved).has_met(ClockKind.APPROVAL, 2)


def test_the_specialist_learns_why_a_draft_was_returned() -> None:
    returned = SolutionReturned(**AT, n=2, supervisor_id="v1", reason="Too much.")
    [notice] = notices(returned, CASE)
    assert (notice.template, notice.to.key) == ("solution_returned", "specialist:s1")
    assert notice.quote == Personal("u1", "Too much.")


@pytest.mark.parametrize(
    ("by", "case", "others"),
    [
        (Role.CONSUMER, APART, []),
        (Role.CONSUMER, INVOLVED, ["merchant:m1"]),
        (Role.MERCHANT, INVOLVED, ["consumer:u1"]),
        (Role.SPECIALIST, INVOLVED, ["consumer:u1", "merchant:m1"]),
    ],
)
def test_a_superior_is_asked_with_a_deadline_and_the_other_side_knows(
    by: Role, case: Case, others: list[str]
) -> None:
    asked = SuperiorReviewRequested(
        **AT, n=1, by_role=by, ground=ReviewGround.PROPOSAL, reason=TEXT
    )
    assert told(asked, case) == [("superior_review_begun", to) for to in others]
    waiting = held(asked, case)
    assert waiting is not None
    assert (waiting.template, waiting.nature) == ("superior_review_request", Nature.REQUEST)
    assert waiting.to.key == "supervisor:team:t1"


def test_everybody_concerned_learns_what_the_superior_decided() -> None:
    upheld = decided(ReviewOutcome.UPHELD)
    everybody = ["consumer:u1", "specialist:s1"]
    assert told(upheld, APART) == [("superior_review_decided", to) for to in everybody]
    assert held(upheld, CASE) is None
    imposed = decided(ReviewOutcome.IMPOSED, **IMPOSED)
    assert ("superior_review_decided", "merchant:m1") in told(imposed, APART)
    waiting = held(imposed, after(CASE, imposed))
    assert waiting is not None
    assert (waiting.template, waiting.to.key) == ("remedy_owed", "merchant:m1")


def test_a_binding_outcome_is_told_to_whoever_has_to_pay() -> None:
    case = after(APART, ended(binding=True, **IMPOSED))
    assert case.merchant_involved
    waiting = held(ended(binding=True, **IMPOSED), case)
    assert waiting is not None
    assert waiting.values["amount"] == "100 CNY"
    free = ended(binding=True, **{**IMPOSED, "payer": Payer.NOBODY})
    assert held(free, after(CASE, free)) is None
    assert held(ended(), CASE) is None
    assert after(CASE, ended()).solution == CASE.solution


def test_both_sides_and_the_specialist_know_where_it_was_taken() -> None:
    referred = ComplaintReferred(**AT, n=1, body=ReferralBody.COURT, bundle_sha256="0")
    people = ["consumer:u1", "merchant:m1", "specialist:s1"]
    assert told(referred, INVOLVED) == [("referred", to) for to in people]
    assert told(ended(), INVOLVED) == [("referral_ended", to) for to in people]


def test_what_was_imposed_ends_with_its_cycle() -> None:
    case = after(CASE, decided(ReviewOutcome.IMPOSED, **IMPOSED))
    again = ComplaintReopened(
        **{**AT, "cycle": 2},
        reason=ReopenReason.OBJECTION,
        text=None,
        previous_specialist_id=None,
        offer_superior_review=False,
    )
    assert after(case, again).solution is None
