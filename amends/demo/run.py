"""Starts everything a demo needs, runs the play, reports, and cleans up."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from rich.console import Console

from amends.demo.board import board_for, print_report
from amends.demo.cases import Case
from amends.demo.client import Client
from amends.demo.clock import StageClock
from amends.demo.mailbox import Mailbox
from amends.demo.play import Play
from amends.demo.report import Example, Listed, Report, disagreements, examples, listed, report_of
from amends.demo.stage import Stage
from amends.embedded import EmbeddedSettings, Platform, serve

_HOURS_PER_DAY: Final = 24.0
_AGREE_WITHIN_SECONDS: Final = 15.0
_LOOK_AGAIN_SECONDS: Final = 0.5


class Outcome(Enum):
    """How a demo went."""

    FINE = "fine"
    INCONSISTENT = "inconsistent"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What to run."""

    cases: Sequence[Case]
    folder: Path
    temporary: bool
    days: float
    clock_rate: float
    port: int
    exit_after: bool
    as_json: bool


async def demonstrate(demo: Demo, console: Console) -> Outcome:
    """Run a demo from start to end.

    Raises `DataDirectoryInUse`, and `OSError` if the port is taken.
    """
    mailbox = Mailbox()
    await mailbox.open()
    ready: asyncio.Future[Platform] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    settings = EmbeddedSettings(
        data=demo.folder,
        port=demo.port,
        clock_rate=demo.clock_rate,
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
    )
    serving = asyncio.create_task(serve(settings, on_ready=ready.set_result, stop=stop))
    playing = asyncio.create_task(_play_and_tell(demo, mailbox, ready, console))
    try:
        await asyncio.wait({serving, playing}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            await serving
            return Outcome.INTERRUPTED
        outcome = playing.result()
        if not demo.exit_after:
            _say_serving(ready.result(), console)
            await serving
        return outcome
    finally:
        stop.set()
        await asyncio.gather(serving, return_exceptions=True)
        await mailbox.close()


async def _play_and_tell(
    demo: Demo, mailbox: Mailbox, ready: asyncio.Future[Platform], console: Console
) -> Outcome:
    platform = await ready
    ops = platform.token("ops", "demo")
    client = Client(platform.url)
    try:
        _say_beginning(demo, platform, ops, console)
        stage = Stage(
            clock=StageClock(demo.clock_rate), client=client, mailbox=mailbox, token=platform.token
        )
        play = Play(stage, demo.cases, ops)
        await play.set_up()
        with board_for(console, demo.days) as board:
            await play.run(demo.days, board)
        report = await _report(play, stage, ops)
    finally:
        await client.close()
    if demo.as_json:
        Console(soft_wrap=True).print_json(json.dumps(report.as_json()))
    else:
        print_report(console, report)
    return Outcome.INCONSISTENT if report.troubles else Outcome.FINE


async def _report(play: Play, stage: Stage, ops: str) -> Report:
    """Read everything once more. Figures that disagree may only be a moment apart: look again."""
    days = stage.clock.hours / _HOURS_PER_DAY
    troubles = [*stage.troubles, *await play.read_back()]
    loop = asyncio.get_running_loop()
    until = loop.time() + _AGREE_WITHIN_SECONDS
    while True:
        lists = await listed(stage.client, ops)
        summary = await stage.client.get(ops, "/v1/metrics/summary")
        wrong = disagreements(summary, lists, caught=len(stage.mailbox.mails))
        if not wrong or loop.time() > until:
            break
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return report_of(
        summary,
        lists,
        await _examples(stage, ops, lists),
        days=days,
        caught=len(stage.mailbox.mails),
        races=stage.client.races,
        troubles=[*troubles, *wrong],
    )


async def _examples(stage: Stage, ops: str, lists: Listed) -> tuple[Example, ...]:
    return await examples(stage.client, ops, lists.assigned_ids)


def _say_beginning(demo: Demo, platform: Platform, ops: str, console: Console) -> None:
    where = f"{demo.folder} (deleted at the end)" if demo.temporary else str(demo.folder)
    hour = 3600 / demo.clock_rate
    console.print(
        f"{len(demo.cases)} complaints; an hour of business time lasts {hour:.2f} s. "
        f"Data in {where}."
    )
    console.print(f"Watch it live: {platform.url}/ops?token={ops}")


def _say_serving(platform: Platform, console: Console) -> None:
    console.print()
    console.print(f"Still serving, at the same fast clock. API: {platform.url}/docs")
    console.print(f"Live page: {platform.url}/ops?token={platform.token('ops', 'demo')}")
    console.print("Stop with Ctrl-C.")
