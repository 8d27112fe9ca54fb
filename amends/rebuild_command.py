"""`amends rebuild`: the views of a service made anew from its log."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress
from sqlmodel import SQLModel

from amends.data_directory import DataDirectory, DataDirectoryInUse
from amends.distributed import DistributedSettings
from services.intake import views as intake
from services.notify import views as notify
from shared.clock import WallClock
from shared.eventlog.ports import Projection, Store, one_by_one
from shared.eventlog.postgres import PostgresEventLog
from shared.eventlog.rebuild import rebuild
from shared.eventlog.sqlite import SqliteEventLog
from shared.ids import TimeOrderedIds
from shared.observability import Metrics

_VIEWS: Final[Mapping[str, tuple[Projection, Sequence[type[SQLModel]]]]] = {
    "intake": (intake.project, intake.TABLES),
    "notify": (one_by_one(notify.project), notify.TABLES),
}
"""Services whose views come from nothing but their own log."""

_err = Console(stderr=True, soft_wrap=True)


def rebuild_command(
    service: Annotated[str, typer.Argument(help=f"One of: {', '.join(_VIEWS)}.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of an embedded store; without it the database of `amends serve`.",
            envvar="AMENDS_DATA",
        ),
    ] = None,
) -> None:
    """Make the lists of a service anew from what it recorded. Stop the service first.

    The result is byte for byte what the service itself would have written.
    """
    if service not in _VIEWS:
        _err.print(f"{service}: there is nothing to rebuild. Known: {', '.join(_VIEWS)}.")
        raise typer.Exit(2)
    if data is None:
        read = asyncio.run(_run(service, _distributed(service)))
    else:
        read = _embedded(service, data)
    typer.echo(f"{service}: {read} events read, views made anew.")


def _embedded(service: str, data: Path) -> int:
    if not (data / f"{service}.sqlite3").exists():
        _err.print(f"{data} holds no store of {service}.")
        raise typer.Exit(2)
    directory = DataDirectory(data)
    try:
        directory.lock()
    except DataDirectoryInUse as error:
        _err.print(f"{error}: stop it first.")
        raise typer.Exit(1) from error
    try:
        return asyncio.run(_run(service, _sqlite(directory.path, service)))
    finally:
        directory.unlock()


async def _sqlite(folder: Path, service: str) -> Store:
    projection, tables = _VIEWS[service]
    return await SqliteEventLog.open(
        folder / f"{service}.sqlite3",
        source=service,
        clock=WallClock(),
        ids=TimeOrderedIds(),
        metrics=Metrics(),
        projection=projection,
        tables=tables,
    )


async def _distributed(service: str) -> Store:
    projection, _ = _VIEWS[service]
    return await PostgresEventLog.open(
        DistributedSettings().database(),
        source=service,
        clock=WallClock(),
        ids=TimeOrderedIds(),
        metrics=Metrics(),
        projection=projection,
    )


async def _run(service: str, opening: Awaitable[Store]) -> int:
    projection, tables = _VIEWS[service]
    store = await opening
    try:
        with Progress(transient=True) as progress:
            task = progress.add_task(service, total=None)
            return await rebuild(
                store, projection, tables, lambda read: progress.update(task, completed=read)
            )
    finally:
        await store.close()
