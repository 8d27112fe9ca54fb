"""Nothing lost, nothing doubled, nothing out of order, whenever the process is killed."""

import asyncio
import random
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from services.notify.messages import message_id
from services.notify.settings import NotifySettings
from tests.crash.catcher import Accepted, Catcher
from tests.crash.findings import (
    broken_files,
    copies_that_differ,
    events,
    gaps_in_streams,
    of_type,
    opened,
    repeated,
    unread,
)
from tests.crash.people import SPECIALISTS, file_all, set_up, work
from tests.crash.platform import PlatformProcess

COMPLAINTS = 2_000
KILLS = 20
IN_DOUBT_SECONDS = 3.0
"""A mail is in doubt from when it is on its way until its outcome is recorded: far less than this.

A kill may also come first: what the platform had sent by then is read and accepted after it.
"""


async def test_twenty_kills_in_a_run_of_two_thousand_complaints(tmp_path: Path) -> None:
    catcher = Catcher()
    platform = PlatformProcess(tmp_path, smtp_port=await catcher.open(), clock_rate=3600)
    try:
        acknowledged = await run_with_kills(platform)
    finally:
        await platform.abandon()
        await catcher.close()
    every_filing_is_there_once(tmp_path, acknowledged)
    every_event_counted_once_and_in_order(tmp_path)
    decisions_are_neither_lost_nor_doubled(tmp_path)
    clocks_are_neither_lost_nor_doubled(tmp_path)
    mails_are_not_lost_and_doubles_were_in_doubt(tmp_path, catcher.accepted, platform.killed_at)


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
        with opened(platform.data, "notify") as db:
            query = "SELECT count(*) FROM timers WHERE clock = 'real'"
            (waiting,) = db.execute(query).fetchone()
        behind = unread(platform.data)
        if waiting == 0 and behind == []:
            return
    raise AssertionError(f"{waiting} mails are still waiting; {behind}")


def every_filing_is_there_once(data: Path, acknowledged: dict[str, str]) -> None:
    assert broken_files(data) == []
    filed = [entry["key"] for entry in of_type(events(data, "intake"), "complaint.filed")]
    assert len(acknowledged) == COMPLAINTS + 1
    assert sorted(filed) == sorted(acknowledged.values())


def every_event_counted_once_and_in_order(data: Path) -> None:
    assert gaps_in_streams(data) == []
    assert unread(data) == []
    assert copies_that_differ(data) == []


def decisions_are_neither_lost_nor_doubled(data: Path) -> None:
    intake, routing = events(data, "intake"), events(data, "routing")
    accepted = {(e["key"], e["data"]["cycle"]) for e in of_type(intake, "complaint.accepted")}
    assessed = of_type(routing, "assignment.assessed")
    assert repeated((e["key"], e["data"]["cycle"], e["cause"]) for e in assessed) == []
    assert accepted <= {(e["key"], e["data"]["cycle"]) for e in assessed}
    decided = of_type(routing, "assignment.decided")
    assert repeated((e["key"], e["data"]["cycle"], e["data"]["n"]) for e in decided) == []
    won = {e["data"]["decision_id"] for e in decided if e["data"]["outcome"] == "assigned"}
    echoed = [e["data"]["decision_id"] for e in of_type(intake, "complaint.assigned")]
    assert repeated((decision,) for decision in echoed) == []
    assert set(echoed) == won
    assert accepted <= {(e["key"], e["data"]["cycle"]) for e in decided}


def clocks_are_neither_lost_nor_doubled(data: Path) -> None:
    intake, sla = events(data, "intake"), events(data, "sla")
    started = of_type(sla, "clock.started")
    assert repeated((e["data"]["clock_id"],) for e in started) == []
    kinds = Counter((e["key"], e["data"]["kind"]) for e in started)
    for filed in of_type(intake, "complaint.filed"):
        assert kinds[filed["key"], "acknowledgement"] == 1
    for accepted in of_type(intake, "complaint.accepted"):
        for kind in ("assignment", "first_contact", "resolution"):
            assert kinds[accepted["key"], kind] == 1
    for asked in of_type(intake, "complaint.merchant_asked"):
        assert kinds[asked["key"], "merchant_response"] == 1
    once_each(sla)
    every_running_clock_has_its_timer(data, sla)


def once_each(sla: list[dict[str, Any]]) -> None:
    """A clock warns once per share, breaches once and ends once."""
    warned = of_type(sla, "clock.warned")
    assert repeated((e["data"]["clock_id"], e["data"]["share_percent"]) for e in warned) == []
    breached = of_type(sla, "clock.breached")
    assert repeated((e["data"]["clock_id"],) for e in breached) == []
    ended = of_type(sla, "clock.stopped") + of_type(sla, "clock.cancelled")
    assert repeated((e["data"]["clock_id"],) for e in ended) == []
    assert breached, "the run was too short for any clock to be breached"


def every_running_clock_has_its_timer(data: Path, sla: list[dict[str, Any]]) -> None:
    ended = {
        e["data"]["clock_id"]
        for name in ("clock.stopped", "clock.cancelled", "clock.breached")
        for e in of_type(sla, name)
    }
    running: dict[str, int] = defaultdict(int)
    for entry in of_type(sla, "clock.started"):
        if entry["data"]["clock_id"] not in ended and entry["data"]["due_at"] is not None:
            running[entry["key"]] += 1
    paused = {e["data"]["clock_id"] for e in of_type(sla, "clock.paused")}
    with opened(data, "sla") as db:
        timed = {key for (key,) in db.execute("SELECT key FROM timers")}
    untimed = {
        key
        for key in running
        if key not in timed
        and any(
            e["key"] == key and e["data"]["clock_id"] not in ended | paused
            for e in of_type(sla, "clock.started")
        )
    }
    assert running
    assert untimed == set()


def mails_are_not_lost_and_doubles_were_in_doubt(
    data: Path, accepted: list[Accepted], killed_at: list[float]
) -> None:
    notify = events(data, "notify")
    sender = NotifySettings().sender
    sent = {
        message_id(e["data"]["notification_id"], sender)
        for e in of_type(notify, "notification.sent")
        if e["data"]["channel"] == "email"
    }
    assert len(sent) > COMPLAINTS
    assert sent == {mail.message_id for mail in accepted}
    acknowledgements = [
        e for e in of_type(notify, "notification.sent")
        if e["data"]["template"].startswith("acknowledgement@")
    ]  # fmt: skip
    assert len(acknowledgements) == COMPLAINTS + 1
    copies: dict[str, list[float]] = defaultdict(list)
    for mail in accepted:
        copies[mail.message_id].append(mail.at)
    unexplained = [
        (before, after)
        for times in copies.values()
        for before, after in pairwise(times)
        if not any(
            before - IN_DOUBT_SECONDS <= killed <= min(after, before + IN_DOUBT_SECONDS)
            for killed in killed_at
        )
    ]
    assert unexplained == [], killed_at
