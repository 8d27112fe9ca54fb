"""`amends migrate`: the database of a distributed platform, prepared or brought up to date."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from amends.database_address import Url, UrlFile, address
from amends.migrations.database import CannotMigrate
from amends.migrations.roles import SCHEMAS, group_roles
from amends.migrations.schemas import SHARDS, Migrated, Wanted, migrate, script

_MOST_SHARDS: Final = 1_000
_out = Console(soft_wrap=True, highlight=False)
_err = Console(stderr=True, soft_wrap=True, highlight=False)


class Name(StrEnum):
    """What has a schema."""

    INTAKE = "intake"
    ROUTING = "routing"
    SLA = "sla"
    NOTIFY = "notify"
    DASHBOARD = "dashboard"


def migrate_command(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    services: Annotated[
        list[Name] | None,
        typer.Argument(
            help=f"Only these, of: {', '.join(SCHEMAS)}.",
            metavar="SERVICE",
            show_default=False,
        ),
    ] = None,
    *,
    database_url: Url = None,
    database_url_file: UrlFile = None,
    shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_MOST_SHARDS,
            help="Parts of a new store that can be worked on at once; fixed for its life, and the "
            "number of partitions of every topic.",
            show_default=str(SHARDS),
        ),
    ] = None,
    roles: Annotated[
        bool, typer.Option("--roles", help="Create the roles, and give them what they need.")
    ] = False,
    sql: Annotated[
        bool,
        typer.Option("--sql", help="Print the SQL, for somebody else to run; change nothing."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Prepare a PostgreSQL database for Amends, or bring it up to date.

    Every service has a schema of its name, migrated as a whole or not at all.
    Run it before you start services of a new version; run it again, or twice
    at once, and nothing happens. It needs a login that may create schemas and
    owns those that are there: not one of a service.

    Example:
    [bold]DATABASE_URL=postgresql://owner@db/amends amends migrate --roles[/bold]

    [bold]--roles[/bold] creates a role per service, and amends_relay. They may
    do what the service needs and nothing else: no one can change an event.
    They cannot log in; grant your own logins one each:
    [bold]GRANT amends_intake TO intake_login;[/bold]
    Later runs keep them right, with --roles or without. It takes a login with
    CREATEROLE, or roles that are there already.

    [bold]--sql[/bold] prints what would be run in that database, or without one
    in an empty database. [bold]--json[/bold] prints
    [bold]{"schemas": [{"schema", "before", "version", "shards", "roles"}, …]}[/bold];
    before is null for a schema that was created, roles is true if they are set.
    """
    if sql and as_json:
        _err.print("[red]--sql prints SQL:[/red] leave out --json")
        raise typer.Exit(2)
    url = _url(context, database_url, database_url_file)
    wanted = Wanted(schemas=frozenset(map(str, services or SCHEMAS)), shards=shards, roles=roles)
    try:
        if sql:
            typer.echo(uvloop.run(script(url, wanted)), nl=False)
        elif url is None:
            _err.print("[red]Which database?[/red] Set DATABASE_URL, or say --database-url")
            raise typer.Exit(2)
        else:
            done = uvloop.run(migrate(url, wanted, _silent if as_json else _say))
            _tell(done, as_json=as_json)
    except CannotMigrate as error:
        _err.print(f"[red]Not migrated:[/red] {escape(str(error))}")
        raise typer.Exit(1) from error


def _url(context: typer.Context, url: str | None, file: Path | None) -> str | None:
    try:
        return address(context, url, file)
    except OSError as error:
        _err.print(f"[red]The address of the database cannot be read:[/red] {escape(str(error))}")
        raise typer.Exit(2) from error


def _silent(_line: str) -> None:
    pass


def _say(line: str) -> None:
    _out.print(line, markup=False)


def _tell(done: list[Migrated], *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"schemas": [asdict(one) for one in done]}
        typer.echo(json.dumps(told, indent=2))
        return
    for one in done:
        _say(f"{one.schema} {_outcome(one)} version {one.version}, {one.shards} shards")
    if any(one.roles for one in done):
        _say(f"roles are as they should be: {', '.join(group_roles())}")


def _outcome(one: Migrated) -> str:
    if one.before is None:
        return "was created at"
    return "is at" if one.before == one.version else f"went from {one.before} to"
