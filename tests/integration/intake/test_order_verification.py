"""Orders are verified through the platform: by staff, for staff and consumer, never in the way."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.intake.application import Intake
from services.intake.domain.checking_commands import Order
from services.intake.orders import OrderBook, OrderDesk
from services.intake.settings import IntakeSettings
from shared.events.assignments import AssignmentAssessed
from shared.events.checking import OrderChecked
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import Case, in_progress
from tests.support.order_file import write_orders
from tests.support.order_server import order_server
from tests.support.system import System

OWN = Order(consumer_id="u1", merchant_id="m1", paid_minor=12_900, currency="CNY")
OTHERS = Order(consumer_id="u2", merchant_id="m2", paid_minor=12_900, currency="CNY")


def settings(folder: Path, **orders: Order) -> IntakeSettings:
    path = folder / "orders.sqlite"
    write_orders(path, orders)
    return IntakeSettings(orders_url=path.as_uri())


def orders_checked(shown: Any) -> list[tuple[str, str]]:
    return [(one["order_id"], one["result"]) for one in shown["order_checks"]]


async def test_staff_verify_all_orders_and_the_case_stands_where_it_stood(tmp_path: Path) -> None:
    async with System(intake=settings(tmp_path, o1=OWN)) as system:
        case = await in_progress(system)
        before = await case.now()
        assert before["order_checks"] == []
        seen = await case.specialist.post(f"{case.path}/order-verifications")
        assert orders_checked(seen) == [("o1", "matches")]
        assert seen["order_checks"][0]["source"] == "order_file"
        moved = {name for name in before if before[name] != seen[name]}
        assert moved == {"order_checks"}
        await system.settle()
        await nothing_in_limbo(system)


async def test_a_difference_is_named_to_staff_and_only_told_to_the_consumer(tmp_path: Path) -> None:
    async with System(intake=settings(tmp_path, o1=OTHERS)) as system:
        case = await in_progress(system)
        seen = await case.specialist.post(f"{case.path}/order-verifications", {"order_id": "o1"})
        [check] = seen["order_checks"]
        assert check["differences"] == ["other_consumer", "other_merchant"]
        own = await case.consumer.get(case.path)
        assert orders_checked(own) == [("o1", "differs")]
        told = str(own) + str(await case.consumer.get(f"{case.path}/events"))
        assert "order_checked" in told
        assert "other_consumer" not in told
        merchants = str(await case.merchant.get(case.path))
        merchants += str(await case.merchant.get(f"{case.path}/events"))
        assert "order_check" not in merchants


async def test_with_the_order_system_down_the_case_moves_on_and_says_so(tmp_path: Path) -> None:
    nowhere = (tmp_path / "nothing" / "orders.sqlite").as_uri()
    for told in (IntakeSettings(), IntakeSettings(orders_url=nowhere)):
        async with System(intake=told) as system:
            case = await in_progress(system)
            seen = await case.supervisor.post(f"{case.path}/order-verifications")
            assert orders_checked(seen) == [("o1", "unavailable")]
            assert await case.propose() == 1


async def test_only_orders_of_the_complaint_are_asked_for(tmp_path: Path) -> None:
    async with System(intake=settings(tmp_path, o2=OTHERS)) as system:
        case = await in_progress(system)
        refused = await case.specialist.refused(
            f"{case.path}/order-verifications", {"order_id": "o2"}
        )
        assert refused == (422, "unknown_order")
        await case.withdraw()
        refused = await case.supervisor.refused(f"{case.path}/order-verifications")
        assert refused == (409, "wrong_status")


class BusyBook:
    """While it is asked somebody else works on the complaint."""

    source = "busy"

    def __init__(self, case: Case) -> None:
        self.asked: list[str] = []
        self._case = case

    async def look_up(self, order_id: str) -> Order | None:
        """The order, after a note."""
        self.asked.append(order_id)
        await self._case.specialist.post(f"{self._case.path}/notes", {"text": "Meanwhile."})
        return OWN

    async def close(self) -> None:
        """Nothing is open."""


def asks(system: System, book: OrderBook) -> None:
    intake = system.service("intake").facade
    assert isinstance(intake, Intake)
    intake.orders = OrderDesk(book, seconds=5.0)


async def test_nothing_is_held_while_it_is_asked_and_a_conflict_does_not_ask_again() -> None:
    async with System() as system:
        case = await in_progress(system)
        book = BusyBook(case)
        asks(system, book)
        seen = await case.specialist.post(f"{case.path}/order-verifications")
        assert orders_checked(seen) == [("o1", "matches")]
        assert book.asked == ["o1"]
        assert (await case.story())[-2:] == ["NoteAdded", "OrderChecked"]


async def test_a_repeated_call_is_answered_as_the_first_was_and_asks_nobody() -> None:
    async with System() as system:
        case = await in_progress(system)
        book = BusyBook(case)
        asks(system, book)
        path = f"{case.path}/order-verifications"
        first = await case.specialist.post(path, key="k1")
        assert await case.specialist.post(path, key="k1") == first
        assert book.asked == ["o1"]
        reused = await case.specialist.refused(path, {"order_id": "o1"}, key="k1")
        assert reused == (422, "idempotency_key_reused")
        assert len(await case.told(OrderChecked)) == 1


async def test_who_may_not_check_makes_nobody_ask() -> None:
    async with System() as system:
        case = await in_progress(system)
        book = BusyBook(case)
        asks(system, book)
        path = f"{case.path}/order-verifications"
        assert await case.consumer.refused(path) == (403, "forbidden")
        assert await case.specialist.refused(path, match=1) == (412, "version_mismatch")
        assert book.asked == []


async def test_conflicting_accounts_make_a_case_more_complex(tmp_path: Path) -> None:
    async with System(intake=settings(tmp_path, o1=OTHERS)) as system:
        case = await in_progress(system)
        [first] = await case.told(AssignmentAssessed)
        await case.specialist.post(f"{case.path}/order-verifications")
        await system.settle()
        last = (await case.told(AssignmentAssessed))[-1]
        assert last.parts["accounts"] == 6
        assert last.score == first.score + 6
        assert (await case.now())["complexity"]["score"] == last.score


async def test_an_order_system_over_http_is_asked_as_the_settings_say() -> None:
    async with order_server() as server:
        server.orders = {"o1": OWN}
        told = IntakeSettings(orders_url=server.url, orders_token=SecretStr("of the marketplace"))
        async with System(intake=told) as system:
            case = await in_progress(system)
            seen = await case.specialist.post(f"{case.path}/order-verifications")
            assert orders_checked(seen) == [("o1", "matches")]
            assert seen["order_checks"][0]["source"] == "order_system"
            assert server.tokens == ["Bearer of the marketplace"]
            for let_go in system.service("intake").let_go:
                await let_go()


@pytest.mark.parametrize("url", ["ftp://orders", "orders.sqlite", "file://", "https://"])
def test_what_is_no_order_system_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError):
        IntakeSettings(orders_url=url)
