"""The servers that filings are measured on, each started as a process of its own.

`python -m bench.servers KIND PORT FOLDER`; those that need PostgreSQL or Kafka find them by
`DATABASE_URL` and `KAFKA_BOOTSTRAP_SERVERS`.
"""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Response
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, Session, SQLModel, create_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from amends.data_directory import DataDirectory
from amends.embedded import EmbeddedSettings, make_edges, serve
from amends.platform import application
from amends.serving import tune_interpreter
from services.intake.bodies import FilingBody
from services.intake.main import build as build_intake
from services.intake.settings import IntakeSettings
from services.notify.smtp import NullTransport
from shared.auth import EmbeddedTokens
from shared.clock import WallClock
from shared.eventlog.ports import Projection, Store, no_projection
from shared.eventlog.postgres import PostgresEventLog
from shared.ids import TimeOrderedIds
from shared.observability import configure_logging
from shared.service import Edges, OpenLog


def noop(_: Path) -> FastAPI:
    """FastAPI that reads the same body and does nothing."""
    app = FastAPI()

    @app.post("/v1/complaints", status_code=201)
    async def file(body: FilingBody) -> Response:
        return Response(b'{"id":"' + body.consumer_id.encode() + b'"}', 201)

    return app


class FiledComplaint(SQLModel, table=True):
    """The complaint as an ordinary service would keep it: a row."""

    id: str = Field(primary_key=True)
    channel: str
    consumer_id: str = Field(index=True)
    merchant_id: str = Field(index=True)
    category: str
    description: str
    status: str


def filed_row(body: FilingBody, ids: TimeOrderedIds) -> FiledComplaint:
    """The row of a filing."""
    return FiledComplaint(
        id=ids.new(),
        channel=body.channel,
        consumer_id=body.consumer_id,
        merchant_id=body.merchant_id,
        category=body.category,
        description=body.description,
        status="accepted",
    )


def sqlmodel(folder: Path) -> FastAPI:
    """FastAPI + SQLModel, a session per request, as its tutorial has it; as durable as ours."""
    url = f"sqlite:///{folder / 'rows.sqlite3'}"
    engine = create_engine(url, connect_args={"timeout": 60})

    @sqlalchemy_event.listens_for(engine, "connect")
    def durable(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    FiledComplaint.metadata.create_all(engine, tables=[FiledComplaint.__table__])  # type: ignore[attr-defined]
    ids = TimeOrderedIds()
    app = FastAPI()

    @app.post("/v1/complaints", status_code=201)
    def file(body: FilingBody) -> FiledComplaint:
        with Session(engine) as session:
            row = filed_row(body, ids)
            session.add(row)
            session.commit()
            session.refresh(row)
            return row

    return app


async def intake(folder: Path, own: Callable[[Edges], OpenLog] | None = None) -> FastAPI:
    """Intake alone, as it is: durable log, tokens, idempotency keys, views.

    `own` opens its log elsewhere than in `folder`.
    """
    directory = DataDirectory(folder)
    real = WallClock()
    edges = make_edges(directory, EmbeddedSettings(data=folder), NullTransport(), real)
    for silent in ("routing", "sla", "notify"):
        # Intake reads their topics; here they have nothing to say.
        await edges.open_log(silent, no_projection, ())
    mine = edges if own is None else replace(edges, open_log=own(edges))
    service = await build_intake(IntakeSettings(), mine)
    tokens = EmbeddedTokens(directory.secret(), real)
    return application([service], edges, tokens, run_workers=True)


async def intake_on_postgres(folder: Path) -> FastAPI:
    """The same on PostgreSQL."""

    def own(edges: Edges) -> OpenLog:
        async def open_log(service: str, projection: Projection, tables: object) -> Store:
            _ = tables
            return await PostgresEventLog.open(
                os.environ["DATABASE_URL"],
                source=service,
                clock=edges.business,
                ids=edges.ids,
                metrics=edges.metrics,
                projection=projection,
            )

        return open_log

    return await intake(folder, own)


def sqlmodel_on_postgres(_: Path) -> FastAPI:
    """FastAPI + SQLModel, a session per request, on PostgreSQL through asyncpg."""
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=16)
    ids = TimeOrderedIds()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(
                FiledComplaint.metadata.create_all,
                tables=[FiledComplaint.__table__],  # type: ignore[attr-defined]
            )
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/complaints", status_code=201)
    async def file(body: FilingBody) -> FiledComplaint:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            row = filed_row(body, ids)
            session.add(row)
            await session.commit()
            return row

    return app


def kafka_producer(_: Path) -> FastAPI:
    """FastAPI that sends what was filed to Kafka and waits for the acknowledgement."""
    producers: list[AIOKafkaProducer] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        producer = AIOKafkaProducer(
            bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            acks="all",
            enable_idempotence=True,
        )
        await producer.start()
        producers.append(producer)
        yield
        await producer.stop()

    app = FastAPI(lifespan=lifespan)

    @app.post("/v1/complaints", status_code=201)
    async def file(body: FilingBody) -> Response:
        await producers[0].send_and_wait(
            "bench.complaints", body.model_dump_json().encode(), key=body.consumer_id.encode()
        )
        return Response(b'{"id":"' + body.consumer_id.encode() + b'"}', 201)

    return app


async def _run(app: FastAPI, port: int) -> None:
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False, http="httptools")
    await uvicorn.Server(config).serve()


async def main(kind: str, port: int, folder: Path) -> None:
    """Serve one of them until ended."""
    configure_logging()
    if kind == "platform":
        await serve(EmbeddedSettings(data=folder, port=port))
    elif kind in _INTAKES:
        app = await _INTAKES[kind](folder)
        tune_interpreter()  # as the platform itself does
        await _run(app, port)
    else:
        await _run(_PLAIN[kind](folder), port)


_INTAKES: Final = {"intake": intake, "intake-postgres": intake_on_postgres}
_PLAIN: Final[dict[str, Callable[[Path], FastAPI]]] = {
    "noop": noop,
    "sqlmodel": sqlmodel,
    "sqlmodel-postgres": sqlmodel_on_postgres,
    "kafka-producer": kafka_producer,
}

if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
