"""What routing knows of a complaint, folded from others' events."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.routing.domain.case import Case, follow, observe_clock, open_case, urgency
from services.routing.domain.policy import POLICY
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockStarted,
    ClockStopped,
)
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintFollowUpSent,
    ComplaintReopened,
    Demand,
)
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Band,
    ClockKind,
    CorrectionReason,
    DemandKind,
    Party,
    Priority,
    ReopenReason,
    Status,
    Turn,
)
from tests.unit.routing.build import DAY, HOUR, NOW, case, filing

CLOCK: dict[str, Any] = {
    "occurred_at": NOW,
    "complaint_id": "c1",
    "cycle": 1,
    "clock_id": "k1",
    "kind": ClockKind.RESOLUTION,
    "n": 1,
    "party": Party.SPECIALIST,
}


def started(due_at: datetime, **changes: Any) -> ClockStarted:
    return ClockStarted(
        **{
            **CLOCK,
            "responsible_id": None,
            "policy_version": "p@1",
            "calendar_version": None,
            "target": "7cd",
            "started_at": NOW,
            "due_at": due_at,
            "due_reason": None,
            "warn_at": (),
            "warn_percents": (),
            "cause_id": "e1",
            **changes,
        }
    )


def breached(**changes: Any) -> ClockBreached:
    return ClockBreached(**{**CLOCK, "responsible_id": None, "due_at": NOW, **changes})


def corrected(due_at: datetime, *, withdrawn: bool, **changes: Any) -> ClockCorrected:
    return ClockCorrected(
        **{
            **CLOCK,
            "cause_id": "e2",
            "reason": CorrectionReason.LATE_FACT,
            "target": "7cd",
            "due_at": due_at,
            "warn_at": (),
            "breach_withdrawn": withdrawn,
            **changes,
        }
    )


def reopened(reason: ReopenReason = ReopenReason.OBJECTION, **changes: Any) -> ComplaintReopened:
    plain = ComplaintReopened(
        occurred_at=NOW + DAY,
        complaint_id="c1",
        cycle=2,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
        reason=reason,
        text=None,
        previous_specialist_id="s1",
        offer_superior_review=False,
    )
    return replace(plain, **changes)


def watched(about: Case, *events: ClockEvent) -> Case:
    for event in events:
        about = observe_clock(about, event)
    return about


def test_what_a_filing_lacks_is_listed() -> None:
    bare = filing(order_ids=(), demand=Demand(kind=DemandKind.REFUND))
    assert open_case(bare).missing == ("order", "amount", "contact", "happened_at")
    full = filing(contact=Personal("u1", "u1@example.org"), happened_at=NOW)
    assert open_case(full).missing == ()
    apology = filing(demand=Demand(kind=DemandKind.APOLOGY))
    assert "amount" not in open_case(apology).missing


def test_status_and_turn_come_from_the_event_and_age_from_the_acceptance() -> None:
    accepted = ComplaintAccepted(
        occurred_at=NOW + HOUR,
        complaint_id="c1",
        cycle=1,
        status=Status.ACCEPTED,
        turn=Turn.PLATFORM,
    )
    after = follow(open_case(filing()), accepted)
    assert (after.status, after.turn, after.opened_at) == (
        Status.ACCEPTED,
        Turn.PLATFORM,
        NOW + HOUR,
    )


def test_a_reopening_starts_a_cycle_and_remembers_who_was_objected_to() -> None:
    late = case(breached=("resolution",), resolution_due_at=NOW)
    after = follow(late, reopened())
    assert (after.cycle, after.opened_at, after.previous_specialist_id) == (2, NOW + DAY, "s1")
    assert (after.objected_to, after.breached, after.resolution_due_at) == (("s1",), (), None)


@pytest.mark.parametrize(
    "event",
    [reopened(ReopenReason.NEW_PROBLEM), reopened(previous_specialist_id=None)],
    ids=["new problem", "nobody had it"],
)
def test_not_every_reopening_is_an_objection_to_somebody(event: ComplaintReopened) -> None:
    assert follow(case(), event).objected_to == ()


def test_an_echo_of_an_older_cycle_does_not_take_the_cycle_back() -> None:
    echo = ComplaintFollowUpSent(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        status=Status.IN_PROGRESS,
        turn=Turn.SPECIALIST,
        follow_up_id="f1",
    )
    assert follow(case(cycle=2), echo).cycle == 2


@pytest.mark.parametrize(
    ("status", "turn", "theirs"),
    [
        (Status.ACCEPTED, Turn.PLATFORM, True),
        (Status.IN_PROGRESS, Turn.SPECIALIST, True),
        (Status.AWAITING_MERCHANT, Turn.MERCHANT, False),
        (Status.REMEDYING, Turn.PLATFORM, False),
    ],
)
def test_whose_move_it_is(status: Status, turn: Turn, theirs: bool) -> None:
    about = case(status=status, turn=turn)
    assert about.needs_its_specialist is theirs
    assert not about.is_over
    assert case(status=Status.WITHDRAWN).is_over


def test_the_resolution_clock_says_when_it_is_due() -> None:
    due = NOW + DAY
    assert watched(case(), started(due)).resolution_due_at == due
    assert watched(case(), started(due), corrected(due + DAY, withdrawn=False)) == case(
        resolution_due_at=due + DAY
    )
    cancelled = ClockCancelled(**CLOCK, reason="withdrawn")
    assert watched(case(), started(due), cancelled).resolution_due_at is None
    stopped = ClockStopped(**CLOCK, stopped_at=NOW, in_time=True, counted_seconds=1)
    assert watched(case(), started(due), stopped).resolution_due_at == due


@pytest.mark.parametrize(
    "foreign",
    [{"cycle": 2}, {"party": Party.MERCHANT}, {"kind": ClockKind.FIRST_CONTACT}],
    ids=["another cycle", "another party", "another kind"],
)
def test_other_clocks_do_not_move_its_due_time(foreign: dict[str, Any]) -> None:
    assert watched(case(), started(NOW + DAY, **foreign)) == case()


def test_our_breaches_are_kept_once_and_taken_back_when_withdrawn() -> None:
    late = watched(case(), breached(), breached())
    assert late.breached == ("resolution",)
    back = watched(late, corrected(NOW + DAY, withdrawn=True))
    assert back.breached == ()
    contact = {"kind": ClockKind.FIRST_CONTACT}
    both = watched(late, breached(**contact), corrected(NOW, withdrawn=True, **contact))
    assert both.breached == ("resolution",)


@pytest.mark.parametrize(
    ("changes", "band", "after", "level"),
    [
        ({"priority": Priority.URGENT}, Band.SIMPLE, timedelta(), 3),
        ({}, Band.CRITICAL, timedelta(), 3),
        ({"breached": ("assignment",)}, Band.SIMPLE, timedelta(), 3),
        ({"priority": Priority.HIGH}, Band.COMPLEX, timedelta(), 2),
        ({"resolution_due_at": NOW + DAY}, Band.SIMPLE, timedelta(), 2),
        ({"resolution_due_at": NOW + 2 * DAY}, Band.SIMPLE, timedelta(), 1),
        ({"resolution_due_at": NOW + 3 * DAY}, Band.SIMPLE, timedelta(), 0),
        ({}, Band.SIMPLE, timedelta(), 0),
        ({}, Band.SIMPLE, 2 * DAY, 2),
        ({"opened_at": None}, Band.SIMPLE, 2 * DAY, 0),
    ],
)
def test_urgency(changes: dict[str, Any], band: Band, after: timedelta, level: int) -> None:
    assert urgency(case(**changes), band, NOW + after, POLICY) == level
