"""Composition root of the dashboard."""

from typing import Final

from services.dashboard.api import router
from services.dashboard.facade import Dashboard
from services.dashboard.feed_copy import copied
from services.dashboard.gauges import Gauges, GaugesWorker
from services.dashboard.news import NewsBoard
from services.dashboard.retention import Retention
from services.dashboard.settings import DashboardSettings
from services.dashboard.stream import LiveStream
from services.dashboard.tables import TABLES
from services.dashboard.views import project
from shared.access import ComplaintAccess, access_statements
from shared.eventlog.ports import no_projection
from shared.events import registry
from shared.events.envelope import Event, Fact
from shared.events.subjects import SubjectErased
from shared.service import Edges, Service
from shared.unit_of_work import UnitOfWork

NAME: Final = "dashboard"
TOPICS: Final = (
    registry.COMPLAINTS,
    registry.ASSIGNMENTS,
    registry.MERCHANTS,
    registry.SPECIALISTS,
    registry.CLOCKS,
    registry.FOLLOWUPS,
)


async def handle(fact: Fact[Event], work: UnitOfWork) -> None:
    """Count a fact: ownership, figures, and the copy for live streams."""
    recorded = fact.recorded
    if isinstance(fact.event, SubjectErased):
        work.log.keys.forget([fact.event.subject_id])  # streams show it no longer
    counted = await work.log.position(NAME, recorded.topic or "", recorded.shard)
    late = recorded.gpos <= counted.gpos  # it was parked, and others have been counted since
    work.write(*access_statements(fact), *project(fact), *copied(fact, late=late))


async def build(settings: DashboardSettings, edges: Edges) -> Service:
    """The dashboard on these edges."""
    log = await edges.open_log(NAME, no_projection, [ComplaintAccess, *TABLES])
    consumer = edges.consumer(NAME, TOPICS, log, handle)
    news = NewsBoard(edges.monotonic)
    log.watch(news)
    stream = LiveStream(
        log=log,
        news=news,
        monotonic=edges.monotonic,
        heartbeat_seconds=settings.heartbeat_seconds,
    )
    gauges = GaugesWorker(
        log, Gauges(edges.metrics), edges.business, edges.monotonic, settings.gauges_seconds
    )
    return Service(
        name=NAME,
        log=log,
        router=router,
        facade=Dashboard(
            log=log,
            stream=stream,
            consumer=consumer,
            business=edges.business,
            secure=edges.base_url.startswith("https:"),
        ),
        consumers=(consumer,),
        workers=(gauges, Retention(log, edges.monotonic, settings.feed_keep_events)),
    )
