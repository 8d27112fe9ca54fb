"""A complaint told fact by fact: what happens to it, when, and when sla hears of it."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from services.sla.domain.case import Case
from services.sla.domain.clock import Clock, ClockState
from services.sla.domain.firing import fire, next_firing
from services.sla.domain.observing import SETTLE, LaterFact, observe, opened
from shared.events.casework import ComplaintReclassified
from shared.events.clocks import ClockEvent
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFiled,
    ComplaintFollowUpSent,
    ComplaintRejected,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintUnassigned,
    ComplaintWithdrawn,
    ConsumerAnswered,
    ConsumerAsked,
    ContactAttempted,
    ContactMade,
    Demand,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
    RejectionAppealed,
    RemedyDone,
    RemedyFailed,
    RequestLapsed,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
)
from shared.events.escalation import (
    ComplaintReferred,
    ReferralEnded,
    SolutionApproved,
    SolutionReturned,
    SuperiorReviewDecided,
    SuperiorReviewRequested,
)
from shared.events.merging import ComplaintAbsorbed, ComplaintMerged, ComplaintUnmerged
from shared.events.personal import Personal
from shared.events.vocabulary import (
    AskStage,
    Band,
    Category,
    Channel,
    ClockKind,
    CloseReason,
    ContactChannel,
    DemandKind,
    Party,
    Payer,
    Priority,
    ReferralBody,
    RejectionReason,
    ReopenReason,
    ReviewGround,
    ReviewOutcome,
    Role,
    Stance,
    Status,
    Turn,
    UnassignReason,
)

FILED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORDS = Personal("u1", "…")
E = TypeVar("E", bound=ClockEvent)

TURNS = {
    Status.SUBMITTED: Turn.PLATFORM,
    Status.DUPLICATE: Turn.NOBODY,
    Status.ACCEPTED: Turn.PLATFORM,
    Status.ASSIGNED: Turn.SPECIALIST,
    Status.IN_PROGRESS: Turn.SPECIALIST,
    Status.NEEDS_INFORMATION: Turn.CONSUMER,
    Status.REJECTED: Turn.NOBODY,
    Status.AWAITING_CONSUMER: Turn.CONSUMER,
    Status.AWAITING_MERCHANT: Turn.MERCHANT,
    Status.SOLUTION_DRAFTED: Turn.SUPERVISOR,
    Status.SOLUTION_PROPOSED: Turn.CONSUMER,
    Status.UNDER_SUPERIOR_REVIEW: Turn.SUPERVISOR,
    Status.EXTERNAL: Turn.REGULATOR,
    Status.REMEDYING: Turn.MERCHANT,
    Status.RESOLVED: Turn.NOBODY,
    Status.CLOSED: Turn.NOBODY,
    Status.WITHDRAWN: Turn.NOBODY,
}


def at(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    """So long after the filing."""
    return FILED + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def filing(channel: Channel = Channel.HOTLINE, **over: Any) -> ComplaintFiled:
    """A complaint about a counterfeit."""
    given: dict[str, Any] = {
        "occurred_at": FILED,
        "complaint_id": "c1",
        "cycle": 1,
        "status": Status.SUBMITTED,
        "turn": Turn.PLATFORM,
        "channel": channel,
        "priority": Priority.NORMAL,
        "consumer_id": "u1",
        "merchant_id": "m1",
        "order_ids": ("o1",),
        "category": Category.COUNTERFEIT,
        "description": WORDS,
        "demand": Demand(kind=DemandKind.REFUND),
        "language": "zh-CN",
    }
    return ComplaintFiled(**{**given, **over})


_DEFAULTS: dict[type[LaterFact], dict[str, Any]] = {
    ComplaintMerged: {"status": Status.DUPLICATE, "into_id": "c2", "by": "v1"},
    ComplaintAbsorbed: {"from_id": "c0", "earliest_accepted_at": None},
    ComplaintUnmerged: {"status": Status.ACCEPTED, "other_id": "c2", "reason": "another parcel"},
    ComplaintReclassified: {
        "category": Category.QUALITY,
        "demand": Demand(kind=DemandKind.REFUND),
        "order_ids": ("o1",),
        "reason": "it is real",
    },
    SolutionApproved: {
        "status": Status.SOLUTION_PROPOSED,
        "n": 3,
        "supervisor_id": "v1",
        "remedy": DemandKind.REFUND,
        "payer": Payer.MERCHANT,
        "reasons": WORDS,
    },
    SolutionReturned: {
        "status": Status.IN_PROGRESS,
        "n": 3,
        "supervisor_id": "v1",
        "reason": "too much",
    },
    SuperiorReviewRequested: {
        "status": Status.UNDER_SUPERIOR_REVIEW,
        "n": 1,
        "by_role": Role.CONSUMER,
        "ground": ReviewGround.PROPOSAL,
    },
    SuperiorReviewDecided: {
        "status": Status.IN_PROGRESS,
        "n": 1,
        "outcome": ReviewOutcome.UPHELD,
        "reasons": WORDS,
        "supervisor_id": "v1",
    },
    ComplaintReferred: {
        "status": Status.EXTERNAL,
        "n": 1,
        "body": ReferralBody.COURT,
        "bundle_sha256": "0",
    },
    ReferralEnded: {
        "status": Status.IN_PROGRESS,
        "n": 1,
        "body": ReferralBody.COURT,
        "outcome": "dismissed",
        "binding": False,
    },
    ComplaintAcknowledged: {"notification_id": "notification"},
    ComplaintAccepted: {"status": Status.ACCEPTED},
    ComplaintAssessed: {"score": 50, "needed_tier": 2, "policy_version": "1"},
    ComplaintAssigned: {
        "status": Status.ASSIGNED,
        "n": 1,
        "specialist_id": "s1",
        "team_id": None,
        "decision_id": "d1",
    },
    ComplaintUnassigned: {
        "status": Status.ACCEPTED,
        "n": 1,
        "specialist_id": "s1",
        "reason": UnassignReason.ABSENT,
    },
    ContactAttempted: {"n": 1, "channel": ContactChannel.CALL, "outcome": "no answer"},
    ContactMade: {
        "status": Status.IN_PROGRESS,
        "n": 1,
        "channel": ContactChannel.CALL,
        "two_way": True,
        "note": None,
        "backdated_seconds": 0,
    },
    MessagePosted: {"from_role": Role.CONSUMER, "visible_to": (), "text": WORDS},
    ComplaintRejected: {
        "status": Status.REJECTED,
        "reason_code": RejectionReason.OUT_OF_TIME,
        "reviewer_id": "v1",
    },
    RejectionAppealed: {"status": Status.SUBMITTED, "text": WORDS},
    ConsumerAsked: {
        "status": Status.AWAITING_CONSUMER,
        "n": 1,
        "items": ("a photo",),
        "reason": "it settles it",
        "stage": AskStage.CASE,
    },
    ConsumerAnswered: {"status": Status.IN_PROGRESS, "n": 1, "text": WORDS},
    MerchantAsked: {"status": Status.AWAITING_MERCHANT, "n": 1, "questions": WORDS},
    MerchantAnswered: {
        "status": Status.IN_PROGRESS,
        "n": 1,
        "stance": Stance.INFORMS,
        "text": WORDS,
        "late": False,
    },
    RequestLapsed: {
        "status": Status.IN_PROGRESS,
        "n": 1,
        "party": Party.MERCHANT,
        "clock_id": "clock",
    },
    SolutionProposed: {
        "status": Status.SOLUTION_PROPOSED,
        "n": 2,
        "remedy": DemandKind.REFUND,
        "payer": Payer.MERCHANT,
        "reasons": WORDS,
        "needs_approval": False,
    },
    SolutionAccepted: {
        "status": Status.REMEDYING,
        "n": 2,
        "consent_by": "u1",
        "consent_how": "in person",
    },
    SolutionRejected: {"status": Status.IN_PROGRESS, "n": 2, "reason": WORDS},
    RemedyDone: {
        "status": Status.IN_PROGRESS,
        "n": 2,
        "kind": DemandKind.REFUND,
        "reference": "r1",
        "by_role": Role.MERCHANT,
    },
    RemedyFailed: {"status": Status.IN_PROGRESS, "n": 2, "reason": "overdue"},
    ComplaintResolved: {"status": Status.RESOLVED, "outcome": "refunded"},
    ComplaintFollowUpSent: {"status": Status.RESOLVED, "follow_up_id": "f1"},
    ComplaintClosed: {"status": Status.CLOSED, "reason": CloseReason.SATISFIED},
    ComplaintReopened: {
        "status": Status.ACCEPTED,
        "cycle": 2,
        "reason": ReopenReason.OBJECTION,
        "text": None,
        "previous_specialist_id": "s1",
        "offer_superior_review": False,
    },
    ComplaintWithdrawn: {"status": Status.WITHDRAWN, "by": "u1"},
}


def fact(kind: type[LaterFact], when: datetime, /, **over: Any) -> LaterFact:
    """A fact of complaint c1 in its first cycle; its status gives the turn."""
    first = {"complaint_id": "c1", "cycle": 1, "status": Status.ACCEPTED}
    given = {**first, **_DEFAULTS[kind], **over}
    given.setdefault("turn", TURNS[given["status"]])
    return kind(occurred_at=when, **given)


class Story:
    """One complaint. Facts are recorded when they take place, unless `recorded` says later."""

    def __init__(self, filed: ComplaintFiled | None = None) -> None:
        self.facts = 1
        self.case: Case
        self.case, self.events = opened(filed or filing(), recorded_at=FILED, cause_id="fact-1")

    def happens(
        self,
        kind: type[LaterFact],
        when: datetime | None = None,
        /,
        *,
        recorded: datetime | None = None,
        settle: timedelta = SETTLE,
        **over: Any,
    ) -> Self:
        """One more fact, now or at `when`; status and cycle stay unless the fact moves them."""
        occurred = when or FILED
        stays = {"cycle": self.case.cycle, "status": self.case.status}
        self.facts += 1
        self.case, said = observe(
            self.case,
            fact(kind, occurred, **{**stays, **_DEFAULTS[kind], **over}),
            recorded_at=recorded or occurred,
            cause_id=f"fact-{self.facts}",
            settle=settle,
        )
        self.events += said
        return self

    def time_passes(self, until: datetime) -> Self:
        """Everything up to `until` is known, and so is said what fell due."""
        self.case, said = fire(self.case, until)
        self.events += said
        return self

    def accepted(self, **over: Any) -> Self:
        """Accepted with the filing, by rule."""
        return self.happens(ComplaintAccepted, rule="hotline", **over)

    def in_work(self) -> Self:
        """Accepted, assigned after a minute, first contact after ten, no clock of those left."""
        self.accepted().happens(ComplaintAcknowledged, at(seconds=2))
        self.happens(ComplaintAssigned, at(minutes=1))
        return self.happens(ContactMade, at(minutes=10))

    def clock(self, kind: ClockKind, *, cycle: int = 1, n: int | None = None) -> Clock:
        """The clock of that identity; it must be there."""
        found = self.case.find(cycle, kind, n)
        assert found is not None
        return found

    def state(self, kind: ClockKind, *, cycle: int = 1, n: int | None = None) -> ClockState:
        """How that clock stands."""
        return self.clock(kind, cycle=cycle, n=n).state

    def said(self, event: type[E], kind: ClockKind) -> list[E]:
        """What was published of one sort about clocks of one kind."""
        return [e for e in self.events if isinstance(e, event) and e.kind is kind]

    def told(self, kind: ClockKind) -> list[str]:
        """The sorts of events published about clocks of one kind, in order."""
        return [type(event).__name__ for event in self.events if event.kind is kind]

    @property
    def next_firing(self) -> datetime | None:
        """When there is something to say next."""
        return next_firing(self.case)


def final_ledger(case: Case) -> dict[str, Sequence[object]]:
    """What a case came to, clock by clock, leaving out how it got there."""
    return {
        clock.id: [
            getattr(clock, field.name)
            for field in fields(clock)
            if field.name not in {"warned", "cause_id"}
        ]
        for clock in case.clocks
    }


RETARGETS = {Band.SIMPLE: 3, Band.MODERATE: 7, Band.COMPLEX: 15, Band.CRITICAL: 2}
"""Target of `resolution` in days, by band."""
