"""One service as a process of its own, on PostgreSQL and Kafka: what `amends serve` runs."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, Self

from fastapi import APIRouter
from pydantic import AliasChoices, AwareDatetime, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlmodel import SQLModel

from amends.bus import topics_of
from amends.platform import application
from amends.serving import serve_http, tune_interpreter
from services.dashboard.main import build as build_dashboard
from services.dashboard.settings import DashboardSettings
from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.notify.main import build as build_notify
from services.notify.settings import NotifySettings
from services.notify.smtp import NullTransport, mail_transport
from services.routing.main import build as build_routing
from services.routing.settings import RoutingSettings
from services.sla.main import build as build_sla
from services.sla.settings import SlaSettings
from shared.auth import EmbeddedTokens, Tokens
from shared.clock import ProcessClock, RatedClock, WallClock
from shared.eventlog.ports import EventLog, Projection, Store, no_projection
from shared.eventlog.postgres import PostgresEventLog
from shared.exclusive import Exclusive
from shared.feed.ports import Feed
from shared.ids import TimeOrderedIds
from shared.kafka.dead_letters import DeadLetterRelay
from shared.kafka.feed import KafkaFeed
from shared.kafka.relay import Relay
from shared.kafka.settings import KafkaSettings
from shared.observability import Metrics
from shared.oidc.settings import OidcSettings
from shared.oidc.tokens import oidc_tokens
from shared.service import Edges, MailTransport, Service
from shared.worker import Worker

RELAY: Final = "relay"
PORTS: Final = {
    "intake": 8001,
    "routing": 8002,
    "sla": 8003,
    "notify": 8004,
    "dashboard": 8005,
    RELAY: 8006,
}
"""What can be served, and where it listens unless told otherwise."""


class SigningSettings(BaseSettings):
    """What signs tokens and links: the same for all processes, 32 characters or more.

    It can come from a file, as secrets are mounted. A variable that is empty counts as not set.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None

    @model_validator(mode="after")
    def _is_long_enough(self) -> Self:
        if len(self.signing_key()) < _SECRET_BYTES:
            raise ValueError(
                f"AMENDS_SECRET (or AMENDS_SECRET_FILE) needs {_SECRET_BYTES} characters or more"
            )
        return self

    def signing_key(self) -> bytes:
        """The key of tokens and links."""
        return _secret(self.secret, self.secret_file).encode()


class DistributedSettings(SigningSettings):
    """What every process of a distributed platform is told, from the environment.

    `database_url` is a PostgreSQL address (with `sslmode=verify-full&sslrootcert=…` for TLS); it
    can come from a file too. `base_url` is the public address.

    `rehearsal_rate` makes business time run faster from `rehearsal_since` on, the same for all
    processes: for rehearsals without a real mail server.
    """

    database_url: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    database_url_file: Path | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL_FILE", "database_url_file")
    )
    base_url: str = "http://127.0.0.1:8000"
    rehearsal_rate: float = Field(default=1.0, ge=1.0, le=1_000_000)
    rehearsal_since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not self.database():
            raise ValueError("DATABASE_URL (or DATABASE_URL_FILE) says where PostgreSQL is")
        if (self.rehearsal_rate != 1) != (self.rehearsal_since is not None):
            raise ValueError("a rehearsal needs a rate above 1 and AMENDS_REHEARSAL_SINCE")
        return self

    def database(self) -> str:
        """The address, secrets and all: never print it."""
        return _secret(self.database_url, self.database_url_file)

    def business_clock(self, real: WallClock) -> RatedClock:
        """Business time: real time, but in a rehearsal."""
        since: datetime = self.rehearsal_since or real.now()
        return RatedClock(real, rate=self.rehearsal_rate, business_anchor=since, real_anchor=since)


_SECRET_BYTES: Final = 32


def _secret(value: SecretStr, file: Path | None) -> str:
    return value.get_secret_value() if file is None else file.read_text().strip()


class _Build(Protocol):
    async def __call__(self, edges: Edges) -> Service: ...


