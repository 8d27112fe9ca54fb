"""A merge ends the duplicate's clocks and moves the survivor's; its undoing owes them again."""

from services.sla.domain.clock import ClockState
from services.sla.domain.ledger import ledger
from shared.events.casework import ComplaintReclassified
from shared.events.clocks import ClockBreached, ClockCorrected, ClockStarted
from shared.events.complaints import (
    ComplaintAssessed,
    ComplaintAssigned,
    ConsumerAsked,
    ContactMade,
    MerchantAsked,
)
from shared.events.escalation import SuperiorReviewRequested
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged
from shared.events.vocabulary import Band, Category, ClockKind, CorrectionReason, Status
from tests.unit.sla.story import Story, at

WORK = (ClockKind.ASSIGNMENT, ClockKind.FIRST_CONTACT, ClockKind.RESOLUTION)


def test_a_duplicates_clocks_end_with_the_merge() -> None:
    story = Story().accepted()
    story.happens(ComplaintMerged, at(minutes=4))
    assert {clock.state for clock in story.case.clocks} == {ClockState.CANCELLED}
    assert not story.case.is_open


def test_undone_they_run_from_their_own_start_fully_counted() -> None:
    story = Story().accepted()
    story.happens(ComplaintMerged, at(minutes=5))
    story.happens(ComplaintUnmerged, at(hours=5))
    for kind in WORK:
        clock = story.clock(kind)
        assert clock.started_at == at()
        assert clock.end is None
    story.time_passes(at(hours=6))
    assert story.clock(ClockKind.ASSIGNMENT).breached_at == at(minutes=30)
    resolution = story.clock(ClockKind.RESOLUTION)
    assert ledger(story.case, resolution, at(hours=6)).counted_seconds == 6 * 3600
    again = [e for e in story.events if isinstance(e, ClockStarted) and e.kind == "assignment"]
    assert [e.started_at for e in again] == [at(), at()]
    assert len({e.clock_id for e in again}) == 1


def test_a_clock_that_stood_still_stands_still_again() -> None:
    story = Story().accepted()
    story.happens(ComplaintAssigned, at(minutes=1))
    story.happens(ContactMade, at(minutes=2))
    story.happens(ConsumerAsked, at(minutes=3), n=1)
    story.happens(ComplaintMerged, at(minutes=5))
    story.happens(ComplaintUnmerged, at(minutes=9), status=Status.AWAITING_CONSUMER)
    assert story.clock(ClockKind.RESOLUTION).state is ClockState.PAUSED
    assert story.clock(ClockKind.CONSUMER_REPLY).state is ClockState.RUNNING
    assert story.clock(ClockKind.FIRST_CONTACT).state is ClockState.MET


def test_a_breach_before_the_merge_stays_one_and_is_not_said_again() -> None:
    story = Story().accepted()
    story.happens(ComplaintMerged, at(hours=1))
    story.happens(ComplaintUnmerged, at(hours=2))
    story.time_passes(at(hours=3))
    missed = [e for e in story.events if isinstance(e, ClockBreached) and e.kind == "assignment"]
    assert len(missed) == 1
    assert story.clock(ClockKind.ASSIGNMENT).state is ClockState.BREACHED


def test_the_survivor_runs_from_the_earlier_acceptance() -> None:
    story = Story().accepted()
    story.happens(MerchantAsked, at(minutes=4), n=1)
    story.happens(ComplaintAbsorbed, at(minutes=5), earliest_accepted_at=at(minutes=-10))
    for kind in WORK:
        assert story.clock(kind).counts_from == at(minutes=-10)
    assert story.clock(ClockKind.MERCHANT_RESPONSE).counts_from == at(minutes=4)
    moved = [e for e in story.events if isinstance(e, ClockCorrected)]
    assert {e.reason for e in moved} == {CorrectionReason.REANCHORED}
    assert [e.due_at for e in moved if e.kind == "assignment"] == [at(minutes=20)]
    story.happens(ComplaintUnmerged, at(minutes=6))
    assert story.clock(ClockKind.ASSIGNMENT).counts_from == at(minutes=-10)


def test_a_later_or_unknown_acceptance_moves_nothing() -> None:
    story = Story().accepted()
    before = story.case.clocks
    story.happens(ComplaintAbsorbed, at(minutes=1), earliest_accepted_at=at(minutes=3))
    story.happens(ComplaintAbsorbed, at(minutes=1), earliest_accepted_at=None)
    assert story.case.clocks == before


def test_no_deadline_is_put_before_the_merge() -> None:
    story = Story().accepted()
    story.happens(ComplaintAbsorbed, at(minutes=4), earliest_accepted_at=at(hours=-9))
    story.time_passes(at(hours=1))
    assert story.clock(ClockKind.ASSIGNMENT).breached_at == at(minutes=4)


def test_the_first_assessment_still_sets_the_target_of_what_was_anchored() -> None:
    story = Story().accepted()
    story.happens(ComplaintAbsorbed, at(minutes=4), earliest_accepted_at=at(hours=-9))
    story.happens(ComplaintAssessed, at(minutes=5), band=Band.COMPLEX)
    clock = story.clock(ClockKind.RESOLUTION)
    assert (clock.targets[-1].text, clock.counts_from) == ("15cd", at(hours=-9))
    story.happens(ComplaintAssessed, at(minutes=6), band=Band.MODERATE)
    story.happens(ComplaintAssessed, at(minutes=7), band=Band.COMPLEX)
    assert story.clock(ClockKind.RESOLUTION).targets[-1].text == "7cd"


def test_a_missed_deadline_of_the_survivor_stands_as_it_was_told() -> None:
    story = Story().accepted()
    story.time_passes(at(hours=1))
    told = len(story.events)
    story.happens(ComplaintAbsorbed, at(hours=1), earliest_accepted_at=at(hours=-1))
    kinds = {e.kind for e in story.events[told:]}
    assert kinds == {ClockKind.FIRST_CONTACT, ClockKind.RESOLUTION}
    assert story.clock(ClockKind.ASSIGNMENT).breached_at == at(minutes=30)


def test_what_it_is_about_decides_by_which_rule_later_clocks_run() -> None:
    story = Story().accepted()
    story.happens(ComplaintReclassified, at(minutes=5))
    assert story.case.category is Category.QUALITY


def test_what_had_been_given_up_before_the_merge_stays_given_up() -> None:
    story = Story().accepted()
    story.happens(ComplaintAssigned, at(minutes=1))
    story.happens(ConsumerAsked, at(minutes=2), n=1)
    story.happens(SuperiorReviewRequested, at(minutes=3))
    story.happens(ComplaintMerged, at(minutes=4))
    story.happens(ComplaintUnmerged, at(minutes=5), status=Status.UNDER_SUPERIOR_REVIEW)
    assert story.clock(ClockKind.CONSUMER_REPLY).state is ClockState.CANCELLED
    assert story.clock(ClockKind.SUPERIOR_REVIEW).state is ClockState.RUNNING
