"""`amends demo`: the platform at work on real complaints, in a minute or two."""

import itertools
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop
from rich.console import Console

from amends.demo.cases import Case
from amends.demo.columns import BadMapping, parse_columns
from amends.demo.loading import Loaded, load, parse_category_map
from amends.demo.platform_process import PlatformFailed
from amends.demo.run import Demo, Outcome, demonstrate
from amends.demo.table import BadInput
from shared.clock import WallClock
from shared.observability import configure_logging

EXAMPLES: Final = Path(__file__).parent / "data"
_DEFAULT_RATE: Final = 9_000.0
_INTERRUPTED: Final = 130
_DEFAULT_DAYS: Final = 12.0
_EXAMPLES_FILED: Final = 160
"""As many as two cores see through in two minutes at that rate."""


def demo_command(  # noqa: PLR0913 - one parameter per option
    *,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "--input",
            help="CSV file of complaints (gzip or not); without it, the examples that ship.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            help="Which column holds what: [bold]field=Column|Other column,…[/bold]; "
            "fields are listed in amends/demo/data/README.md."
        ),
    ] = None,
    category_map: Annotated[
        list[str] | None,
        typer.Option(help="What words of the category column mean: [bold]word=category,…[/bold]"),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows that cannot be used.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="File at most so many complaints: all of a file, 160 of the 342 examples, "
            "unless you say.",
        ),
    ] = None,
    days: Annotated[
        float, typer.Option(min=1, max=365, help="Play at most so many business days.")
    ] = _DEFAULT_DAYS,
    clock_rate: Annotated[
        float,
        typer.Option(min=60, max=50_000, help="Seconds of business time per second."),
    ] = _DEFAULT_RATE,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 finds a free one.")
    ] = 0,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the store; without it a temporary one, deleted at the end."),
    ] = None,
    exit_after: Annotated[
        bool, typer.Option("--exit", help="End after the summary instead of serving on.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Run example complaints through the whole platform, with people who act on them.

    Starts the platform and a mail server on this machine, files the complaints over HTTP, lets
    specialists, merchants and consumers work on them at a fast clock, and sums up what came of it.

    Example: [bold]amends demo --exit[/bold], or
    [bold]amends demo --input mine.csv --columns 'merchant_id=Shop,description=Text'[/bold]
    """
    configure_logging(level="WARNING")
    progress = Console(stderr=as_json, soft_wrap=True)
    complain = Console(stderr=True, soft_wrap=True)
    try:
        loaded = read_input(input_file, columns or [], category_map or [], skip_bad=skip_bad)
    except (BadInput, BadMapping) as error:
        complain.print(f"[red]Nothing was filed.[/red] {error}", markup=True, highlight=False)
        raise typer.Exit(2) from error
    for remark in loaded.remarks:
        progress.print(f"[dim]Note: {remark}.[/dim]", highlight=False)
    if limit is None and input_file is None:
        limit = _EXAMPLES_FILED
    cases = loaded.cases if limit is None else sample(loaded.cases, limit)
    with _Folder(data) as folder:
        demo = Demo(
            cases=cases,
            folder=folder.path,
            temporary=folder.temporary,
            days=days,
            clock_rate=clock_rate,
            port=port or free_port(),
            exit_after=exit_after,
            as_json=as_json,
        )
        try:
            outcome = uvloop.run(demonstrate(demo, progress))
        except PlatformFailed as error:
            complain.print(f"[red]The platform did not start.[/red] {error}", highlight=False)
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            outcome = Outcome.INTERRUPTED
    if outcome is not Outcome.FINE:
        raise typer.Exit(_INTERRUPTED if outcome is Outcome.INTERRUPTED else 1)


def read_input(
    input_file: Path | None, columns: list[str], category_map: list[str], *, skip_bad: bool
) -> Loaded:
    """The complaints of a file, or the examples. Raises `BadInput` or `BadMapping`."""
    now = WallClock().now()
    if input_file is None:
        cfpb = load(EXAMPLES / "cfpb.csv", now=now)
        zh = load(EXAMPLES / "zh.csv", now=now)
        return Loaded(interleaved(cfpb.cases, zh.cases), (), ())
    loaded = load(
        input_file,
        now=now,
        columns=parse_columns(columns),
        category_map=parse_category_map(category_map),
        skip_bad=skip_bad,
    )
    left_out = tuple(f"left out {flaw}" for flaw in loaded.flaws)
    return Loaded(loaded.cases, loaded.flaws, left_out + loaded.remarks)


def sample(cases: tuple[Case, ...], limit: int) -> tuple[Case, ...]:
    """At most so many cases in their order, of each language its share."""
    if limit >= len(cases):
        return cases
    due = dict.fromkeys((case.language for case in cases), len(cases) // 2)
    taken: set[str] = set()
    for case in cases:
        due[case.language] += limit
        if due[case.language] >= len(cases):
            due[case.language] -= len(cases)
            taken.add(case.id)
    left = (case.id for case in cases if case.id not in taken)
    taken.update(itertools.islice(left, max(0, limit - len(taken))))
    return tuple(case for case in cases if case.id in taken)[:limit]


def interleaved(many: tuple[Case, ...], few: tuple[Case, ...]) -> tuple[Case, ...]:
    """Both in one, each spread evenly, so that a short run sees some of both."""
    placed = [
        ((number + 0.5) / len(cases), case)
        for cases in (many, few)
        for number, case in enumerate(cases)
    ]
    return tuple(case for _, case in sorted(placed, key=lambda entry: entry[0]))


def free_port() -> int:
    """A port on the loopback interface that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class _Folder:
    """The store's folder; a temporary one goes when the demo does."""

    given: Path | None
    path: Path = Path()

    @property
    def temporary(self) -> bool:
        return self.given is None

    def __enter__(self) -> "_Folder":
        self.path = self.given or Path(tempfile.mkdtemp(prefix="amends-demo-"))
        return self

    def __exit__(self, *_: object) -> None:
        if self.temporary:
            shutil.rmtree(self.path, ignore_errors=True)
