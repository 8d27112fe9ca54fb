"""What each figure counts, and that the order of topics does not matter."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import generate_latest

from services.dashboard.figures import Figures, share
from services.dashboard.gauges import Gauges, GaugesWorker
from services.dashboard.summary import lists, summary_of
from services.dashboard.views import CHANGE_NO_FIGURE, VIEWED
from shared.events import Personal, complaints, followups, profiles
from shared.events.assignments import AssignmentDecided
from shared.events.registry import event_types
from shared.events.vocabulary import (
    Band,
    Category,
    Channel,
    ClockKind,
    CloseReason,
    NotificationChannel,
    Outcome,
    Party,
    ReopenReason,
    Role,
    Status,
    SurveyResult,
    Turn,
    UnassignReason,
)
from shared.observability import Metrics
from tests.unit.dashboard.world import (
    Clock,
    Sources,
    after,
    assigned,
    filed,
    moved,
    told,
    world,
)


def decided(
    outcome: Outcome, *, complaint: str = "c1", cycle: int = 1, weight: int = 1
) -> AssignmentDecided:
    """A decision of routing."""
    return AssignmentDecided(
        occurred_at=after(1),
        complaint_id=complaint,
        cycle=cycle,
        n=1,
        decision_id="d1",
        outcome=outcome,
        specialist_id="s1" if outcome is Outcome.ASSIGNED else None,
        team_id=None,
        candidates=(),
        inputs={"weight": weight},
        positions={},
        policy_version="p1",
        waiting_since=after(0),
        sentence={},
    )


def registered(specialist: str = "s1", capacity: int = 20) -> profiles.SpecialistRegistered:
    """A specialist."""
    return profiles.SpecialistRegistered(
        occurred_at=after(0),
        specialist_id=specialist,
        name=Personal(specialist, "Li"),
        email=None,
        team_id="t1",
        tier=2,
        skills={Category.QUALITY: 5},
        languages=("en",),
        capacity=capacity,
    )


def presence(specialist: str = "s1", *, online: bool) -> profiles.SpecialistPresenceChanged:
    """A specialist comes or goes."""
    return profiles.SpecialistPresenceChanged(
        occurred_at=after(1), specialist_id=specialist, online=online, since=after(1)
    )


def sent(channel: NotificationChannel) -> followups.NotificationSent:
    """A notification that was sent."""
    return followups.NotificationSent(
        occurred_at=after(1),
        complaint_id="c1",
        cycle=1,
        notification_id="n1",
        cause_id="e1",
        recipient_role=Role.CONSUMER,
        channel=channel,
        template="accepted@1",
        text_sha256="",
    )


def failed(*, suppressed: bool) -> followups.NotificationFailed:
    """A notification that was not."""
    return followups.NotificationFailed(
        occurred_at=after(1),
        complaint_id="c1",
        cycle=1,
        notification_id="n1",
        cause_id="e1",
        recipient_role=Role.CONSUMER,
        channel=NotificationChannel.EMAIL,
        template="accepted@1",
        attempts=5,
        reason="refused",
        suppressed=suppressed,
    )


def answered(result: SurveyResult, *, ratings_only: bool = False) -> followups.FollowUpAnswered:
    """An answer to the survey."""
    return followups.FollowUpAnswered(
        occurred_at=after(9),
        complaint_id="c1",
        cycle=1,
        follow_up_id="f1",
        result=result,
        speed=5,
        attitude=5,
        outcome=5,
        text=None,
        ratings_only=ratings_only,
    )


def test_every_published_event_changes_a_figure_or_is_listed_as_changing_none() -> None:
    published = {entry.cls for entry in event_types() if entry.topic is not None}
    assert {cls.__name__ for cls in published - VIEWED - CHANGE_NO_FIGURE} == set()
    assert set() == VIEWED & CHANGE_NO_FIGURE


async def test_a_complaint_is_open_from_its_filing_until_nothing_is_owed_to_it() -> None:
    async with world() as where:
        record = Sources()
        await where.count(record(filed()))
        assert (await where.figures()).open_by == {("submitted", "platform"): 1}
        await where.count(record(assigned()))
        assert (await where.figures()).open_by == {("assigned", "specialist"): 1}
        resolved = moved(
            complaints.ComplaintResolved, Status.RESOLVED, Turn.NOBODY, outcome="refunded"
        )
        await where.count(record(resolved))
        assert (await where.figures()).open == 0


async def test_a_reopened_complaint_is_open_again_and_nobody_s_load() -> None:
    async with world() as where:
        figures = await told(
            where,
            filed(),
            registered(),
            assigned("s1"),
            moved(complaints.ComplaintResolved, Status.RESOLVED, Turn.NOBODY, outcome="x"),
            moved(
                complaints.ComplaintClosed,
                Status.CLOSED,
                Turn.NOBODY,
                reason=CloseReason.SATISFIED,
            ),
            moved(
                complaints.ComplaintReopened,
                Status.ACCEPTED,
                Turn.PLATFORM,
                cycle=2,
                reason=ReopenReason.OBJECTION,
                text=None,
                previous_specialist_id="s1",
                offer_superior_review=False,
            ),
        )
        assert figures.open == 1
        assert [row["load"] for row in figures.load] == [0]
        assert figures.totals["reopened"] == {"objection": 1}


async def test_open_complaints_are_counted_by_band_and_by_age() -> None:
    async with world() as where:
        record = Sources()
        for number, hours in enumerate((0, 24, 72, 168, 360)):
            await where.count(record(filed(f"c{number}", hours=-hours), f"c{number}"))
        assessed = moved(
            complaints.ComplaintAssessed,
            Status.ACCEPTED,
            Turn.PLATFORM,
            complaint="c0",
            score=70,
            band=Band.COMPLEX,
            needed_tier=3,
            policy_version="p1",
        )
        await where.count(record(assessed, "c0"))
        figures = await where.figures()
        assert figures.open_by_band == {"complex": 1, "unassessed": 4}
        assert figures.open_by_age == {
            "under_1d": 1,
            "1d_to_3d": 1,
            "3d_to_7d": 1,
            "7d_to_15d": 1,
            "over_15d": 1,
        }


async def test_a_complaint_assigned_twice_was_assigned_once_in_two_assignments() -> None:
    async with world() as where:
        unassigned = moved(
            complaints.ComplaintUnassigned,
            Status.ACCEPTED,
            Turn.PLATFORM,
            n=1,
            specialist_id="s1",
            reason=UnassignReason.ABSENT,
        )
        figures = await told(where, filed(), assigned("s1"), unassigned, assigned("s2"))
        assert figures.total("assigned") == 1
        assert figures.total("assignments") == 2
        assert figures.totals["unassigned"] == {"absent": 1}


async def test_the_load_of_a_specialist_is_their_open_complaints_and_what_they_weigh() -> None:
    async with world() as where:
        figures = await told(
            where,
            registered("s1", capacity=20),
            presence("s1", online=True),
            filed(),
            decided(Outcome.ASSIGNED, weight=4),
            assigned("s1"),
        )
        assert [dict(row) for row in figures.load] == [
            {
                "specialist_id": "s1",
                "team_id": "t1",
                "tier": 2,
                "capacity": 20,
                "online": 1,
                "load": 1,
                "weight": 4,
            }
        ]


async def test_a_specialist_who_goes_is_offline() -> None:
    async with world() as where:
        figures = await told(where, registered(), presence(online=True), presence(online=False))
        assert [row["online"] for row in figures.load] == [0]


@pytest.mark.parametrize(
    ("outcome", "waiting", "unroutable"), [(Outcome.WAITING, 1, 0), (Outcome.UNROUTABLE, 0, 1)]
)
async def test_a_complaint_nobody_can_take_is_waiting_or_unroutable(
    outcome: Outcome, waiting: int, unroutable: int
) -> None:
    async with world() as where:
        figures = await told(where, filed(), decided(outcome))
        assert (figures.waiting, figures.unroutable) == (waiting, unroutable)


async def test_what_routing_said_of_the_cycle_before_makes_nothing_unroutable() -> None:
    async with world() as where:
        reopened = moved(
            complaints.ComplaintReopened,
            Status.ACCEPTED,
            Turn.PLATFORM,
            cycle=2,
            reason=ReopenReason.NEW_PROBLEM,
            text=None,
            previous_specialist_id=None,
            offer_superior_review=False,
        )
        figures = await told(where, filed(), decided(Outcome.UNROUTABLE), reopened)
        assert figures.unroutable == 0


# -- counts --------------------------------------------------------------------------------------


async def test_what_happened_is_counted_since_the_beginning() -> None:
    async with world() as where:
        figures = await told(
            where,
            filed(channel=Channel.FORM),
            moved(complaints.ComplaintAccepted, Status.ACCEPTED, Turn.PLATFORM, rule="r"),
            moved(complaints.ComplaintWithdrawn, Status.WITHDRAWN, Turn.NOBODY, by="u1"),
            sent(NotificationChannel.EMAIL),
            sent(NotificationChannel.INBOX),
            failed(suppressed=True),
            failed(suppressed=False),
            answered(SurveyResult.SATISFIED),
            answered(SurveyResult.OBJECTION),
            answered(SurveyResult.OBJECTION, ratings_only=True),
        )
        assert figures.totals == {
            "filed": {"form": 1},
            "accepted": {"": 1},
            "withdrawn": {"": 1},
            "notifications_sent": {"email": 1, "inbox": 1},
            "notifications_suppressed": {"email": 1},
            "notifications_failed": {"email": 1},
            "satisfied": {"": 1},
            "objections": {"": 1},
        }
        assert figures.satisfied_share == 0.5


def test_a_share_of_nothing_is_nothing() -> None:
    assert share(0, 0) is None
    assert share(1, 2) == 0.3333


STORY: tuple[tuple[str, list[Any]], ...] = (
    ("complaints", [filed(), assigned("s1")]),
    ("assignments", [decided(Outcome.WAITING), decided(Outcome.ASSIGNED, weight=2)]),
    ("clocks", [Clock().started(), Clock().breached(), Clock().stopped(30, in_time=False)]),
    ("specialists", [registered(), presence(online=True)]),
    ("followups", [sent(NotificationChannel.EMAIL)]),
)


async def test_the_order_of_topics_among_each_other_changes_no_figure() -> None:
    seen: list[Figures] = []
    for order in itertools.islice(itertools.permutations(STORY), 0, None, 13):
        async with world() as where:
            seen.append(await told(where, *(event for _, events in order for event in events)))
    dice = random.Random(7)
    for _ in range(10):
        topics = [list(events) for _, events in STORY]
        mixed = []
        while any(topics):
            mixed.append(dice.choice([topic for topic in topics if topic]).pop(0))
        async with world() as where:
            seen.append(await told(where, *mixed))
    assert all(figures == seen[0] for figures in seen)
    assert seen[0].breaches == 1


# -- one code path -------------------------------------------------------------------------------


async def test_page_and_gauges_say_the_same() -> None:
    async with world() as where:
        clock = Clock(due=0.5)
        figures = await told(where, filed(), registered(), assigned("s1"), clock.started())
        summary = summary_of(figures, await lists(where.log), rate=1.0, lag={})
        metrics = Metrics()
        worker = GaugesWorker(where.log, Gauges(metrics), where.time, where.time, 5.0)
        assert not await worker.step()
        text = generate_latest(metrics.registry).decode()
    assert summary["open"]["by_status_and_turn"] == [
        {"status": "assigned", "turn": "specialist", "count": 1}
    ]
    assert 'amends_open_complaints{status="assigned",turn="specialist"} 1.0' in text
    assert summary["clocks"]["due_in_1h"] == 1
    assert 'amends_clocks_due{within="1h"} 1.0' in text
    assert [one["load"] for one in summary["specialists"]] == [1]
    assert 'amends_specialist_load{specialist="s1"} 1.0' in text


async def test_gauges_are_read_again_only_after_a_while_and_forget_what_is_gone() -> None:
    async with world() as where:
        record, metrics = Sources(), Metrics()
        worker = GaugesWorker(where.log, Gauges(metrics), where.time, where.time, 5.0)
        await where.count(record(filed()))
        await worker.step()
        await where.count(record(assigned()))
        await worker.step()
        assert b'status="submitted"' in generate_latest(metrics.registry)
        where.time.move(timedelta(seconds=5))
        await worker.step()
        assert b'status="submitted"' not in generate_latest(metrics.registry)
        await worker.wait()


async def test_the_short_lists_hold_deadlines_breaches_and_merchants() -> None:
    async with world() as where:
        record = Sources()
        due, late = Clock(due=5), Clock(ClockKind.MERCHANT_RESPONSE, Party.MERCHANT)
        await where.count(record(filed()), record(due.started()))
        await where.count(record(late.started()), record(late.breached()))
        found = await lists(where.log)
    assert [clock["due_at"] for clock in found["due_soonest"]] == ["2026-03-02T14:00:00.000Z"]
    assert [clock["breached_at"] for clock in found["latest"]] == ["2026-03-03T09:00:00.000Z"]
    assert found["by_merchant"] == [{"merchant_id": "m1", "breaches": 1}]
