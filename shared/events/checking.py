"""What was looked into about a complaint: its orders, and signs that it is not meant honestly.

Written by intake into the complaint's stream, in topic `amends.complaints`. Neither moves it.
"""

from dataclasses import dataclass

from shared.events.casework import CaseworkEvent
from shared.events.personal import Personal
from shared.events.registry import COMPLAINTS, CONSUMER_AND_STAFF, event
from shared.events.vocabulary import OrderCheckResult, OrderDifference, RiskFlag


@event("complaint.order_checked", topic=COMPLAINTS, visible_to=CONSUMER_AND_STAFF)
@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChecked(CaseworkEvent):
    """What the complaint says of an order was held against the marketplace's order system.

    `source` names what was asked. With `unavailable` it gave no answer, and the case goes on.
    `differences` are for staff alone: a consumer must not learn whose an order is.
    """

    order_id: str
    result: OrderCheckResult
    source: str
    differences: tuple[OrderDifference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReason:
    """Why a flag was raised or cleared: by a named `rule`, or by the person who acts."""

    flag: RiskFlag
    text: Personal
    rule: str | None = None


@event("complaint.risk_flagged", topic=COMPLAINTS)
@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFlagged(CaseworkEvent):
    """Signs of bad faith: who should handle the complaint, never whether or when.

    `flags` are all that stand after this event, `cleared` those that it takes back; `reasons` say
    why, for each flag that it raises or clears.
    """

    flags: tuple[RiskFlag, ...]
    reasons: tuple[RiskReason, ...]
    cleared: tuple[RiskFlag, ...] = ()


CheckingFact = OrderChecked | RiskFlagged
"""Every event of this module."""
