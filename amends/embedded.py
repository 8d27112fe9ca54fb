"""Amends in one process on SQLite: what `amends up` and `amends demo` run."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from amends.bus import EmbeddedBus
from amends.data_directory import DataDirectory
from amends.platform import ServiceSettings, application, build_services
from amends.serving import serve_http, tune_interpreter
from services.dashboard.settings import DashboardSettings
from services.intake.settings import IntakeSettings
from services.notify.settings import NotifySettings
from services.notify.smtp import mail_transport
from services.routing.settings import RoutingSettings
from services.sla.settings import SlaSettings
from shared.auth import EmbeddedTokens, Principal
from shared.clock import Clock, ProcessClock, WallClock
from shared.events.vocabulary import Role
from shared.ids import TimeOrderedIds
from shared.observability import Metrics
from shared.service import Edges, MailTransport

DEFAULT_DATA: Final = Path("amends-data")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSettings:
    """How to run. `clock_rate`: seconds of business time per second, 1 or more.

    Without `smtp_host` (here or as `AMENDS_NOTIFY_MAIL_HOST`) there is no mail: everything goes
    to the in-app inboxes.
    """

    data: Path = DEFAULT_DATA
    host: str = "127.0.0.1"
    port: int = 8000
    clock_rate: float = 1.0
    smtp_host: str | None = None
    smtp_port: int | None = None
    base_url: str | None = None

    @property
    def url(self) -> str:
        """The address that links start with."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def notify(self) -> NotifySettings:
        """Settings of notify: from the environment, where they are not given here."""
        given = {"mail_host": self.smtp_host, "mail_port": self.smtp_port}
        return NotifySettings(**{name: v for name, v in given.items() if v is not None})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform, as its starter sees it."""

    url: str
    app: FastAPI
    tokens: EmbeddedTokens

    def token(
        self,
        role: str,
        subject: str,
        *,
        team_id: str | None = None,
        merchant_id: str | None = None,
        scopes: frozenset[str] = frozenset(),
    ) -> str:
        """A bearer token, valid for 30 days of real time."""
        return self.tokens.issue(
            Principal(
                role=Role(role),
                subject=subject,
                team_id=team_id,
                merchant_id=merchant_id,
                scopes=scopes,
            ),
            lifetime=timedelta(days=30),
        )


def make_edges(
    directory: DataDirectory, settings: EmbeddedSettings, mail: MailTransport, real: Clock
) -> Edges:
    """The edges of an embedded process: files in `directory`, feeds within the process."""
    business = directory.business_clock(real, settings.clock_rate)
    ids = TimeOrderedIds()
    metrics = Metrics()
    bus = EmbeddedBus(directory.path, clock=business, ids=ids, metrics=metrics)
    return Edges(
        business=business,
        real=real,
        monotonic=ProcessClock(),
        ids=ids,
        open_log=bus.open_log,
        open_feed=bus.open_feed,
        metrics=metrics,
        mail=mail,
        base_url=settings.url,
        secret=directory.secret(),
        files_url=(directory.path / "evidence").resolve().as_uri(),
    )


async def _build(
    settings: EmbeddedSettings, directory: DataDirectory, mail: MailTransport
) -> Platform:
    real = WallClock()
    edges = make_edges(directory, settings, mail, real)
    services = await build_services(
        ServiceSettings(
            intake=IntakeSettings(),
            routing=RoutingSettings(),
            sla=SlaSettings(),
            notify=settings.notify,
            dashboard=DashboardSettings(),
        ),
        edges,
    )
    tokens = EmbeddedTokens(directory.secret(), real)
    return Platform(settings.url, application(services, edges, tokens, run_workers=True), tokens)


async def serve(
    settings: EmbeddedSettings,
    *,
    on_ready: Callable[[Platform], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until a signal comes or `stop` is set; `on_ready` is called once it answers.

    Raises `DataDirectoryInUse`, and `OSError` if the port is taken.
    """
    directory = DataDirectory(settings.data)
    directory.lock()
    mail = mail_transport(settings.notify)
    try:
        platform = await _build(settings, directory, mail)
        tune_interpreter()
        await serve_http(
            platform.app,
            host=settings.host,
            port=settings.port,
            on_ready=None if on_ready is None else lambda: on_ready(platform),
            stop=stop,
        )
    finally:
        await mail.close()
        directory.unlock()
