"""`python -m bench`: measure, and say what was to be reached."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from bench import (
    event_log,
    filing,
    filing_on_postgres,
    latency,
    latency_to_kafka,
    reads,
    relay,
    restart,
    steering,
)
from bench.report import Figure
from shared.observability import configure_logging

MEASUREMENTS: Final[dict[str, Callable[[], list[Figure]]]] = {
    "eventlog": event_log.run,
    "filing": filing.run,
    "filing-postgres": filing_on_postgres.run,
    "latency": latency.run,
    "latency-kafka": latency_to_kafka.run,
    "reads": reads.run,
    "relay": relay.run,
    "restart": restart.run,
}
ON_DATA: Final[dict[str, Callable[[Path], list[Figure]]]] = {"steering": steering.run}
"""Measurements that need the folder with the real data sets."""


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"Which of: {', '.join(MEASUREMENTS)}; with --data {', '.join(ON_DATA)} too. "
            "All if none."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with the real data sets."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Figures as JSON.")] = False,
) -> None:
    """Measure Amends on this machine. Leave the machine alone meanwhile.

    Exit code 1 if a figure is not reached.
    """
    configure_logging(level="WARNING")
    unknown = set(names or ()) - MEASUREMENTS.keys() - ON_DATA.keys()
    if unknown:
        raise typer.BadParameter(f"there is no measurement {', '.join(sorted(unknown))}")
    if data is not None and not data.is_dir():
        raise typer.BadParameter(f"{data} is not a folder")
    chosen = names or [*MEASUREMENTS, *(ON_DATA if data is not None else ())]
    figures = [figure for name in chosen for figure in _measure(name, data)]
    if as_json:
        typer.echo(json.dumps([_plain(figure) for figure in figures], indent=2))
    else:
        _print(figures)
    if not all(figure.reached for figure in figures):
        raise typer.Exit(1)


def _measure(name: str, data: Path | None) -> list[Figure]:
    if name in MEASUREMENTS:
        return MEASUREMENTS[name]()
    if data is None:
        raise typer.BadParameter(f"{name} needs --data (make bench ARGS={name} DATA=folder)")
    return ON_DATA[name](data)


def _plain(figure: Figure) -> dict[str, object]:
    return {
        "what": figure.what,
        "value": round(figure.value, 3),
        "unit": figure.unit,
        "reach": figure.reach,
        "sense": figure.sense,
        "reached": figure.reached,
        "note": figure.note,
    }


def _print(figures: list[Figure]) -> None:
    table = Table("what", "figure", "to reach", "", "note")
    for figure in figures:
        reach = "" if figure.reach is None else f"{figure.sense} {figure.reach:g}"
        verdict = "" if figure.reach is None else ("reached" if figure.reached else "NOT REACHED")
        shown = f"{figure.value:.2f} {figure.unit}"
        table.add_row(figure.what, shown, reach, verdict, figure.note)
    Console(width=150).print(table)


if __name__ == "__main__":
    typer.run(main)
