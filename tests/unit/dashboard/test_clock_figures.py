"""What the figures say of clocks: due, warned, breached, and put right afterwards."""

import pytest

from services.dashboard.summary import lists
from shared.events import complaints
from shared.events.vocabulary import (
    ClockKind,
    Party,
    Status,
    Turn,
)
from tests.unit.dashboard.world import (
    Clock,
    Sources,
    filed,
    moved,
    told,
    world,
)


async def test_running_clocks_are_due_within_an_hour_and_within_a_day() -> None:
    async with world() as where:
        record = Sources()
        for number, due in enumerate((0.5, 1, 5, 24, 25)):
            key = f"c{number}"
            await where.count(record(Clock(complaint=key, due=due).started(), key))
        figures = await where.figures()
        assert (figures.due_in_1h, figures.due_in_24h) == (2, 4)


async def test_a_paused_clock_is_not_due_and_one_resumed_is_due_later() -> None:
    async with world() as where:
        record, clock = Sources(), Clock(due=0.5)
        await where.count(record(clock.started()), record(clock.paused()))
        assert (await where.figures()).due_in_24h == 0
        await where.count(record(clock.resumed(due=5)))
        figures = await where.figures()
        assert (figures.due_in_1h, figures.due_in_24h) == (0, 1)


async def test_a_breach_stands_and_is_owed_until_it_is_met_late() -> None:
    async with world() as where:
        record, clock = Sources(), Clock()
        await where.count(record(clock.started()), record(clock.breached()))
        figures = await where.figures()
        assert figures.breaches_by == {("first_contact", "specialist"): 1}
        assert (figures.breaches_unmet, figures.first_contact_late) == (1, 1)
        await where.count(record(clock.stopped(30, in_time=False)))
        figures = await where.figures()
        assert (figures.breaches, figures.breaches_unmet) == (1, 0)


@pytest.mark.parametrize("lapse_first", [True, False])
async def test_what_a_lapsed_request_waited_for_is_owed_no_more(lapse_first: bool) -> None:
    request = Clock(ClockKind.MERCHANT_RESPONSE, Party.MERCHANT)
    breached = request.breached()
    lapsed = moved(
        complaints.RequestLapsed,
        Status.IN_PROGRESS,
        Turn.SPECIALIST,
        n=1,
        party=Party.MERCHANT,
        clock_id=breached.clock_id,
    )
    async with world() as where:
        told_of = [filed(), lapsed], [request.started(), breached]
        first, second = told_of if lapse_first else reversed(told_of)
        figures = await told(where, *first, *second)
        assert (figures.breaches, figures.breaches_unmet) == (1, 0)
        (latest,) = (await lists(where.log))["latest"]
        assert latest["since"] == "dropped"


@pytest.mark.parametrize("status", [Status.CLOSED, Status.IN_PROGRESS])
async def test_nothing_is_owed_to_a_complaint_that_is_over(status: Status) -> None:
    async with world() as where:
        clock = Clock(ClockKind.RESOLUTION)
        over = moved(complaints.ComplaintWithdrawn, status, Turn.NOBODY, by="u1")
        figures = await told(where, filed(), clock.started(), clock.breached(), over)
        owed = status is Status.IN_PROGRESS
        assert figures.breaches_unmet == int(owed)
        (latest,) = (await lists(where.log))["latest"]
        assert latest["since"] == ("owed" if owed else "dropped")


async def test_a_clock_stopped_late_was_breached_even_if_nobody_said_so_before() -> None:
    async with world() as where:
        clock = Clock()
        figures = await told(where, clock.started(), clock.stopped(30, in_time=False))
        assert figures.breaches == 1
        (row,) = await where.rows("SELECT * FROM dashboard_clock")
        assert row["breached_at"] == row["due_at"]


async def test_a_breach_withdrawn_by_a_late_fact_counts_as_met_in_time() -> None:
    async with world() as where:
        clock = Clock()
        figures = await told(
            where,
            clock.started(),
            clock.breached(),
            clock.stopped(23, in_time=True),
            clock.corrected(24, withdrawn=True),
        )
        assert (figures.breaches, figures.breaches_withdrawn) == (0, 1)
        assert (figures.first_contact_in_time, figures.first_contact_late) == (1, 0)


async def test_a_breach_withdrawn_by_more_time_leaves_the_clock_running() -> None:
    async with world() as where:
        clock = Clock(due=5)
        figures = await told(
            where, clock.started(), clock.breached(), clock.corrected(23, withdrawn=True)
        )
        assert (figures.breaches, figures.due_in_24h) == (0, 1)


async def test_a_cancelled_clock_is_no_breach_but_a_breach_stays_one_when_cancelled() -> None:
    async with world() as where:
        record = Sources()
        never, late = Clock(), Clock(complaint="c2")
        await where.count(record(never.started()), record(never.cancelled()))
        await where.count(record(late.started(), "c2"), record(late.breached(), "c2"))
        await where.count(record(late.cancelled(), "c2"))
        figures = await where.figures()
        assert (figures.breaches, figures.breaches_unmet, figures.due_in_24h) == (1, 0, 0)


async def test_a_corrected_deadline_that_withdraws_nothing_moves_only_the_deadline() -> None:
    async with world() as where:
        clock = Clock(due=5)
        figures = await told(where, clock.started(), clock.corrected(0.5, withdrawn=False))
        assert (figures.due_in_1h, figures.breaches_withdrawn) == (1, 0)


async def test_a_window_that_runs_out_is_no_breach() -> None:
    async with world() as where:
        window = Clock(ClockKind.SURVEY_WINDOW, Party.CONSUMER)
        figures = await told(where, window.started(), window.breached())
        assert figures.breaches == 0


async def test_warnings_are_counted_by_clock_and_the_highest_share_is_shown() -> None:
    async with world() as where:
        clock = Clock()
        figures = await told(
            where, clock.started(), clock.warned(50), clock.warned(90), clock.warned(75)
        )
        assert figures.totals["warnings"] == {"first_contact": 3}
        (row,) = await where.rows("SELECT * FROM dashboard_clock")
        assert row["warned_percent"] == 90
