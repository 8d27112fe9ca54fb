"""Nothing lost, nothing doubled, nothing out of order, whenever the process is killed."""

import asyncio
import random
from pathlib import Path

from tests.crash import checks
from tests.crash.catcher import Catcher
from tests.crash.checks import Disturbance
from tests.crash.findings import TIMERS, broken_files, in_files, rows, unread_in_files
from tests.crash.people import SPECIALISTS, file_all, set_up, work
from tests.crash.platform import PlatformProcess

COMPLAINTS = 2_000
KILLS = 20


async def test_twenty_kills_in_a_run_of_two_thousand_complaints(tmp_path: Path) -> None:
    catcher = Catcher()
    platform = PlatformProcess(tmp_path, smtp_port=await catcher.open(), clock_rate=3600)
    try:
        acknowledged = await run_with_kills(platform)
    finally:
        await platform.abandon()
        await catcher.close()
    assert broken_files(tmp_path) == []
    assert len(acknowledged) == COMPLAINTS + 1
    found = in_files(tmp_path)
    checks.every_filing_is_there_once(found, acknowledged)
    checks.every_event_counted_once_and_in_order(found)
    checks.decisions_are_neither_lost_nor_doubled(found)
    checks.clocks_are_neither_lost_nor_doubled(found)
    checks.mails_are_not_lost_and_doubles_were_in_doubt(
        found,
        catcher.accepted,
        [Disturbance(at, at) for at in platform.killed_at],
        acknowledgements=COMPLAINTS + 1,
    )


async def run_with_kills(platform: PlatformProcess) -> dict[str, str]:
    """Keep filing and working while the platform is killed again and again."""
    dice = random.Random(20)
    await platform.start()
    await set_up(platform)
    done = asyncio.Event()
    filing = asyncio.ensure_future(file_all(platform, COMPLAINTS, per_second=50))
    working = [asyncio.ensure_future(work(platform, who, done)) for who in SPECIALISTS]
    while len(platform.killed_at) < KILLS:
        await asyncio.sleep(dice.uniform(0.1, 3.0))
        await platform.kill()
        await platform.start()
    acknowledged = await filing
    done.set()
    acts = await asyncio.gather(*working)
    assert sum(acts) > COMPLAINTS / 20
    await platform.until_caught_up()
    # The same keys get the same answers; and the one more has clocks that still run at the end.
    repeated_and_one_more = await file_all(platform, COMPLAINTS + 1, per_second=500)
    assert acknowledged.items() <= repeated_and_one_more.items()
    # While an hour passes every second something always falls due; at real pace that ends.
    await platform.stop()
    platform.clock_rate = 1
    await platform.start()
    await settled(platform)
    await platform.stop()
    return repeated_and_one_more


async def settled(platform: PlatformProcess) -> None:
    """Wait until everything was read at once and no mail waits."""
    await platform.until_caught_up()
    waiting, behind = -1, ["?"]
    for _ in range(600):
        await asyncio.sleep(0.2)
        waiting = sum(clock == "real" for _, clock in rows(platform.data, "notify", TIMERS))
        behind = unread_in_files(platform.data)
        if waiting == 0 and behind == []:
            return
    raise AssertionError(f"{waiting} mails are still waiting; {behind}")
