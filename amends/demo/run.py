"""Starts everything a demo needs, runs the play, reports, and cleans up."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from amends.demo.board import board_for, print_report
from amends.demo.cases import Case
from amends.demo.client import Client
from amends.demo.clock import StageClock
from amends.demo.mailbox import Mailbox
from amends.demo.platform_process import RunningPlatform, running_platform
from amends.demo.play import Play
from amends.demo.report import Example, Listed, Report, disagreements, examples, listed, report_of
from amends.demo.stage import Stage
from amends.embedded import EmbeddedSettings

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
    """Run a demo from start to end. Raises `PlatformFailed`."""
    mailbox = Mailbox()
    await mailbox.open()
    settings = EmbeddedSettings(
        data=demo.folder,
        port=demo.port,
        clock_rate=demo.clock_rate,
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
    )
    try:
        async with running_platform(settings) as platform:
            return await _accompany(demo, mailbox, platform, console)
    finally:
        await mailbox.close()


async def _accompany(
    demo: Demo, mailbox: Mailbox, platform: RunningPlatform, console: Console
) -> Outcome:
    """Play, unless the platform ends before; then serve on, if that is wanted."""
    playing = asyncio.create_task(_play_and_tell(demo, mailbox, platform, console))
    ending = asyncio.create_task(platform.ended.wait())
    try:
        await asyncio.wait({playing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            return Outcome.INTERRUPTED
        outcome = playing.result()
        if not demo.exit_after:
            _say_serving(platform, console)
            await _until_interrupted(ending)
        return outcome
    finally:
        for task in (playing, ending):
            task.cancel()
        await asyncio.gather(playing, ending, return_exceptions=True)


async def _until_interrupted(ending: asyncio.Task[bool]) -> None:
    """Ctrl-C here is how a demo ends, no failure."""
    try:
        await ending
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()


async def _play_and_tell(
    demo: Demo, mailbox: Mailbox, platform: RunningPlatform, console: Console
) -> Outcome:
    ops = platform.token("ops", "demo")
    client = Client(platform.url)
    try:
        _say_beginning(demo, platform, ops, console)
        stage = Stage(
            clock=StageClock(demo.clock_rate), client=client, mailbox=mailbox, token=platform.token
        )
        play = Play(stage, demo.cases, ops)
        before = await client.get(ops, "/v1/metrics/summary")
        await play.set_up()
        with board_for(console, demo.days) as board:
            await play.run(demo.days, board)
        report = await _report(play, stage, ops, demo.cases, before)
    finally:
        await client.close()
    if demo.as_json:
        Console(soft_wrap=True).print_json(json.dumps(report.as_json()))
    else:
        print_report(console, report)
    return Outcome.INCONSISTENT if report.troubles else Outcome.FINE


async def _report(
    play: Play, stage: Stage, ops: str, cases: Sequence[Case], before: Mapping[str, Any]
) -> Report:
    """Read everything once more. Figures that disagree may only be a moment apart: look again."""
    days = stage.clock.hours / _HOURS_PER_DAY
    troubles = [*stage.troubles, *await play.read_back()]
    earlier = before["notifications"]["mails_sent"]  # of runs before, on the same store
    loop = asyncio.get_running_loop()
    until = loop.time() + _AGREE_WITHIN_SECONDS
    while True:
        lists = await listed(stage.client, ops)
        summary = await stage.client.get(ops, "/v1/metrics/summary")
        wrong = disagreements(summary, lists, caught=len(stage.mailbox.mails) + earlier)
        if not wrong or loop.time() > until:
            break
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return report_of(
        summary,
        lists,
        await _examples(stage, ops, lists),
        given=len(cases),
        days=days,
        caught=len(stage.mailbox.mails),
        answer_ms=stage.client.median_ms(),
        races=stage.client.races,
        troubles=[*troubles, *wrong],
    )


async def _examples(stage: Stage, ops: str, lists: Listed) -> tuple[Example, ...]:
    return await examples(stage.client, ops, lists.assigned_ids)


def _say_beginning(demo: Demo, platform: RunningPlatform, ops: str, console: Console) -> None:
    where = f"{demo.folder} (deleted at the end)" if demo.temporary else str(demo.folder)
    hour = 3600 / demo.clock_rate
    console.print(
        f"{len(demo.cases)} complaints; an hour of business time lasts {hour:.2f} s. "
        f"Data in {where}."
    )
    console.print(f"Watch it live: {platform.url}/ops?token={ops}")


def _say_serving(platform: RunningPlatform, console: Console) -> None:
    console.print()
    console.print(f"Still serving, at the same fast clock. API: {platform.url}/docs")
    console.print(f"Live page: {platform.url}/ops?token={platform.token('ops', 'demo')}")
    console.print("Stop with Ctrl-C.")
