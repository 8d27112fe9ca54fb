"""What routing's endpoints work with."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Query, Request

from services.routing.application import Routing
from shared.eventlog.ports import EventLog
from shared.events.vocabulary import Role

PAGE: Final = 100
"""Items in a list unless asked otherwise."""

STAFF: Final = (Role.SPECIALIST, Role.SUPERVISOR, Role.OPS)
DESK: Final = (Role.SUPERVISOR, Role.OPS)
"""Who manages profiles."""

Limit = Annotated[int, Query(ge=1, le=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingApi:
    """Put at `app.state.routing`."""

    routing: Routing
    log: EventLog


def _api(request: Request) -> RoutingApi:
    api: RoutingApi = request.app.state.routing
    return api


Api = Annotated[RoutingApi, Depends(_api)]
