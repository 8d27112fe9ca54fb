"""Clocks of approval and of a superior's review; what they, and referrals, do to other clocks."""

from typing import Any

import pytest

from services.sla.domain.clock import ClockState
from shared.events.clocks import ClockCancelled, ClockStarted, ClockStopped
from shared.events.complaints import (
    ComplaintAssigned,
    ConsumerAsked,
    ContactMade,
    MerchantAsked,
    SolutionAccepted,
    SolutionProposed,
)
from shared.events.escalation import (
    ComplaintReferred,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.vocabulary import ClockKind, Party, Payer, ReviewOutcome, Status, Turn
from tests.unit.sla.story import Story, at

IMPOSED: dict[str, Any] = {
    "outcome": ReviewOutcome.IMPOSED,
    "solution_n": 4,
    "payer": Payer.MERCHANT,
    "status": Status.REMEDYING,
    "turn": Turn.MERCHANT,
}
DRAFT: dict[str, Any] = {
    "n": 3,
    "needs_approval": True,
    "status": Status.SOLUTION_DRAFTED,
    "turn": Turn.SUPERVISOR,
}


def in_progress() -> Story:
    story = Story().accepted()
    story.happens(ComplaintAssigned, at(hours=1))
    story.happens(ContactMade, at(hours=2))
    return story


def state(story: Story, kind: ClockKind, n: int | None = None) -> ClockState | None:
    clock = story.case.find(1, kind, n)
    return None if clock is None else clock.state


def test_a_draft_is_approved_within_eight_hours_and_then_waits_for_the_consumer() -> None:
    story = in_progress()
    story.happens(SolutionProposed, at(hours=3), **DRAFT)
    assert state(story, ClockKind.CONSUMER_REPLY) is None
    [started] = [e for e in story.events if isinstance(e, ClockStarted) and e.kind == "approval"]
    assert (started.party, started.due_at) == (Party.SUPERVISOR, at(hours=11))
    story.happens(SolutionApproved, at(hours=4))
    assert state(story, ClockKind.APPROVAL, 3) is ClockState.MET
    assert state(story, ClockKind.CONSUMER_REPLY, 3) is ClockState.RUNNING
    assert state(story, ClockKind.RESOLUTION) is ClockState.PAUSED


def test_a_returned_draft_ends_its_approval_and_asks_nothing_of_the_consumer() -> None:
    story = in_progress()
    story.happens(SolutionProposed, at(hours=3), **DRAFT)
    story.happens(SolutionReturned, at(hours=4))
    assert state(story, ClockKind.APPROVAL, 3) is ClockState.MET
    assert state(story, ClockKind.CONSUMER_REPLY) is None
    assert state(story, ClockKind.RESOLUTION) is ClockState.RUNNING


def test_the_superior_has_two_days_and_nobody_else_is_waited_for() -> None:
    story = in_progress()
    story.happens(MerchantAsked, at(hours=3), n=1)
    story.happens(ConsumerAsked, at(hours=3), n=2)
    story.happens(SuperiorReviewRequested, at(hours=4))
    assert state(story, ClockKind.MERCHANT_RESPONSE, 1) is ClockState.CANCELLED
    assert state(story, ClockKind.CONSUMER_REPLY, 2) is ClockState.CANCELLED
    review = story.case.find(1, ClockKind.SUPERIOR_REVIEW, 1)
    assert review is not None
    assert review.party is Party.SUPERVISOR
    story.time_passes(at(hours=51))
    assert review.state is ClockState.RUNNING
    story.happens(SuperiorReviewDecided, at(hours=52))
    assert state(story, ClockKind.SUPERIOR_REVIEW) is ClockState.MET
    [stopped] = [
        e for e in story.events if isinstance(e, ClockStopped) and e.kind == "superior_review"
    ]
    assert stopped.in_time


def test_what_is_imposed_is_owed_by_whoever_pays() -> None:
    story = in_progress()
    story.happens(SuperiorReviewRequested, at(hours=4))
    story.happens(SuperiorReviewDecided, at(hours=5), **IMPOSED)
    remedy = story.case.find(1, ClockKind.REMEDY, 4)
    assert remedy is not None
    assert (remedy.party, remedy.state) == (Party.MERCHANT, ClockState.RUNNING)


@pytest.mark.parametrize("payer", [Payer.NOBODY, None])
def test_an_imposed_word_without_a_remedy_starts_no_clock(payer: Payer | None) -> None:
    story = in_progress()
    story.happens(SuperiorReviewRequested, at(hours=4))
    story.happens(SuperiorReviewDecided, at(hours=5), **{**IMPOSED, "payer": payer})
    assert state(story, ClockKind.REMEDY) is None


def test_our_time_stands_still_while_a_body_outside_has_it() -> None:
    story = in_progress()
    story.happens(ComplaintReferred, at(hours=4))
    assert state(story, ClockKind.RESOLUTION) is ClockState.PAUSED
    story.happens(ReferralEnded, at(days=30))
    assert state(story, ClockKind.RESOLUTION) is ClockState.RUNNING


def test_a_binding_outcome_replaces_what_was_waited_for() -> None:
    story = in_progress()
    story.happens(SolutionProposed, at(hours=3), n=3, payer=Payer.PLATFORM)
    story.happens(SolutionAccepted, at(hours=4), n=3)
    story.happens(ComplaintReferred, at(hours=5))
    binding: dict[str, Any] = {"binding": True, "solution_n": 4, "payer": Payer.MERCHANT}
    story.happens(ReferralEnded, at(hours=6), **binding, status=Status.REMEDYING)
    assert state(story, ClockKind.REMEDY, 3) is ClockState.CANCELLED
    assert state(story, ClockKind.REMEDY, 4) is ClockState.RUNNING
    reasons = [e.reason for e in story.events if isinstance(e, ClockCancelled)]
    assert reasons == ["binding_outcome"]
