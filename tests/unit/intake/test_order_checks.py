"""Orders of a complaint, held against what the marketplace knows of them."""

from dataclasses import replace

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.checking import orders_to_check
from services.intake.domain.checking_commands import (
    CheckOrders,
    Found,
    NoAnswer,
    NoSuchOrder,
    Order,
)
from services.intake.domain.commands import Command
from services.intake.domain.state import FiledState, NotFiled
from shared.decider import Refused
from shared.events.checking import OrderChecked
from shared.events.complaints import Demand
from shared.events.vocabulary import (
    DemandKind,
    OrderCheckResult,
    OrderDifference,
    Role,
    Status,
    Turn,
)
from tests.unit.intake.story import (
    CLOSED,
    COLLEAGUE,
    CONSUMER,
    EXTERNAL,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    SPECIALIST,
    Told,
    filing,
    given,
)

ORDER = Order(consumer_id="u1", merchant_id="m1", paid_minor=12_900, currency="CNY")
RULES = Author(role=Role.SYSTEM, id="orders")


def check(by: Author = SPECIALIST, **found: Found) -> CheckOrders:
    return CheckOrders(now=NOW, by=by, source="order_file", found=found)


def result(command: CheckOrders, *past: Command) -> tuple[str, list[str]]:
    told = given(*(past or IN_PROGRESS)).when(command)
    [event] = told.events
    assert isinstance(event, OrderChecked)
    return event.result, list(event.differences)


def two_orders(amount_minor: int, kind: DemandKind = DemandKind.REFUND) -> Command:
    demand = Demand(kind=kind, amount_minor=amount_minor, currency="CNY")
    return filing(order_ids=("o1", "o2"), demand=demand)


def test_an_order_as_the_complaint_has_it_matches_and_moves_nothing() -> None:
    told = given(*IN_PROGRESS).when(check(o1=ORDER))
    told.then(
        OrderChecked,
        order_id="o1",
        result=OrderCheckResult.MATCHES,
        differences=(),
        source="order_file",
        status=Status.IN_PROGRESS,
        turn=Turn.SPECIALIST,
    )
    [known] = told.complaint.case.order_checks
    assert (known.order_id, known.result, known.checked_at) == ("o1", "matches", NOW)
    assert told.complaint.case.version == told_before(*IN_PROGRESS).case.version


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        (NoSuchOrder(), OrderDifference.UNKNOWN_ORDER),
        (replace(ORDER, consumer_id="u2"), OrderDifference.OTHER_CONSUMER),
        (replace(ORDER, merchant_id="m2"), OrderDifference.OTHER_MERCHANT),
        (replace(ORDER, currency="USD"), OrderDifference.OTHER_CURRENCY),
        (replace(ORDER, paid_minor=12_899), OrderDifference.ABOVE_PAID),
    ],
)
def test_each_difference_has_its_name(found: Found, difference: OrderDifference) -> None:
    assert result(check(o1=found)) == ("differs", [difference])


def test_all_differences_are_told_at_once() -> None:
    other = Order(consumer_id="u2", merchant_id="m2", paid_minor=1, currency="CNY")
    assert result(check(o1=other))[1] == ["other_consumer", "other_merchant", "above_paid"]


def test_without_an_answer_the_case_goes_on_and_says_so() -> None:
    assert result(check(o1=NoAnswer())) == ("unavailable", [])


def test_a_demand_is_held_against_all_orders_together() -> None:
    enough = given(two_orders(25_800)).when(check(by=RULES, o1=ORDER, o2=ORDER))
    assert [event.result for event in checked(enough)] == ["matches", "matches"]
    more = given(two_orders(25_801)).when(check(by=RULES, o1=ORDER, o2=ORDER))
    assert {event.differences for event in checked(more)} == {("above_paid",)}


def test_while_one_order_is_unknown_nobody_says_that_too_much_is_demanded() -> None:
    for rest in ({}, {"o2": NoAnswer()}, {"o2": NoSuchOrder()}):
        found: dict[str, Found] = {"o1": ORDER, **rest}
        told = given(two_orders(99_999)).when(check(by=RULES, **found))
        assert checked(told)[0].result == "matches"


def test_a_compensation_may_be_higher_than_the_price_and_no_amount_is_no_difference() -> None:
    treble = two_orders(99_999, DemandKind.COMPENSATION)
    told = given(treble).when(check(by=RULES, o1=ORDER, o2=ORDER))
    assert [event.result for event in checked(told)] == ["matches", "matches"]
    apology = filing(demand=Demand(kind=DemandKind.APOLOGY))
    assert result(check(by=RULES, o1=ORDER), apology) == ("matches", [])
    whatever = filing(demand=Demand(kind=DemandKind.REFUND))
    assert result(check(by=RULES, o1=ORDER), whatever) == ("matches", [])


def test_the_same_answer_again_is_no_fact_and_another_one_is() -> None:
    once = (*IN_PROGRESS, check(o1=ORDER))
    given(*once).when(check(o1=ORDER)).nothing()
    again = given(*once).when(check(o1=NoAnswer()))
    again.then(OrderChecked, result=OrderCheckResult.UNAVAILABLE)
    assert len(again.complaint.case.order_checks) == 1


def test_of_an_order_that_it_is_not_about_nothing_is_recorded() -> None:
    given(*IN_PROGRESS).when(check(o9=ORDER)).nothing()


def test_orders_are_checked_while_a_body_outside_has_it_and_not_after_the_end() -> None:
    given(*EXTERNAL).when(check(o1=ORDER)).then(OrderChecked, status=Status.EXTERNAL)
    given(*CLOSED).when(check(o1=ORDER)).refused("wrong_status")
    given(*CLOSED).when(check(by=RULES, o1=ORDER)).nothing()


def test_orders_are_checked_by_whoever_handles_the_complaint() -> None:
    for party in (CONSUMER, MERCHANT):
        given(*IN_PROGRESS).when(check(by=party, o1=ORDER)).refused("forbidden")
    given(*IN_PROGRESS).when(check(by=COLLEAGUE, o1=ORDER)).refused("not_assigned")


def test_all_orders_are_asked_for_each_once_or_the_named_one() -> None:
    both = told_before(filing(order_ids=("o1", "o2", "o1")))
    assert orders_to_check(both, None) == ("o1", "o2")
    assert orders_to_check(both, "o2") == ("o2",)
    with pytest.raises(Refused) as refused:
        orders_to_check(both, "o3")
    assert refused.value.code == "unknown_order"
    with pytest.raises(Refused) as refused:
        orders_to_check(told_before(*CLOSED), None)
    assert refused.value.code == "wrong_status"


def checked(told: Told) -> list[OrderChecked]:
    return [event for event in told.events if isinstance(event, OrderChecked)]


def told_before(*past: Command) -> FiledState:
    state = given(*past).state
    assert not isinstance(state, NotFiled)
    return state
