"""What routing knows of a complaint: folded from the events of intake and sla."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.routing.domain.policy import RoutingPolicy
from shared.events.casework import ComplaintReclassified
from shared.events.checking import OrderChecked, RiskFlagged
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockResumed,
    ClockStarted,
)
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintEvent,
    ComplaintFiled,
    ComplaintReopened,
)
from shared.events.vocabulary import (
    NOT_OPEN,
    Band,
    Category,
    Channel,
    ClockKind,
    DemandKind,
    OrderCheckResult,
    Party,
    Priority,
    ReopenReason,
    Status,
    Turn,
)

_MONEY_DEMANDS = frozenset({DemandKind.REFUND, DemandKind.COMPENSATION})
_OUR_PARTIES = frozenset({Party.PLATFORM, Party.SPECIALIST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The facts a decision about one complaint rests on.

    `opened_at` is when the present cycle was accepted or reopened: the age a case keeps through
    every release. `objected_to` lists the specialist of each objection in this complaint.
    `breached` holds the kinds of clock, of platform or specialist, missed in this cycle.
    `contradicted` lists the orders of which the marketplace knows something else than the consumer
    says; `flagged` says that there are signs of bad faith.
    """

    complaint_id: str
    consumer_id: str
    merchant_id: str
    channel: Channel
    priority: Priority
    category: Category
    language: str
    orders: int
    missing: tuple[str, ...]
    amount_minor: int | None
    currency: str | None
    cycle: int
    status: Status
    turn: Turn
    opened_at: datetime | None = None
    previous_specialist_id: str | None = None
    objected_to: tuple[str, ...] = ()
    resolution_due_at: datetime | None = None
    breached: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    flagged: bool = False

    @property
    def is_over(self) -> bool:
        """Nothing is owed to the complaint."""
        return self.status in NOT_OPEN

    @property
    def needs_its_specialist(self) -> bool:
        """It is the assignee's move, or will be once intake has recorded who that is.

        An open complaint in `accepted` has its assignment still on the way to intake: a turn
        `platform` there is not the platform's remedy.
        """
        return self.turn is Turn.SPECIALIST or self.status is Status.ACCEPTED


def open_case(event: ComplaintFiled) -> Case:
    """The case as filed."""
    return Case(
        complaint_id=event.complaint_id,
        consumer_id=event.consumer_id,
        merchant_id=event.merchant_id,
        channel=event.channel,
        priority=event.priority,
        category=event.category,
        language=event.language,
        orders=len(event.order_ids),
        missing=_missing(event),
        amount_minor=event.demand.amount_minor,
        currency=event.demand.currency,
        cycle=event.cycle,
        status=event.status,
        turn=event.turn,
    )


def _missing(event: ComplaintFiled) -> tuple[str, ...]:
    """What would be asked first. Evidence itself is not known to routing yet."""
    unknown = {
        "order": not event.order_ids,
        "amount": event.demand.kind in _MONEY_DEMANDS and event.demand.amount_minor is None,
        "contact": event.contact is None,
        "happened_at": event.happened_at is None,
    }
    return tuple(name for name, absent in unknown.items() if absent)


def follow(case: Case, event: ComplaintEvent) -> Case:
    """The case after one more event of its complaint.

    Status and turn are taken from the event, never derived. An event of an older cycle (an echo
    about a survey) does not take the cycle back.
    """
    now = replace(case, status=event.status, turn=event.turn, cycle=max(case.cycle, event.cycle))
    if isinstance(event, ComplaintAccepted):
        return replace(now, opened_at=event.occurred_at)
    if isinstance(event, ComplaintReopened):
        return _reopen(now, event)
    if isinstance(event, ComplaintReclassified):
        return replace(
            now,
            category=event.category,
            orders=len(event.order_ids),
            amount_minor=event.demand.amount_minor,
            currency=event.demand.currency,
        )
    return _look_into(now, event)


def _look_into(case: Case, event: ComplaintEvent) -> Case:
    """An order system that is away contradicts nobody, and takes no contradiction back."""
    if isinstance(event, RiskFlagged):
        return replace(case, flagged=bool(event.flags))
    if not isinstance(event, OrderChecked) or event.result is OrderCheckResult.UNAVAILABLE:
        return case
    others = tuple(order for order in case.contradicted if order != event.order_id)
    if event.result is OrderCheckResult.DIFFERS:
        others = (*others, event.order_id)
    return replace(case, contradicted=others)


def _reopen(case: Case, event: ComplaintReopened) -> Case:
    objected_to = case.objected_to
    if event.reason is ReopenReason.OBJECTION and event.previous_specialist_id is not None:
        objected_to = (*objected_to, event.previous_specialist_id)
    return replace(
        case,
        opened_at=event.occurred_at,
        previous_specialist_id=event.previous_specialist_id,
        objected_to=objected_to,
        resolution_due_at=None,
        breached=(),
    )


def observe_clock(case: Case, event: ClockEvent) -> Case:
    """The case after a clock's event; clocks of other cycles are none of its business."""
    if event.cycle != case.cycle or event.party not in _OUR_PARTIES:
        return case
    if isinstance(event, ClockBreached):
        return replace(case, breached=_with(case.breached, event.kind))
    if isinstance(event, ClockCorrected) and event.breach_withdrawn:
        case = replace(case, breached=tuple(k for k in case.breached if k != event.kind))
    if event.kind is not ClockKind.RESOLUTION:
        return case
    if isinstance(event, ClockStarted | ClockResumed | ClockCorrected):
        return replace(case, resolution_due_at=event.due_at)
    if isinstance(event, ClockCancelled):
        return replace(case, resolution_due_at=None)
    return case


def _with(kinds: tuple[str, ...], kind: ClockKind) -> tuple[str, ...]:
    return kinds if kind in kinds else (*kinds, str(kind))


def urgency(case: Case, band: Band, now: datetime, policy: RoutingPolicy) -> int:
    """How pressing, 0 (can wait its turn) to 3 (before everything else).

    3: priority `urgent`, band `critical`, or one of our clocks already missed. 2: priority `high`,
    or the resolution due within a day. 1: due within two days. While no clock is known the
    policy's own target table stands in for it.
    """
    if case.priority is Priority.URGENT or band is Band.CRITICAL or case.breached:
        return 3
    due_at = case.resolution_due_at
    if due_at is None:
        opened_at = case.opened_at or now
        due_at = opened_at + timedelta(days=policy.resolution_days[band])
    if case.priority is Priority.HIGH or due_at - now <= timedelta(days=1):
        return 2
    return 1 if due_at - now <= timedelta(days=2) else 0
