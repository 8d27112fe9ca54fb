"""`amends serve`: one service of a distributed platform."""

from enum import StrEnum
from typing import Annotated

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from amends.distributed import PORTS, serve_process
from shared.eventlog.ports import StorageUnavailable
from shared.eventlog.postgres_schema import SchemaMissing
from shared.observability import configure_logging

_err = Console(stderr=True, soft_wrap=True)


class Name(StrEnum):
    """What can be served."""

    INTAKE = "intake"
    ROUTING = "routing"
    SLA = "sla"
    NOTIFY = "notify"
    DASHBOARD = "dashboard"
    RELAY = "relay"


def serve_command(
    name: Annotated[Name, typer.Argument(help=f"One of: {', '.join(PORTS)}.", metavar="SERVICE")],
    host: Annotated[
        str, typer.Option(help="Address to listen on.", envvar="AMENDS_HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help=f"Port; otherwise {', '.join(f'{n} {p}' for n, p in PORTS.items())}.",
            envvar="AMENDS_PORT",
        ),
    ] = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Logs as JSON lines.", envvar="AMENDS_LOG_JSON")
    ] = False,
) -> None:
    """Run one service on PostgreSQL and Kafka; start as many processes of it as you like.

    Told by the environment: [bold]DATABASE_URL[/bold] (or …_FILE), [bold]AMENDS_SECRET[/bold] (or
    …_FILE, the same for all), [bold]KAFKA_BOOTSTRAP_SERVERS[/bold], AMENDS_KAFKA_… for TLS and
    SASL, AMENDS_OIDC_… for tokens of an issuer, AMENDS_BASE_URL, AMENDS_<SERVICE>_… for each
    service.

    Once beforehand: [bold]amends migrate[/bold] and [bold]amends topics apply[/bold]. A service's
    events reach the others through [bold]amends serve relay[/bold].
    """
    configure_logging(json=log_json)
    chosen = port or PORTS[name]
    try:
        uvloop.run(
            serve_process(
                name,
                host=host,
                port=chosen,
                on_ready=lambda: typer.echo(f"{name} is ready at http://{host}:{chosen}"),
            )
        )
    except ValidationError as error:
        for found in error.errors(include_input=False, include_url=False):
            place = ".".join(map(str, found["loc"]))
            _err.print(f"[red]{place or 'environment'}:[/red] {found['msg']}")
        raise typer.Exit(2) from error
    except (SchemaMissing, StorageUnavailable, OSError) as error:
        _err.print(f"[red]{name} cannot start:[/red] {error}")
        raise typer.Exit(1) from error
