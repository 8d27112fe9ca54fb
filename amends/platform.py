"""All services in one process: built from the same parts that tests build on a virtual clock."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from amends.contract import EXAMPLES, MATCHED, SCHEMAS, answer
from amends.dead_letters.api import router as dead_letters_router
from services.dashboard.main import build as build_dashboard
from services.dashboard.settings import DashboardSettings
from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.notify.main import build as build_notify
from services.notify.settings import NotifySettings
from services.routing.main import build as build_routing
from services.routing.settings import RoutingSettings
from services.sla.main import build as build_sla
from services.sla.settings import SlaSettings
from shared.auth import Tokens
from shared.eventlog.ports import StorageUnavailable
from shared.http import BodyLimit
from shared.openapi import describe
from shared.problems import install_problem_handlers
from shared.service import Edges, Exclude, Service, drive

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The settings of every service of the platform."""

    intake: IntakeSettings
    routing: RoutingSettings
    sla: SlaSettings
    notify: NotifySettings
    dashboard: DashboardSettings


async def build_services(settings: ServiceSettings, edges: Edges) -> tuple[Service, ...]:
    """Build all five services on the same edges."""
    return (
        await build_intake(settings.intake, edges),
        await build_routing(settings.routing, edges),
        await build_sla(settings.sla, edges),
        await build_notify(settings.notify, edges),
        await build_dashboard(settings.dashboard, edges),
    )


def application(
    services: Sequence[Service],
    edges: Edges,
    tokens: Tokens,
    *,
    run_workers: bool,
    exclude: Exclude | None = None,
) -> FastAPI:
    """One HTTP application over these services.

    `run_workers` False leaves the workers to the caller, who pumps them (tests on a virtual clock).
    `exclude` puts exclusive workers under a lease, where there are other processes.
    """
    stopping = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(drive(services, edges.monotonic, stopping, exclude))
        yield
        stopping.set()
        await running

    def unmanaged(_: FastAPI) -> AbstractAsyncContextManager[None]:
        return _nothing()

    app = described(lifespan=lifespan if run_workers else unmanaged, redirect_slashes=False)
    app.add_middleware(BodyLimit)
    install_problem_handlers(app)
    app.state.tokens = tokens
    app.state.real = edges.real
    app.state.services = tuple(services)
    app.state.metrics = edges.metrics
    app.state.stopping = stopping
    for service in services:
        setattr(app.state, service.name, service.facade)
    # Before the services: its list of dead letters takes in that of each service.
    app.include_router(dead_letters_router)
    for service in services:
        app.router.routes.extend(service.router.routes)
    app.include_router(router)
    return app


def described(**options: Any) -> FastAPI:
    """An application that describes itself as the HTTP contract has it."""
    app = FastAPI(
        title="Amends",
        description="Complaint handling for an e-commerce marketplace.",
        version="1",
        **options,
    )
    app.openapi = describe(app, SCHEMAS, answer, EXAMPLES, MATCHED)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """People who open the address want the live page."""
    return RedirectResponse("/ops")


@router.get("/healthz", tags=["platform"])
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", tags=["platform"])
async def readyz(request: Request) -> JSONResponse:
    """The store answers, and every consumer has caught up at least once since the start.

    Parked keys are shown; they make nobody unready, since all others flow on.
    """
    services: tuple[Service, ...] = request.app.state.services
    try:
        for service in services:
            await service.log.heads()
    except StorageUnavailable as error:
        return JSONResponse({"ready": False, "storage_unavailable": str(error)}, 503)
    consumers = [consumer for service in services for consumer in service.consumers]
    behind = sorted(consumer.name for consumer in consumers if not consumer.caught_up)
    parked = {c.name: len(c.parked) for c in consumers if c.parked}
    ready = not behind
    body = {"ready": ready, "catching_up": behind, "parked_keys": parked}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Prometheus metrics of this process. They hold no personal data."""
    registry = request.app.state.metrics.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
