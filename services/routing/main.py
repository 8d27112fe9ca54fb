"""Routing, composed."""

from datetime import timedelta

from services.routing.api import router
from services.routing.application import Routing
from services.routing.domain.policy import POLICY
from services.routing.facade import RoutingApi
from services.routing.matcher import Matcher
from services.routing.reactions import TOPICS, Reactions
from services.routing.settings import RoutingSettings
from services.routing.solver import least_cost
from services.routing.views import TABLES, project
from shared.eventlog.ports import one_by_one
from shared.service import Edges, Service


async def build(settings: RoutingSettings, edges: Edges) -> Service:
    """The service on these edges."""
    store = await edges.open_log("routing", one_by_one(project), TABLES)
    routing = Routing(
        business=edges.business,
        real=edges.real,
        policy=POLICY,
        grace=timedelta(seconds=settings.presence_grace_seconds),
    )
    reactions = Reactions(policy=POLICY)
    return Service(
        name="routing",
        log=store,
        router=router,
        facade=RoutingApi(routing=routing, log=store),
        consumers=(edges.consumer("routing", TOPICS, store, reactions.handle),),
        workers=(edges.claims(store),),
        exclusive=(
            Matcher(store, edges.business, POLICY, least_cost),
            edges.timers("routing.grace", "real", store, routing.fire),
            edges.timers("routing.roster", "business", store, routing.fire),
        ),
    )
