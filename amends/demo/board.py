"""What a run shows while it goes on and when it is over."""

import time
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from amends.demo.report import Report

_LINE_EVERY_SECONDS: Final = 10.0


class Board(Protocol):
    """Shows how a run goes."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, day: float, counts: dict[str, int]) -> None:
        """The run is at this business day; these are the platform's figures."""
        ...


class LiveBoard:
    """A progress bar that is redrawn in place."""

    def __init__(self, console: Console, days: float) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("day {task.completed:4.1f} of {task.total:.0f}"),
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task: TaskID = self._progress.add_task("starting", total=days)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, day: float, counts: dict[str, int]) -> None:
        """Redraw."""
        self._progress.update(self._task, completed=day, description=sentence(counts))


class PlainBoard:
    """A line now and then, for logs and pipes."""

    def __init__(self, console: Console, days: float) -> None:
        self._console = console
        self._days = days
        self._last = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def show(self, day: float, counts: dict[str, int]) -> None:
        """Print a line, unless one was printed a moment ago."""
        now = time.monotonic()
        if now - self._last < _LINE_EVERY_SECONDS:
            return
        self._last = now
        self._console.print(f"day {day:4.1f} of {self._days:.0f}  {sentence(counts)}")


def board_for(console: Console, days: float) -> Board:
    """A bar on a terminal, lines elsewhere."""
    return LiveBoard(console, days) if console.is_terminal else PlainBoard(console, days)


def sentence(counts: dict[str, int]) -> str:
    """`filed 120, assigned 98, …`."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def print_report(console: Console, report: Report) -> None:
    """The summary of a run, for people."""
    console.print()
    console.print(_figures(report))
    if report.examples:
        console.print("[bold]Who got what, and why[/bold] (routing's own words)")
        for example in report.examples:
            console.print(
                f"  [cyan]{example.category}[/cyan] to {example.specialist} "
                f"({example.specialist_id}): {example.sentence} [dim]({example.grounds})[/dim]",
                highlight=False,
            )
    console.print(f"[dim]{_about_time(report)}[/dim]", highlight=False)
    if report.races:
        count = sum(report.races.values())
        codes = sentence(dict(sorted(report.races.items())))
        console.print(f"[dim]{count} acts came a moment too late and were refused: {codes}.[/dim]")
    if report.troubles:
        lines = "\n".join(report.troubles)
        console.print(Panel(lines, title="What should not have happened", border_style="red"))


def _figures(report: Report) -> Table:
    contacts = report.first_contact_in_time + report.first_contact_late
    share = f" ({report.first_contact_in_time / contacts:.0%} in time)" if contacts else ""
    answers = report.satisfied + report.objections
    happy = f" of {answers} survey answers; {report.objections} objected" if answers else ""
    table = Table(title=f"After {report.days:.1f} business days", title_justify="left", box=None)
    table.add_column(justify="right", style="bold")
    table.add_column()
    rows = [
        (report.filed, f"complaints filed{_rest(report)}"),
        (report.accepted, "accepted"),
        (report.assigned, f"assigned to a specialist; {report.waiting} waiting now"),
        (report.first_contact_in_time, f"first contacts within 24 h{share}"),
        (report.first_contact_late, "first contacts later than that, or missed"),
        (report.warnings, "warnings before a deadline"),
        (report.breaches, _breaches(report)),
        (report.resolved, "resolutions"),
        (report.reopened, "reopened"),
        (report.withdrawn, "withdrawn"),
        (report.satisfied, f"satisfied{happy}"),
        (report.closed, f"closed; {report.open} still open"),
        (report.mails_sent, f"mails sent; {report.inbox} messages to in-app inboxes"),
    ]
    for count, text in rows:
        table.add_row(str(count), text)
    return table


def _rest(report: Report) -> str:
    rest = report.given - report.filed
    return f"; the run ended before the other {rest}: give it more --days" if rest > 0 else ""


def _about_time(report: Report) -> str:
    """What the speed of the clock does to the figures."""
    second = report.clock_rate / 60
    return (
        f"A second was {second:,.0f} minutes here, and the platform took {report.answer_ms:.0f} ms "
        f"to answer (median): clocks of minutes, such as acknowledgement (5 min = "
        f"{300_000 / report.clock_rate:.0f} ms) and assignment (30 min), measure this machine at "
        "this speed. Slow the clock down to see them met: --clock-rate 600 --days 1 --limit 20."
    )


def _breaches(report: Report) -> str:
    by_clock = sorted(report.breaches_by_clock.items(), key=lambda entry: (-entry[1], entry[0]))
    return f"breaches: {sentence(dict(by_clock))}" if by_clock else "breaches"
