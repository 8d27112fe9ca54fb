"""When a clock speaks: warnings at shares of the target, one breach, each with its true time."""

from datetime import timedelta

from services.sla.domain.clock import ClockState
from shared.events.clocks import ClockBreached, ClockCancelled, ClockStopped, ClockWarned
from shared.events.complaints import (
    ComplaintAssigned,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ContactMade,
    MerchantAsked,
    MessagePosted,
)
from shared.events.vocabulary import ClockKind, Status
from tests.unit.sla.story import Story, at

CONTACT, ASSIGNMENT, RESPONSE = (
    ClockKind.FIRST_CONTACT,
    ClockKind.ASSIGNMENT,
    ClockKind.MERCHANT_RESPONSE,
)


def assigned() -> Story:
    return Story().accepted().happens(ComplaintAssigned, at(minutes=1))


def test_each_share_warns_once_with_its_own_time() -> None:
    story = assigned()
    for hours in range(24):
        story.time_passes(at(hours=hours))
    warned = story.said(ClockWarned, CONTACT)
    assert [(w.share_percent, w.occurred_at, w.due_at) for w in warned] == [
        (50, at(hours=12), at(hours=24)),
        (75, at(hours=18), at(hours=24)),
        (90, at(hours=21.6), at(hours=24)),
    ]
    assert {w.responsible_id for w in warned} == {"s1"}


def test_a_breach_is_said_once_at_the_deadline() -> None:
    story = assigned().time_passes(at(hours=24)).time_passes(at(hours=25))
    (breach,) = story.said(ClockBreached, CONTACT)
    assert (breach.occurred_at, breach.due_at, breach.responsible_id) == (
        at(hours=24),
        at(hours=24),
        "s1",
    )
    assert story.state(CONTACT) is ClockState.BREACHED


def test_nothing_is_said_before_its_time() -> None:
    story = assigned().time_passes(at(hours=12) - timedelta(milliseconds=1))
    assert story.said(ClockWarned, CONTACT) == []
    assert story.next_firing == at(hours=12)


def test_after_an_outage_everything_is_said_in_order_with_true_times() -> None:
    story = Story().accepted().time_passes(at(days=30))
    spoken = [e for e in story.events if isinstance(e, ClockWarned | ClockBreached)]
    assert [e.occurred_at for e in spoken] == sorted(e.occurred_at for e in spoken)
    assert len([e for e in spoken if isinstance(e, ClockBreached)]) == 4
    assert len([e for e in spoken if isinstance(e, ClockWarned)]) == 12


def test_a_late_act_stops_a_breached_clock_as_late() -> None:
    story = assigned().time_passes(at(hours=25)).happens(ContactMade, at(hours=26))
    stopped = story.said(ClockStopped, CONTACT)[0]
    assert (stopped.in_time, stopped.counted_seconds) == (False, 26 * 3600)
    assert story.state(CONTACT) is ClockState.BREACHED


def test_an_act_at_the_very_deadline_is_in_time() -> None:
    story = assigned().happens(ContactMade, at(hours=24))
    assert story.said(ClockStopped, CONTACT)[0].in_time
    assert story.said(ClockBreached, CONTACT) == []


def test_a_late_act_says_the_breach_that_time_has_not_said_yet() -> None:
    story = assigned().happens(ContactMade, at(hours=24, seconds=0.5))
    assert story.told(CONTACT)[-2:] == ["ClockBreached", "ClockStopped"]


def test_a_warning_overtaken_by_its_stop_never_appears() -> None:
    story = assigned().happens(ContactMade, at(hours=13), recorded=at(hours=40))
    assert [w.share_percent for w in story.said(ClockWarned, CONTACT)] == [50, 75, 90]
    on_time = assigned().happens(ContactMade, at(hours=13)).time_passes(at(hours=40))
    assert [w.share_percent for w in on_time.said(ClockWarned, CONTACT)] == [50]


def test_a_fact_first_says_what_had_settled_before_it() -> None:
    story = assigned().happens(MessagePosted, at(hours=12, seconds=1))
    assert story.said(ClockWarned, CONTACT) == []
    story.happens(MessagePosted, at(hours=12, seconds=1.001))
    assert [w.share_percent for w in story.said(ClockWarned, CONTACT)] == [50]


def test_a_deadline_missed_before_the_end_is_a_breach_even_if_the_end_is_known_first() -> None:
    story = Story().accepted()
    story.happens(ComplaintWithdrawn, at(minutes=40), settle=timedelta(hours=1))
    assert story.told(ASSIGNMENT)[-2:] == ["ClockBreached", "ClockCancelled"]
    assert story.state(ASSIGNMENT) is ClockState.BREACHED


def test_an_end_at_the_very_deadline_does_not_undo_it() -> None:
    story = Story().accepted().happens(ComplaintWithdrawn, at(minutes=30))
    assert len(story.said(ClockBreached, ASSIGNMENT)) == 1
    assert len(story.said(ClockCancelled, ASSIGNMENT)) == 1


def test_responsible_is_who_held_the_complaint_at_the_deadline() -> None:
    story = assigned().happens(ContactMade, at(minutes=5))
    story.happens(ComplaintUnassigned, at(days=5)).happens(
        ComplaintAssigned, at(days=5, minutes=10), specialist_id="s2", status=Status.IN_PROGRESS
    )
    story.happens(ComplaintUnassigned, at(days=7, hours=1), specialist_id="s2")
    (breach,) = story.said(ClockBreached, ClockKind.RESOLUTION)
    assert breach.responsible_id == "s2"
    assert breach.occurred_at == at(days=7)


def test_nobody_is_responsible_while_nobody_is_assigned() -> None:
    story = Story().accepted().time_passes(at(hours=24))
    assert story.said(ClockBreached, CONTACT)[0].responsible_id is None
    lost = assigned().happens(ComplaintUnassigned, at(hours=1)).time_passes(at(hours=24))
    assert lost.said(ClockBreached, CONTACT)[0].responsible_id is None


def test_the_platform_and_the_merchant_are_named_by_their_part() -> None:
    story = Story().in_work().happens(MerchantAsked, at(hours=1)).time_passes(at(hours=49))
    assert story.said(ClockBreached, RESPONSE)[0].responsible_id == "m1"
    waiting = Story().accepted().time_passes(at(minutes=30))
    assert waiting.said(ClockBreached, ASSIGNMENT)[0].responsible_id is None
