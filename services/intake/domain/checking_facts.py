"""Facts about orders and bad faith, and what of them later acts and readers have to know."""

from dataclasses import replace

from services.intake.domain.case import Case, OrderCheck, Risk
from services.intake.domain.state import FiledState
from shared.events.checking import CheckingFact, OrderChecked, RiskFlagged


def evolve_checking(state: FiledState, case: Case, event: CheckingFact) -> FiledState:
    """The state after a fact that did not move the complaint; `case` has counted it."""
    match event:
        case OrderChecked():
            return replace(state, case=replace(case, order_checks=_checks(case, event)))
        case RiskFlagged():
            cleared = (case.cleared_risks | set(event.cleared)) - set(event.flags)
            risks = _risks(case, event)
            return replace(state, case=replace(case, risks=risks, cleared_risks=cleared))


def _checks(case: Case, event: OrderChecked) -> tuple[OrderCheck, ...]:
    """One per order, the last; in the order in which they were first checked."""
    check = OrderCheck(
        order_id=event.order_id,
        result=event.result,
        differences=event.differences,
        source=event.source,
        checked_at=event.occurred_at,
    )
    found = {one.order_id: one for one in case.order_checks} | {check.order_id: check}
    return tuple(found.values())


def _risks(case: Case, event: RiskFlagged) -> tuple[Risk, ...]:
    """What stood and still stands as it was, what is new with its reason."""
    standing = {risk.flag: risk for risk in case.risks}
    for reason in event.reasons:
        if reason.flag in event.flags:
            standing[reason.flag] = Risk(
                flag=reason.flag, reason=reason.text, rule=reason.rule, since=event.occurred_at
            )
    return tuple(standing[flag] for flag in event.flags if flag in standing)
