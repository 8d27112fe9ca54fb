"""Small makers of routing's facts, so that a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.routing.domain.assessment import Assessment, assess
from services.routing.domain.assignment_terms import Choice, Needs, Queued
from services.routing.domain.case import Case, open_case
from services.routing.domain.eligibility import Waiting, waiting_of
from services.routing.domain.policy import POLICY
from services.routing.domain.specialists import Profile, Specialist
from shared.events.complaints import ComplaintFiled, Demand
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Band,
    Category,
    Channel,
    DemandKind,
    Outcome,
    Priority,
    Status,
    Turn,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def filing(**changes: Any) -> ComplaintFiled:
    """A hotline complaint about a counterfeit."""
    filed = ComplaintFiled(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        status=Status.SUBMITTED,
        turn=Turn.PLATFORM,
        channel=Channel.HOTLINE,
        priority=Priority.NORMAL,
        consumer_id="u1",
        merchant_id="m1",
        order_ids=("o1",),
        category=Category.COUNTERFEIT,
        description=Personal("u1", "fake"),
        demand=Demand(kind=DemandKind.REFUND, amount_minor=12_900, currency="CNY"),
        language="zh-CN",
    )
    return replace(filed, **changes)


def case(**changes: Any) -> Case:
    """The same as routing knows it, accepted at NOW."""
    accepted = {"status": Status.ACCEPTED, "opened_at": NOW}
    return replace(open_case(filing()), **{**accepted, **changes})


def queued(band: Band = Band.MODERATE, **changes: Any) -> Queued:
    """Waiting since NOW for somebody fit for the band."""
    terms = POLICY.bands[band]
    needs = Needs(score=30, band=band, tier=terms.tier, effort_minutes=terms.effort_minutes)
    return replace(Queued(cycle=1, n=0, since=NOW, needs=needs), **changes)


def waiting(complaint_id: str = "c1", **changes: Any) -> Waiting:
    """A case in the queue. `band`, `since` and `declined_by` go to its queue entry."""
    entry = {k: changes.pop(k) for k in ("since", "declined_by", "outcome") if k in changes}
    band = changes.pop("band", Band.MODERATE)
    objections = changes.pop("objections", ())
    about = case(complaint_id=complaint_id, **changes)
    return waiting_of(about, queued(band, **entry), objections, POLICY)


def profile(**changes: Any) -> Profile:
    """Somebody of tier 2 who knows counterfeits and speaks Chinese."""
    plain = Profile(
        name=Personal("s1", "Li"),
        email=None,
        team_id="t1",
        tier=2,
        skills={Category.COUNTERFEIT: 7},
        languages=("zh-CN",),
        capacity=20,
    )
    return replace(plain, **changes)


def specialist(specialist_id: str = "s1", *, online: bool = True, **changes: Any) -> Specialist:
    """The same, online."""
    absent = changes.pop("absent", frozenset())
    return Specialist(
        specialist_id=specialist_id,
        profile=profile(**changes),
        online=online,
        since=NOW,
        absent=absent,
    )


def assessment(**changes: Any) -> Assessment:
    """The assessment of `case`."""
    return replace(assess(case(), 700_000, POLICY), **changes)


def choice(specialist_id: str | None = "s1", **changes: Any) -> Choice:
    """What the matcher came to: that specialist, or waiting."""
    plain = Choice(
        outcome=Outcome.WAITING if specialist_id is None else Outcome.ASSIGNED,
        specialist_id=specialist_id,
        team_id=None if specialist_id is None else "t1",
        candidates=(),
        inputs={"decided_by": "matcher"},
        positions={},
        policy_version=POLICY.version,
        sentence={"zh-CN": "好", "en": "good"},
    )
    return replace(plain, **changes)
