"""The `amends` command."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from amends.data_directory import DataDirectory, DataDirectoryInUse
from amends.dead_letters.command import dead_app
from amends.demo.command import demo_command
from amends.distributed import SigningSettings
from amends.embedded import DEFAULT_DATA, EmbeddedSettings, Platform, serve
from amends.migrations.command import migrate_command
from amends.rebuild_command import rebuild_command
from amends.serve_command import serve_command
from amends.topics import topics_app
from amends.verify_command import verify_command
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role
from shared.observability import configure_logging

app = typer.Typer(
    name="amends",
    help="Complaint handling for an e-commerce marketplace: nothing lost, nothing forgotten.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)
_ISSUER = "AMENDS_OIDC_ISSUER"
_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True)

Data = Annotated[
    Path, typer.Option(help="Folder of the store; made if it is missing.", envvar="AMENDS_DATA")
]
StoreOfToken = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the embedded store.", envvar="AMENDS_DATA", show_default=str(DEFAULT_DATA)
    ),
]


@app.command()
def up(  # noqa: PLR0913 - one parameter per option
    data: Data = DEFAULT_DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    clock_rate: Annotated[
        float,
        typer.Option(min=1, max=1_000_000, help="Seconds of business time per second."),
    ] = 1.0,
    smtp_host: Annotated[
        str | None,
        typer.Option(
            help="Mail server; without one, inboxes only. [dim](AMENDS_NOTIFY_MAIL_HOST)[/dim]"
        ),
    ] = None,
    smtp_port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Its port, 25 if not said."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Public address, for links in mails.")
    ] = None,
    force: Annotated[
        bool, typer.Option(help="Allow a fast clock together with a real mail server.")
    ] = False,
) -> None:
    """Run everything in one process. Stop with Ctrl-C; start again and nothing is lost.

    Example: [bold]amends up --data ./store[/bold], then
    [bold]amends token --role ops --subject me --data ./store[/bold] to call it.
    """
    configure_logging()
    if os.environ.get(_ISSUER):
        _err.print(f"[red]{_ISSUER} is for `amends serve`:[/red] this takes its own tokens alone.")
        raise typer.Exit(2)
    settings = EmbeddedSettings(
        data=data,
        host=host,
        port=port,
        clock_rate=clock_rate,
        smtp_host=smtp_host,
        smtp_port=smtp_port,
        base_url=base_url,
    )
    local = settings.notify.mail_host in (None, "localhost", "127.0.0.1", "::1")
    if clock_rate != 1 and not local and not force:
        _err.print(
            "[red]A clock that runs faster than time would mail people nonsense:[/red] "
            "leave out --smtp-host, or say --force."
        )
        raise typer.Exit(2)
    try:
        uvloop.run(serve(settings, on_ready=lambda platform: _say_ready(platform, settings)))
    except DataDirectoryInUse as error:
        _err.print(f"[red]{error}.[/red] Stop it first, or choose another --data.")
        raise typer.Exit(1) from error


def _say_ready(platform: Platform, settings: EmbeddedSettings) -> None:
    _out.print(f"Amends is ready at [bold]{platform.url}[/bold] (data in {settings.data})")
    _out.print(f"Live page: {platform.url}/ops?token={platform.token('ops', 'me')}")
    _out.print(f"API:       {platform.url}/docs")


@app.command()
def token(  # noqa: PLR0913 - one parameter per option
    role: Annotated[Role, typer.Option(help="consumer, merchant, specialist, supervisor, ops…")],
    subject: Annotated[str, typer.Option(help="Id of the person or program.")],
    data: StoreOfToken = None,
    team_id: Annotated[str | None, typer.Option(help="Team of a specialist, supervisor.")] = None,
    merchant_id: Annotated[
        str | None, typer.Option(help="Merchant, if it is not the subject.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Scope of a service; repeat.")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="Valid for so many days.")] = 1,
) -> None:
    """Print a bearer token for a store in embedded mode, or for a distributed platform.

    It is signed as the processes of a distributed platform sign if AMENDS_SECRET (or …_FILE) is
    set and --data is not given. Where AMENDS_OIDC_ISSUER is set, only that issuer makes tokens.

    Example: [bold]curl -H "Authorization: Bearer $(amends token --role ops --subject me)" …[/bold]
    """
    if role is Role.SYSTEM:
        _err.print("[red]Nobody may be the system.[/red]")
        raise typer.Exit(2)
    principal = Principal(
        role=role,
        subject=subject,
        team_id=team_id,
        merchant_id=merchant_id,
        scopes=frozenset(scope or ()),
    )
    tokens = EmbeddedTokens(_signing_key(data), WallClock())
    typer.echo(tokens.issue(principal, lifetime=timedelta(days=days)))


def _signing_key(data: Path | None) -> bytes:
    told = any(os.environ.get(name) for name in ("AMENDS_SECRET", "AMENDS_SECRET_FILE"))
    if data is not None or not told:
        return DataDirectory(data or DEFAULT_DATA).secret()
    if os.environ.get(_ISSUER):
        _err.print(f"[red]Tokens come from {os.environ[_ISSUER]}[/red] ({_ISSUER}).")
        raise typer.Exit(2)
    try:
        return SigningSettings().signing_key()
    except ValidationError as error:
        _err.print(f"[red]{error.errors(include_input=False, include_url=False)[0]['msg']}[/red]")
        raise typer.Exit(2) from error
    except OSError as error:
        _err.print(f"[red]The secret cannot be read:[/red] {error}")
        raise typer.Exit(2) from error


app.command(name="demo")(demo_command)
app.command(name="migrate")(migrate_command)
app.command(name="rebuild")(rebuild_command)
app.command(name="serve")(serve_command)
app.command(name="verify")(verify_command)
app.add_typer(dead_app)
app.add_typer(topics_app)


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
