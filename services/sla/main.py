"""Composition root of sla."""

from datetime import timedelta
from typing import Final

from services.sla.api import Sla, router
from services.sla.application import ClockKeeping
from services.sla.domain.marketplace import POLICIES
from services.sla.reactions import TOPICS, Reactions
from services.sla.settings import SlaSettings
from services.sla.tables import TABLES
from services.sla.views import project
from shared.access import ComplaintAccess
from shared.eventlog.ports import one_by_one
from shared.service import Edges, Service

NAME: Final = "sla"


async def build(settings: SlaSettings, edges: Edges) -> Service:
    """sla on these edges."""
    settle = timedelta(seconds=settings.settle_seconds * edges.business.rate)
    store = await edges.open_log(NAME, one_by_one(project), [ComplaintAccess, *TABLES])
    keeping = ClockKeeping(POLICIES, settle)
    consumer = edges.consumer(NAME, TOPICS, store, Reactions(keeping).handle)
    timers = edges.timers(
        f"{NAME}-timers",
        "business",
        store,
        keeping.fire,
        shards=lambda: consumer.partitions,
        until=lambda shard: consumer.read_up_to(shard) - settle,
        held=lambda: consumer.parked,
    )
    return Service(
        name=NAME,
        log=store,
        router=router,
        facade=Sla(log=store, business=edges.business, policies=POLICIES),
        consumers=(consumer,),
        workers=(timers,),
    )
