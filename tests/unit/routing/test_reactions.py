"""What a complaint's event asks of its assignment: pure, in both orders of the crossings."""

from dataclasses import replace
from typing import Any

import pytest

from services.routing.domain import assignment_terms
from services.routing.domain.case import Case, follow
from services.routing.domain.events import Absence
from services.routing.domain.policy import POLICY
from services.routing.domain.specialists import Specialist
from services.routing.reactions import react
from shared.events.casework import ComplaintReclassified
from shared.events.checking import OrderChecked, RiskFlagged, RiskReason
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintEvent,
    ComplaintReopened,
    ComplaintWithdrawn,
    Demand,
    MerchantAnswered,
    MerchantAsked,
)
from shared.events.merging import ComplaintMerged, ComplaintUnmerged
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Category,
    DemandKind,
    OrderCheckResult,
    ReopenReason,
    RiskFlag,
    Stance,
    Status,
    Turn,
    UnassignReason,
)
from tests.unit.routing.build import NOW, case, specialist

AWAY = specialist(online=False, absent=frozenset({Absence.OFFLINE}))
COMMON: dict[str, Any] = {"occurred_at": NOW, "complaint_id": "c1", "cycle": 1}
ACCEPTED = ComplaintAccepted(**COMMON, status=Status.ACCEPTED, turn=Turn.PLATFORM)
WITHDRAWN = ComplaintWithdrawn(**COMMON, status=Status.WITHDRAWN, turn=Turn.NOBODY, by="u1")
ASSIGNED = ComplaintAssigned(
    **COMMON,
    status=Status.ASSIGNED,
    turn=Turn.SPECIALIST,
    n=1,
    specialist_id="s1",
    team_id=None,
    decision_id="c1.1.1",
)
ASKED = MerchantAsked(
    **COMMON,
    status=Status.AWAITING_MERCHANT,
    turn=Turn.MERCHANT,
    n=1,
    questions=Personal("u1", "?"),
)
ANSWERED = MerchantAnswered(
    **COMMON,
    status=Status.IN_PROGRESS,
    turn=Turn.SPECIALIST,
    n=1,
    stance=Stance.INFORMS,
    text=Personal("u1", "!"),
    late=False,
)


def asked_of(
    before: Case, event: ComplaintEvent, holder: Specialist | None = None
) -> list[assignment_terms.Command]:
    return react(
        event,
        before,
        follow(before, event),
        cooperation_ppm=700_000,
        holder=holder,
        policy=POLICY,
    )


def test_an_acceptance_is_assessed_at_its_own_time() -> None:
    [command] = asked_of(case(status=Status.SUBMITTED), ACCEPTED)
    assert isinstance(command, assignment_terms.Assess)
    assert (command.now, command.cycle) == (NOW, 1)


def test_a_reopening_is_assessed_for_its_own_cycle() -> None:
    reopened = ComplaintReopened(
        **{**COMMON, "cycle": 2},
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        reason=ReopenReason.NEW_PROBLEM,
        text=None,
        previous_specialist_id="s1",
        offer_superior_review=False,
    )
    [command] = asked_of(case(status=Status.CLOSED), reopened)
    assert isinstance(command, assignment_terms.Assess)
    assert (command.cycle, command.assessment.parts["cycle"]) == (2, 6)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN])
def test_every_end_ends_the_assignment(status: Status) -> None:
    [command] = asked_of(case(), replace(WITHDRAWN, status=status))
    assert command == assignment_terms.End(now=NOW, complaint_id="c1")


def test_a_turn_that_comes_back_to_somebody_absent_is_taken_at_once() -> None:
    waiting_for_merchant = case(status=Status.AWAITING_MERCHANT, turn=Turn.MERCHANT)
    [command] = asked_of(waiting_for_merchant, ANSWERED, AWAY)
    assert isinstance(command, assignment_terms.Release)
    assert (command.specialist_id, command.reason) == ("s1", UnassignReason.ABSENT)
    after_shift = specialist(absent=frozenset({Absence.SHIFT_END}))
    [command] = asked_of(waiting_for_merchant, ANSWERED, after_shift)
    assert isinstance(command, assignment_terms.Release)
    assert command.reason is UnassignReason.SHIFT_END


def test_a_turn_that_comes_back_to_somebody_present_stays() -> None:
    waiting_for_merchant = case(status=Status.AWAITING_MERCHANT, turn=Turn.MERCHANT)
    assert asked_of(waiting_for_merchant, ANSWERED, specialist()) == []
    in_grace = specialist(online=False)
    assert asked_of(waiting_for_merchant, ANSWERED, in_grace) == []
    assert asked_of(waiting_for_merchant, ANSWERED, None) == []


