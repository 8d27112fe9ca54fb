"""`amends dead`: what could not be handled, listed, tried again or given up."""

import getpass
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from amends.database_address import Url, UrlFile, address, typed
from amends.dead_letters import words
from amends.dead_letters.asking import (
    CannotBeDone,
    Outcome,
    Result,
    by_id,
    by_key,
    drop,
    everything,
    listed,
    redrive,
)
from amends.dead_letters.stores import NoStore, Stores, opened
from amends.embedded import DEFAULT_DATA
from shared.eventlog.ports import StorageUnavailable
from shared.feed.dead_letters import LetterState
from shared.feed.requests import PATIENCE_SECONDS, Drop
from shared.observability import configure_logging

T = TypeVar("T")

_LONGEST_REASON: Final = 500
_err = Console(stderr=True, soft_wrap=True, highlight=False)

dead_app = typer.Typer(
    name="dead",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


class Name(StrEnum):
    """What has dead letters."""

    INTAKE = "intake"
    ROUTING = "routing"
    SLA = "sla"
    NOTIFY = "notify"
    DASHBOARD = "dashboard"


Service = Annotated[
    Name | None, typer.Option("--service", help="Of this service alone.", show_default="all")
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder of an embedded store, whether amends up runs on it or not.",
        envvar="AMENDS_DATA",
        show_default=f"{DEFAULT_DATA}, without a database",
    ),
]
Wait = Annotated[
    float,
    typer.Option("--wait", min=0, max=3600, help="Seconds to wait for an answer, of real time."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


@dead_app.callback()
def _dead() -> None:
    """List, redrive and drop what could not be handled.

    An event that a service cannot handle parks its key: later events of that
    complaint, merchant or specialist wait in order, all others flow on, and a
    dead letter says why. Find the reason, mend it, then [bold]redrive[/bold].
    What can never be handled is [bold]dropped[/bold].

    The stores are those of a distributed platform at [bold]DATABASE_URL[/bold]
    (or …_FILE), or those of [bold]amends up[/bold] in [bold]--data[/bold] (or
    AMENDS_DATA, which comes first). Redrive and drop are done by the process
    that owns the key. If none answers, the request stays, and is done by the
    next that does.
    """


@dead_app.command("list")
def list_command(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    *,
    service: Service = None,
    state: Annotated[
        LetterState, typer.Option(help="What became of them so far.")
    ] = LetterState.PARKED,
    data: Data = None,
    database_url: Url = None,
    database_url_file: UrlFile = None,
    as_json: AsJson = False,
) -> None:
    """List dead letters, oldest first, and mails that were given up.

    Example: [bold]amends dead list --service sla[/bold]

    [bold]--state dropped[/bold] tells who dropped what, when and why.
    [bold]--json[/bold] prints
    [bold]{"letters": [{"id", "service", "key", "reason", …}, …]}[/bold].
    """
    place = _place(context, data, database_url, database_url_file)
    found = _asked(place, service, lambda stores: listed(stores, state))
    if as_json:
        typer.echo(json.dumps({"letters": found}, indent=2))
        return
    _say(line for one in found for line in words.of_letter(one))
    if not found:
        typer.echo(f"No dead letters are {state.value}.")


@dead_app.command("redrive")
def redrive_command(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Ids, as amends dead list shows them.", metavar="ID"),
    ] = None,
    *,
    key: Annotated[str | None, typer.Option(help="All of this key.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    service: Service = None,
    wait: Wait = PATIENCE_SECONDS,
    data: Data = None,
    database_url: Url = None,
    database_url_file: UrlFile = None,
    as_json: AsJson = False,
) -> None:
    """Try again: the parked events of each letter's key, in order; or a mail.

    It stops at the first event that fails again: that one, and those behind
    it, stay parked. Exit code 1 if something does, or if there is no such
    letter. What nobody answers within [bold]--wait[/bold] stays asked, and is
    done by the next process that owns the key.

    Example: [bold]amends dead redrive --all --service sla[/bold]

    [bold]--json[/bold] prints [bold]{"redriven": [{"id", "service", "key",
    "result", "handled", "held_up_by", "reason"}, …]}[/bold]; result is
    handled, parked or asked.
    """
    if sum((bool(ids), key is not None, every)) != 1:
        _err.print("[red]Which letters?[/red] Name ids, or --key, or --all: one of the three")
        raise typer.Exit(2)
    place = _place(context, data, database_url, database_url_file)

    async def act(stores: Stores) -> list[Outcome]:
        if ids:
            targets = await by_id(stores, ids)
        else:
            targets = await everything(stores) if key is None else await by_key(stores, key)
        return await redrive(stores, targets, wait)

    with _err.status("asking for it to be tried again"):
        done = _asked(place, service, act)
    if as_json:
        typer.echo(json.dumps({"redriven": [asdict(one) for one in done]}, indent=2))
    elif not done:
        typer.echo("No dead letters are parked.")
    else:
        _say(line for one in done for line in words.of_outcome(one))
    _end(done)


@dead_app.command("drop")
def drop_command(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    letter: Annotated[str, typer.Argument(help="Id, as amends dead list shows it.", metavar="ID")],
    *,
    reason: Annotated[str, typer.Option(help="Why it will never be handled; kept on record.")],
    by: Annotated[
        str | None, typer.Option(help="Who says so; kept on record.", show_default="login name")
    ] = None,
    service: Service = None,
    wait: Wait = PATIENCE_SECONDS,
    data: Data = None,
    database_url: Url = None,
    database_url_file: UrlFile = None,
    as_json: AsJson = False,
) -> None:
    """Skip the record of a letter for good, then handle what is parked behind it.

    For what can never be handled, such as a record on Kafka that is no event.
    This one record is skipped and no other; the letter stays on record as
    dropped. Dropped twice is dropped once.

    Example: [bold]amends dead drop 7d9c… --reason "not one of ours"[/bold]

    Exit codes and [bold]--json[/bold] as for redrive, with
    [bold]{"dropped": {…}}[/bold]; result is dropped, parked or asked.
    """
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        _err.print(f"[red]A reason has 1 to {_LONGEST_REASON} characters.[/red]")
        raise typer.Exit(2)
    wanted = Drop(letter=letter, by=by or f"login:{_login()}", reason=reason.strip())
    place = _place(context, data, database_url, database_url_file)
    with _err.status("asking for it to be dropped"):
        done = _asked(place, service, lambda stores: drop(stores, wanted, wait))
    if as_json:
        typer.echo(json.dumps({"dropped": asdict(done)}, indent=2))
    else:
        _say(words.of_outcome(done))
    _end([done])


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(words.plain(line))


def _end(done: list[Outcome]) -> None:
    """Somebody has to look again if a key is still held up."""
    if any(one.held_up_by is not None and one.result is not Result.ASKED for one in done):
        raise typer.Exit(1)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"  # a container's user may have a number alone


def _place(
    context: typer.Context, data: Path | None, url: str | None, file: Path | None
) -> str | Path:
    """What was typed comes first; of what the environment says, the folder."""
    typed_url = typed(context, "database_url") or typed(context, "database_url_file")
    if data is not None and not (typed_url and not typed(context, "data")):
        if typed_url:
            _err.print("[red]One store at a time:[/red] --data or --database-url, not both")
            raise typer.Exit(2)
        return data
    try:
        told = address(context, url, file)
    except OSError as error:
        _err.print(f"[red]The address of the database cannot be read:[/red] {escape(str(error))}")
        raise typer.Exit(2) from error
    return told or DEFAULT_DATA


def _asked(place: str | Path, service: Name | None, act: Callable[[Stores], Awaitable[T]]) -> T:
    configure_logging(level="ERROR")
    services = [name.value for name in Name] if service is None else [service.value]

    async def run() -> T:
        async with opened(place, services) as stores:
            return await act(stores)

    try:
        return uvloop.run(run())
    except NoStore as error:
        _err.print(f"[red]No store to look into:[/red] {escape(words.plain(str(error)))}")
        raise typer.Exit(2) from error
    except (CannotBeDone, StorageUnavailable) as error:
        _err.print(f"[red]Not done:[/red] {escape(words.plain(str(error)))}")
        raise typer.Exit(1) from error
