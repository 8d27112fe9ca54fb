"""The servers that filings are measured on, each started as a process of its own.

`python -m bench.servers intake|sqlmodel|noop|platform PORT FOLDER`
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop
from fastapi import FastAPI, Response
from sqlalchemy import event as sqlalchemy_event
from sqlmodel import Field, Session, SQLModel, create_engine

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
from shared.eventlog.sqlite import no_projection
from shared.ids import TimeOrderedIds
from shared.observability import configure_logging


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
            row = FiledComplaint(
                id=ids.new(),
                channel=body.channel,
                consumer_id=body.consumer_id,
                merchant_id=body.merchant_id,
                category=body.category,
                description=body.description,
                status="accepted",
            )
            session.add(row)
            session.commit()
            session.refresh(row)
            return row

    return app


async def intake(folder: Path) -> FastAPI:
    """Intake alone, as it is: durable log, tokens, idempotency keys, views."""
    directory = DataDirectory(folder)
    real = WallClock()
    edges = make_edges(directory, EmbeddedSettings(data=folder), NullTransport(), real)
    service = await build_intake(IntakeSettings(), edges)
    for silent in ("routing", "sla", "notify"):
        # Intake reads their topics; here they have nothing to say.
        await edges.open_log(silent, no_projection, ())
    tokens = EmbeddedTokens(directory.secret(), real)
    return application([service], edges, tokens, run_workers=True)


async def _run(app: FastAPI, port: int) -> None:
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False, http="httptools")
    await uvicorn.Server(config).serve()


async def main(kind: str, port: int, folder: Path) -> None:
    """Serve one of them until ended."""
    configure_logging()
    if kind == "platform":
        await serve(EmbeddedSettings(data=folder, port=port))
    elif kind == "intake":
        app = await intake(folder)
        tune_interpreter()  # as the platform itself does
        await _run(app, port)
    else:
        await _run(_PLAIN[kind](folder), port)


_PLAIN: Final[dict[str, Callable[[Path], FastAPI]]] = {"noop": noop, "sqlmodel": sqlmodel}

if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