def test_crossing_4_the_echo_of_an_assignment_is_no_return_of_the_turn() -> None:
    assert asked_of(case(), ASSIGNED, AWAY) == []


def test_crossing_6_an_act_in_flight_gives_the_turn_away_before_or_after_the_release() -> None:
    theirs = case(status=Status.IN_PROGRESS, turn=Turn.SPECIALIST)
    assert theirs.needs_its_specialist
    act_first = follow(theirs, ASKED)
    assert not act_first.needs_its_specialist
    assert asked_of(theirs, ASKED, AWAY) == []
    [command] = asked_of(act_first, ANSWERED, AWAY)
    assert isinstance(command, assignment_terms.Release)
    assert asked_of(theirs, ASKED, None) == []


MERGED = ComplaintMerged(**COMMON, status=Status.DUPLICATE, turn=Turn.NOBODY, into_id="c2", by="v1")
UNMERGED = ComplaintUnmerged(
    **COMMON, status=Status.ACCEPTED, turn=Turn.PLATFORM, other_id="c2", reason="no"
)


def test_a_merge_ends_the_assignment_and_its_undoing_asks_for_another() -> None:
    open_case = follow(case(), ACCEPTED)
    [end] = asked_of(open_case, MERGED)
    assert isinstance(end, assignment_terms.End)
    merged = follow(open_case, MERGED)
    [assess] = asked_of(merged, UNMERGED)
    assert isinstance(assess, assignment_terms.Assess)
    assert assess.came_back
    assert asked_of(open_case, UNMERGED) == []  # the survivor's side of it


def test_a_duplicate_that_was_never_accepted_waits_for_its_review() -> None:
    before = replace(case(), opened_at=None, status=Status.DUPLICATE, turn=Turn.NOBODY)
    assert asked_of(before, replace(UNMERGED, status=Status.SUBMITTED)) == []


def test_what_is_reclassified_is_assessed_anew() -> None:
    about = ComplaintReclassified(
        **COMMON,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        category=Category.SAFETY,
        demand=Demand(kind=DemandKind.REFUND, amount_minor=7, currency="CNY"),
        order_ids=("o1", "o2"),
        reason="It burns.",
    )
    after = follow(follow(case(), ACCEPTED), about)
    assert (after.category, after.orders, after.amount_minor) == (Category.SAFETY, 2, 7)
    [reassess] = asked_of(follow(case(), ACCEPTED), about)
    assert isinstance(reassess, assignment_terms.Reassess)


def checked(result: OrderCheckResult, order_id: str = "o1") -> OrderChecked:
    return OrderChecked(
        **COMMON,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        order_id=order_id,
        result=result,
        source="order_system",
    )


def test_an_order_that_differs_is_a_conflicting_account_until_it_matches() -> None:
    [reassess] = asked_of(follow(case(), ACCEPTED), checked(OrderCheckResult.DIFFERS))
    assert isinstance(reassess, assignment_terms.Reassess)
    assert reassess.assessment.parts["accounts"] == POLICY.points_conflicting_accounts
    differs = follow(
        follow(case(), checked(OrderCheckResult.DIFFERS)), checked(OrderCheckResult.DIFFERS, "o2")
    )
    assert differs.contradicted == ("o1", "o2")
    assert follow(differs, checked(OrderCheckResult.DIFFERS, "o2")).contradicted == ("o1", "o2")
    assert follow(differs, checked(OrderCheckResult.MATCHES)).contradicted == ("o2",)


def test_an_order_system_that_is_away_contradicts_nobody_and_takes_nothing_back() -> None:
    away = checked(OrderCheckResult.UNAVAILABLE)
    assert follow(case(), away).contradicted == ()
    assert follow(follow(case(), checked(OrderCheckResult.DIFFERS)), away).contradicted == ("o1",)


def test_signs_of_bad_faith_are_known_and_ask_for_no_other_assessment() -> None:
    raised = RiskFlagged(
        **COMMON,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        flags=(RiskFlag.REVIEW_THREAT,),
        reasons=(RiskReason(flag=RiskFlag.REVIEW_THREAT, text=Personal("u1", "one star")),),
    )
    before = follow(case(), ACCEPTED)
    assert asked_of(before, raised) == []
    assert follow(before, raised) == replace(before, flagged=True)
    cleared = replace(raised, flags=(), cleared=(RiskFlag.REVIEW_THREAT,))
    assert follow(follow(before, raised), cleared) == before
