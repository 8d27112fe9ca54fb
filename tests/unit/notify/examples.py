"""Facts and states that the tests of notify's domain start from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.notify.domain.case import Case
from services.notify.domain.events import FollowUpScheduled, NotificationQueued
from services.notify.domain.retry import RetryPolicy
from shared.events.clocks import ClockBreached, ClockCorrected, ClockWarned
from shared.events.complaints import ComplaintFiled, Demand
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Category,
    Channel,
    ClockKind,
    CorrectionReason,
    DemandKind,
    NotificationChannel,
    Party,
    Priority,
    Role,
    Status,
    Turn,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = RetryPolicy(attempts=3, first=timedelta(seconds=10), longest=timedelta(minutes=1))

QUEUED = NotificationQueued(
    occurred_at=NOW,
    complaint_id="c1",
    cycle=1,
    notification_id="n1",
    cause_id="e1",
    recipient_role=Role.CONSUMER,
    recipient_id="u1",
    channel=NotificationChannel.EMAIL,
    template="accepted@1",
    language="en",
    subject=Personal("u1", "Accepted"),
    text=Personal("u1", "Hello\n"),
    text_sha256="0" * 64,
)

SCHEDULED = FollowUpScheduled(
    occurred_at=NOW,
    complaint_id="c1",
    cycle=1,
    follow_up_id="c1-1",
    consumer_id="u1",
    language="en",
    due_at=NOW + HOUR,
    expires_at=NOW + timedelta(days=90),
    cause_id="e1",
)

FILED = ComplaintFiled(
    occurred_at=NOW,
    complaint_id="c1",
    cycle=1,
    status=Status.SUBMITTED,
    turn=Turn.PLATFORM,
    channel=Channel.HOTLINE,
    priority=Priority.NORMAL,
    consumer_id="u1",
    merchant_id="m1",
    order_ids=("o1", "o2"),
    category=Category.COUNTERFEIT,
    description=Personal("u1", "not the real thing"),
    demand=Demand(kind=DemandKind.REFUND, amount_minor=12900, currency="CNY"),
    language="en",
    contact=Personal("u1", "u1@example.com"),
)

CASE = Case(
    complaint_id="c1",
    cycle=1,
    status=Status.IN_PROGRESS,
    language="en",
    category=Category.COUNTERFEIT,
    order_ids=("o1", "o2"),
    consumer_id="u1",
    contact=Personal("u1", "u1@example.com"),
    merchant_id="m1",
    merchant_involved=True,
    specialist_id="s1",
    team_id="t1",
)
UNASSIGNED = replace(CASE, specialist_id=None, team_id=None)


def warned(kind: ClockKind, party: Party, *, n: int = 1, who: str | None = None) -> ClockWarned:
    """Three quarters of a clock's time have gone by."""
    return ClockWarned(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        clock_id="k1",
        kind=kind,
        n=n,
        party=party,
        share_percent=75,
        due_at=NOW + HOUR,
        responsible_id=who,
    )


def breached(kind: ClockKind, party: Party, *, who: str | None = None) -> ClockBreached:
    """A clock's time is over."""
    return ClockBreached(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        clock_id="k1",
        kind=kind,
        n=1,
        party=party,
        responsible_id=who,
        due_at=NOW,
    )


def corrected(*, due_at: datetime | None, withdrawn: bool) -> ClockCorrected:
    """A clock's arithmetic was put right."""
    return ClockCorrected(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        clock_id="k1",
        kind=ClockKind.RESOLUTION,
        n=1,
        party=Party.SPECIALIST,
        cause_id="e9",
        reason=CorrectionReason.LATE_FACT,
        target="7cd",
        due_at=due_at,
        warn_at=(),
        breach_withdrawn=withdrawn,
    )
