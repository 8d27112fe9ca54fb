"""What notify remembers of a complaint follows the complaint's own stream."""

from typing import Any

import pytest

from services.notify.domain.case import Case, Solution, after, opened
from shared.events import complaints as c
from shared.events.personal import Personal
from shared.events.vocabulary import (
    ClockKind,
    ContactChannel,
    DemandKind,
    Payer,
    ReopenReason,
    Role,
    Stance,
    Status,
    Turn,
    UnassignReason,
)
from tests.unit.notify.examples import CASE, FILED, NOW

TEXT = Personal("u1", "…")
AT: dict[str, Any] = {
    "occurred_at": NOW,
    "complaint_id": "c1",
    "cycle": 1,
    "status": Status.IN_PROGRESS,
    "turn": Turn.SPECIALIST,
}
PROPOSED = c.SolutionProposed(
    **AT,
    n=2,
    remedy=DemandKind.REFUND,
    payer=Payer.MERCHANT,
    reasons=TEXT,
    needs_approval=False,
    amount_minor=100,
    currency="CNY",
)
ANSWERED = c.MerchantAnswered(**AT, n=1, stance=Stance.AGREES, text=TEXT, late=False)


def test_a_filing_opens_a_case() -> None:
    case = opened(FILED)
    assert (case.consumer_id, case.merchant_id, case.language) == ("u1", "m1", "en")
    assert case.contact == Personal("u1", "u1@example.com")
    assert case.is_open
    assert not case.merchant_involved


def test_rights_follow_the_assignment() -> None:
    assigned = c.ComplaintAssigned(**AT, n=1, specialist_id="s2", team_id="t2", decision_id="d1")
    case = after(CASE, assigned)
    assert (case.specialist_id, case.team_id) == ("s2", "t2")
    gone = c.ComplaintUnassigned(**AT, n=1, specialist_id="s2", reason=UnassignReason.ABSENT)
    assert after(case, gone).specialist_id is None


def test_a_merchant_is_involved_from_the_first_question_on() -> None:
    assert after(opened(FILED), c.MerchantAsked(**AT, n=1, questions=TEXT)).merchant_involved


def test_the_latest_solution_is_remembered() -> None:
    assert after(CASE, PROPOSED).solution == Solution(
        n=2, remedy=DemandKind.REFUND, payer=Payer.MERCHANT, amount_minor=100, currency="CNY"
    )


@pytest.mark.parametrize(
    ("event", "kind", "n"),
    [
        (ANSWERED, ClockKind.MERCHANT_RESPONSE, 1),
        (
            c.SolutionAccepted(**AT, n=2, consent_by="u1", consent_how="app"),
            ClockKind.CONSUMER_REPLY,
            2,
        ),
        (c.SolutionRejected(**AT, n=2, reason=TEXT), ClockKind.CONSUMER_REPLY, 2),
        (
            c.RemedyDone(**AT, n=2, kind=DemandKind.REFUND, reference="r", by_role=Role.MERCHANT),
            ClockKind.REMEDY,
            2,
        ),
        (
            c.ContactMade(
                **AT,
                n=1,
                channel=ContactChannel.CALL,
                two_way=True,
                note=None,
                backdated_seconds=0,
            ),
            ClockKind.FIRST_CONTACT,
            7,
        ),
    ],
)
def test_what_a_clock_waits_for_is_known_to_have_come(
    event: c.ComplaintEvent, kind: ClockKind, n: int
) -> None:
    case = after(CASE, event)
    assert case.has_met(kind, n)
    assert after(case, event) == case


def test_a_one_way_contact_meets_nothing() -> None:
    contact = c.ContactMade(
        **AT, n=1, channel=ContactChannel.SMS, two_way=False, note=None, backdated_seconds=0
    )
    assert not after(CASE, contact).has_met(ClockKind.FIRST_CONTACT, 1)


def test_a_new_cycle_begins_afresh_and_an_old_echo_does_not_turn_it_back() -> None:
    busy = after(after(CASE, PROPOSED), ANSWERED)
    reopened = c.ComplaintReopened(
        **{**AT, "cycle": 2},
        reason=ReopenReason.OBJECTION,
        text=None,
        previous_specialist_id="s1",
        offer_superior_review=False,
    )
    case = after(busy, reopened)
    assert (case.cycle, case.met, case.solution) == (2, (), None)
    echo = c.ComplaintFollowUpSent(**AT, follow_up_id="c1-1")
    assert after(case, echo).cycle == 2


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN])
def test_a_case_that_is_over_is_not_open(status: Status) -> None:
    accepted = c.ComplaintAccepted(**{**AT, "status": status}, rule="r1")
    ended: Case = after(CASE, accepted)
    assert not ended.is_open
