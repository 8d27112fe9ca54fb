"""HTTP edge of sla: reads only; clocks start and stop by what happens to complaints."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request

from services.sla.domain.clock import ClockState
from services.sla.domain.policies import Policies
from services.sla.ledgers import policy_json, read_ledger
from services.sla.views import ClockFilter, Page, list_breaches, list_clocks
from shared.auth import Caller
from shared.clock import BusinessClock
from shared.eventlog.ports import EventLog
from shared.events.vocabulary import ClockKind
from shared.http import Instant, page
from shared.routes import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["sla"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """The built service, as its HTTP edge sees it."""

    log: EventLog
    business: BusinessClock
    policies: Policies


def _sla(request: Request) -> Sla:
    facade: Sla = request.app.state.sla
    return facade


Facade = Annotated[Sla, Depends(_sla)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/v1/clocks")
async def clocks(
    *,
    sla: Facade,
    caller: Caller,
    complaint_id: str | None = None,
    state: ClockState | None = None,
    kind: ClockKind | None = None,
    due_before: Instant | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The clocks of the complaints you may see."""
    asked = ClockFilter(complaint_id=complaint_id, state=state, kind=kind, due_before=due_before)
    wanted = Page(caller=caller, limit=limit, cursor=cursor)
    return await list_clocks(sla.log, asked, wanted)


@router.get("/v1/clocks/{clock_id}/ledger")
async def clock_ledger(sla: Facade, caller: Caller, clock_id: str) -> dict[str, Any]:
    """The arithmetic of one clock's deadline, and the events it rests on."""
    return await read_ledger(sla.log, sla.policies, caller, clock_id, sla.business.now())


@router.get("/v1/breaches")
async def breaches(
    *,
    sla: Facade,
    caller: Caller,
    complaint_id: str | None = None,
    kind: ClockKind | None = None,
    withdrawn: Literal["exclude", "include"] = "exclude",
    limit: Limit = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Deadlines missed. `withdrawn=include` also lists, marked, those that a late fact undid."""
    wanted = Page(caller=caller, limit=limit, cursor=cursor)
    asked = ClockFilter(complaint_id=complaint_id, kind=kind)
    return await list_breaches(sla.log, asked, wanted, withdrawn=withdrawn == "include")


@router.get("/v1/sla/policies")
async def policies(sla: Facade, _: Caller) -> dict[str, Any]:
    """Every version of the pack in use, with the source of each number."""
    now = sla.policies.in_force(sla.business.now())
    items = [
        {**policy_json(policy), "in_force": policy.name == now.name}
        for policy in sla.policies.all()
    ]
    return page(items, None)
