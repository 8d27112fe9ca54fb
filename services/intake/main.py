"""Composition root of intake."""

from services.intake.api import router
from services.intake.application import Intake
from services.intake.reactions import TOPICS, handler
from services.intake.settings import IntakeSettings
from services.intake.views import TABLES, project
from shared.service import Edges, Service


async def build(settings: IntakeSettings, edges: Edges) -> Service:
    """The service on these edges."""
    store = await edges.open_log("intake", project, TABLES)
    intake = Intake(log=store, business=edges.business, ids=edges.ids, policy=settings.policy())
    consumer = edges.consumer("intake", TOPICS, store, handler(intake, edges.metrics))
    return Service(
        name="intake",
        log=store,
        router=router,
        facade=intake,
        consumers=(consumer,),
        workers=(edges.claims(store),),
    )
