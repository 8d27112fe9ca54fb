"""Looking into a complaint: its orders, and signs of bad faith. Nothing here moves it."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.intake.domain.case import Case
from services.intake.domain.checking_commands import (
    CheckingCommand,
    CheckOrders,
    Found,
    JudgeRisk,
    NoAnswer,
    NoSuchOrder,
    NoteSigns,
    Order,
)
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import FiledState, Open, standing
from shared.decider import Refused
from shared.events.checking import OrderChecked, RiskFlagged, RiskReason
from shared.events.complaints import ComplaintFiled
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import (
    DemandKind,
    OrderCheckResult,
    OrderDifference,
    RiskFlag,
    Role,
)

GIVEN_BACK: Final = frozenset({DemandKind.REFUND, DemandKind.RETURN})
"""Demands for no more than what was paid.

Compensation may be more: for fraud three times the price (Law of the PRC on the Protection of
Consumer Rights and Interests, Art. 55).
"""


def look_into(command: CheckingCommand, state: FiledState) -> list[Event]:
    """Decide an act that leaves status and turn as they are."""
    match command:
        case CheckOrders():
            return _check_orders(command, state)
        case NoteSigns():
            return _note_signs(command, state)
        case JudgeRisk():
            return _judge(command, state)


def orders_to_check(state: FiledState, named: str | None) -> tuple[str, ...]:
    """All orders of an open complaint, or the named one.

    Raises `Refused`: `wrong_status`, or `unknown_order` for an order that it is not about.
    """
    if not isinstance(state, Open):
        raise wrong_status(state, "Checking orders")
    own = tuple(dict.fromkeys(state.case.filed.order_ids))
    if named is None:
        return own
    if named not in own:
        raise Refused("unknown_order", f"The complaint is not about an order {named}.")
    return (named,)


def _check_orders(command: CheckOrders, state: FiledState) -> list[Event]:
    """A fact for each order of which something new is known; the same answer again is none."""
    if not isinstance(state, Open):
        if command.by.role is Role.SYSTEM:
            return []
        raise wrong_status(state, "Checking orders")
    case = state.case
    known = {(one.order_id, one.result, one.differences) for one in case.order_checks}
    checks: list[Event] = []
    for order_id in dict.fromkeys(case.filed.order_ids):
        if order_id not in command.found:
            continue
        result, differences = compare(case.filed, order_id, command.found)
        if (order_id, result, differences) not in known:
            check = OrderChecked(
                **stamp(case, command.now, standing(state)),
                order_id=order_id,
                result=result,
                source=command.source,
                differences=differences,
            )
            checks.append(check)
    return checks


def compare(
    filed: ComplaintFiled, order_id: str, found: Mapping[str, Found]
) -> tuple[OrderCheckResult, tuple[OrderDifference, ...]]:
    """What the complaint says of an order against what is known of it, and of its other orders."""
    match found[order_id]:
        case NoAnswer():
            return OrderCheckResult.UNAVAILABLE, ()
        case NoSuchOrder():
            return OrderCheckResult.DIFFERS, (OrderDifference.UNKNOWN_ORDER,)
        case Order() as order:
            differs = {
                OrderDifference.OTHER_CONSUMER: order.consumer_id != filed.consumer_id,
                OrderDifference.OTHER_MERCHANT: order.merchant_id != filed.merchant_id,
                OrderDifference.OTHER_CURRENCY: _other_currency(filed, order),
                OrderDifference.ABOVE_PAID: _above_paid(filed, found),
            }
            differences = tuple(name for name, true in differs.items() if true)
            result = OrderCheckResult.DIFFERS if differences else OrderCheckResult.MATCHES
            return result, differences


def _other_currency(filed: ComplaintFiled, order: Order) -> bool:
    wanted = filed.demand.currency
    return wanted is not None and wanted != order.currency


def _above_paid(filed: ComplaintFiled, found: Mapping[str, Found]) -> bool:
    """A demand is held against all orders of the complaint together, once all are known."""
    demand = filed.demand
    if demand.kind not in GIVEN_BACK or demand.amount_minor is None:
        return False
    orders = [found.get(order_id) for order_id in set(filed.order_ids)]
    paid = [
        order.paid_minor
        for order in orders
        if isinstance(order, Order) and order.currency == demand.currency
    ]
    return len(paid) == len(orders) and demand.amount_minor > sum(paid)


def _note_signs(command: NoteSigns, state: FiledState) -> list[Event]:
    case = state.case
    settled = {risk.flag for risk in case.risks} | case.cleared_risks
    new = {sign.flag: sign for sign in command.signs if sign.flag not in settled}
    reasons = tuple(
        RiskReason(flag=flag, text=_words(case, sign.text), rule=sign.rule)
        for flag, sign in new.items()
    )
    return [_flagged(command, state, new, (), reasons)] if new else []


def _judge(command: JudgeRisk, state: FiledState) -> list[Event]:
    """At any time, after the end too: a later complaint may ask about this one.

    Raises `Refused` `validation_failed` if a flag is both raised and cleared.
    """
    if command.raised & command.cleared:
        raise Refused("validation_failed", "A flag is raised or cleared, not both.")
    standing_already = {risk.flag for risk in state.case.risks}
    raised = sorted(command.raised - standing_already)
    cleared = sorted(command.cleared & standing_already)
    text = _words(state.case, command.reason)
    reasons = tuple(RiskReason(flag=flag, text=text) for flag in (*raised, *cleared))
    return [_flagged(command, state, raised, cleared, reasons)] if reasons else []


def _words(case: Case, text: str) -> Personal:
    return Personal(case.filed.consumer_id, text)


def _flagged(
    command: NoteSigns | JudgeRisk,
    state: FiledState,
    raised: Iterable[RiskFlag],
    cleared: Iterable[RiskFlag],
    reasons: tuple[RiskReason, ...],
) -> RiskFlagged:
    left = {risk.flag for risk in state.case.risks}.union(raised).difference(cleared)
    return RiskFlagged(
        **stamp(state.case, command.now, standing(state)),
        flags=tuple(flag for flag in RiskFlag if flag in left),
        reasons=reasons,
        cleared=tuple(cleared),
    )
