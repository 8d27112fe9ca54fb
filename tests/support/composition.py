"""What the composition roots ask for when the platform is built."""

from collections.abc import Sequence

from sqlmodel import SQLModel

from amends.bus import EmbeddedBus
from amends.platform import ServiceSettings, build_services
from services.dashboard.settings import DashboardSettings
from services.intake.settings import IntakeSettings
from services.notify.settings import NotifySettings
from services.notify.smtp import NullTransport
from services.routing.settings import RoutingSettings
from services.sla.settings import SlaSettings
from shared.eventlog.ports import Projection, Store
from shared.observability import Metrics
from shared.service import Edges
from tests.support.time import CountingIds, VirtualTime

Tables = Sequence[type[SQLModel]]


class _Listening(EmbeddedBus):
    """Notes which tables each service asks for."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(None, clock=time, ids=CountingIds(), metrics=Metrics())
        self.asked: dict[str, Tables] = {}

    async def open_log(self, service: str, projection: Projection, tables: Tables) -> Store:
        """A store in memory."""
        self.asked[service] = tables
        return await super().open_log(service, projection, tables)


async def tables_of_services() -> dict[str, Tables]:
    """The tables that each service opens its store with."""
    time = VirtualTime()
    bus = _Listening(time)
    edges = Edges(
        business=time,
        real=time,
        monotonic=time,
        ids=CountingIds(),
        open_log=bus.open_log,
        open_feed=bus.open_feed,
        metrics=Metrics(),
        mail=NullTransport(),
        base_url="http://test",
        secret=b"s" * 32,
    )
    settings = ServiceSettings(
        intake=IntakeSettings(),
        routing=RoutingSettings(),
        sla=SlaSettings(),
        notify=NotifySettings(),
        dashboard=DashboardSettings(),
    )
    for service in await build_services(settings, edges):
        await service.log.close()
    return bus.asked