_BUILDERS: Final[Mapping[str, _Build]] = {
    "intake": lambda edges: build_intake(IntakeSettings(), edges),
    "routing": lambda edges: build_routing(RoutingSettings(), edges),
    "sla": lambda edges: build_sla(SlaSettings(), edges),
    "notify": lambda edges: build_notify(NotifySettings(), edges),
    "dashboard": lambda edges: build_dashboard(DashboardSettings(), edges),
}


class Process:
    """What one process of the platform has in hand: clocks, ids, metrics, connections."""

    def __init__(self, settings: DistributedSettings, kafka: KafkaSettings) -> None:
        self.settings = settings
        self.kafka = kafka
        self.real = WallClock()
        self.business = settings.business_clock(self.real)
        self.monotonic = ProcessClock()
        self.metrics = Metrics()
        self.ids = TimeOrderedIds()
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{self.ids.new()}"

    async def open_log(
        self, service: str, projection: Projection, tables: Sequence[type[SQLModel]] = ()
    ) -> Store:
        """The store of a service: its schema, made by `amends migrate`."""
        _ = tables
        return await PostgresEventLog.open(
            self.settings.database(),
            source=service,
            clock=self.business,
            ids=self.ids,
            metrics=self.metrics,
            projection=projection,
        )

    def open_feed(self, consumer: str, topics: Sequence[str], own: EventLog) -> Feed:
        """A member of the consumer's group."""
        return KafkaFeed(
            consumer,
            topics,
            own,
            settings=self.kafka,
            clock=self.business,
            monotonic=self.monotonic,
            metrics=self.metrics,
        )

    def exclude(self, service: Service, worker: Worker) -> Exclusive:
        """A worker under its service's lease; a relay forgets what it knew once it loses it."""
        return Exclusive(
            worker,
            service.log,
            self.owner,
            self.monotonic,
            on_loss=worker.close if isinstance(worker, Relay | DeadLetterRelay) else None,
        )

    def edges(self, mail: MailTransport) -> Edges:
        """What a service is given."""
        return Edges(
            business=self.business,
            real=self.real,
            monotonic=self.monotonic,
            ids=self.ids,
            open_log=self.open_log,
            open_feed=self.open_feed,
            metrics=self.metrics,
            mail=mail,
            base_url=self.settings.base_url,
            secret=self.settings.signing_key(),
        )

    def tokens(self, oidc: OidcSettings) -> Tokens:
        """What checks tokens: the keys of an issuer, or else the secret of all processes."""
        if oidc.issuer is None:
            return EmbeddedTokens(self.settings.signing_key(), self.real)
        return oidc_tokens(
            oidc.issuer, oidc, real=self.real, monotonic=self.monotonic, metrics=self.metrics
        )

    async def relay(self, service: str) -> Service:
        """What publishes a service's events and dead letters: workers on its store alone."""
        store = await self.open_log(service, no_projection)
        workers: list[Worker] = [
            DeadLetterRelay(
                store, settings=self.kafka, monotonic=self.monotonic, metrics=self.metrics
            )
        ]
        if topics_of(service):
            relay = Relay(
                store,
                topics_of(service),
                settings=self.kafka,
                clock=self.business,
                monotonic=self.monotonic,
                metrics=self.metrics,
            )
            workers.append(relay)
        return Service(
            name=f"{service}_relay",
            log=store,
            router=APIRouter(),
            facade=None,
            exclusive=tuple(workers),
        )


async def serve_process(
    name: str,
    *,
    host: str,
    port: int,
    on_ready: Callable[[], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run one process of a service, or of the relay, until a signal comes or `stop` is set.

    Raises `pydantic.ValidationError` for settings that do not fit, `SchemaMissing`,
    `StorageUnavailable`, and `OSError` if the port is taken.
    """
    process, oidc = Process(DistributedSettings(), KafkaSettings()), OidcSettings()
    mail = mail_transport(NotifySettings()) if name == "notify" else NullTransport()
    edges = process.edges(mail)
    try:
        if name == RELAY:
            services = [await process.relay(service) for service in _BUILDERS]
        else:
            services = [await _BUILDERS[name](edges)]
        app = application(
            services,
            edges,
            process.tokens(oidc),
            run_workers=True,
            exclude=process.exclude,
        )
        tune_interpreter()
        await serve_http(app, host=host, port=port, on_ready=on_ready, stop=stop)
    finally:
        await mail.close()
