"""Looking into a complaint: its orders, and signs of bad faith."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from services.intake.answering import ComplaintId, UseCases, act, answered
from services.intake.application import Complaint, author_of
from services.intake.bodies import Id, Text
from services.intake.domain.checking import orders_to_check
from services.intake.domain.checking_commands import CheckOrders, Found, JudgeRisk
from shared.events.vocabulary import RiskFlag
from shared.http import Body, Command
from shared.routes import StrictRoute
from shared.unit_of_work import UnitOfWork

router = APIRouter(
    route_class=StrictRoute, prefix="/v1/complaints/{complaint_id}", tags=["casework"]
)


class OrderVerificationBody(Body):
    """The order to check; without one all of them."""

    order_id: Id | None = None


class RiskFlagsBody(Body):
    """Which flags are raised and which are cleared, and why: for staff."""

    reason: Text
    raised: Annotated[tuple[RiskFlag, ...], Field(max_length=10)] = ()
    cleared: Annotated[tuple[RiskFlag, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.raised and not self.cleared:
            raise ValueError("name flags to raise or to clear")
        if set(self.raised) & set(self.cleared):
            raise ValueError("a flag is raised or cleared, not both")
        return self


@router.post("/risk-flags")
async def judge_risk(
    complaint_id: ComplaintId, body: RiskFlagsBody, call: Command, intake: UseCases
) -> Response:
    """Raise or clear signs of bad faith. They choose who handles the complaint, and that is all.

    What a person has cleared no rule raises again.
    """
    command = JudgeRisk(
        now=intake.now(),
        by=author_of(call.caller),
        reason=body.reason,
        raised=frozenset(body.raised),
        cleared=frozenset(body.cleared),
    )
    return await act(call, intake, complaint_id, command)


@router.post("/order-verifications")
async def verify_orders(
    complaint_id: ComplaintId,
    call: Command,
    intake: UseCases,
    body: OrderVerificationBody | None = None,
) -> Response:
    """Ask the order system: is it this consumer's, this merchant's, and was so much paid?

    Where it does not answer in time the result is `unavailable`, and the case goes on.
    """
    named = body.order_id if body else None
    by = author_of(call.caller)
    found: dict[str, Found] | None = None

    async def checked(work: UnitOfWork) -> Complaint:
        nonlocal found
        before = await intake.permitted(work, complaint_id, by, CheckOrders.ROLES)
        call.check_match(before.state.case.version)
        if found is None:
            # Nothing has begun in the store yet: a unit of work only collects. And after a
            # conflict with others nobody is asked again.
            found = await intake.orders.ask(orders_to_check(before.state, named))
        command = CheckOrders(now=intake.now(), by=by, source=intake.orders.source, found=found)
        return await intake.act(work, complaint_id, command, call.check_match)

    return await answered(call, intake, 200, checked)
