"""Nothing lost, doubled or out of order, whichever process is killed or hangs, broker included."""

import asyncio
import random
import signal
from collections import Counter

import pytest

from deploy.local.site import site_folder
from tests.crash import checks
from tests.crash.catcher import Catcher
from tests.crash.checks import Disturbance
from tests.crash.findings import Findings, published, unread_in
from tests.crash.people import SPECIALISTS, file_all, set_up, work
from tests.crash.reader import read_everything
from tests.crash.site import DistributedSite

COMPLAINTS = 5_000
KILLS, HANGS, BROKER_KILLS, BROKER_HANGS = 26, 10, 2, 2
PER_SECOND = 25.0
CLOCK_RATE = 60.0
"""Clocks of minutes run out while somebody hangs; faster, and two cores would only tell of it."""


@pytest.mark.long
async def test_forty_disturbances_in_a_run_of_five_thousand_complaints() -> None:
    catcher = Catcher()
    with site_folder() as folder:
        site = DistributedSite(folder, smtp_port=await catcher.open(), clock_rate=CLOCK_RATE)
        try:
            site.open()
            await site.until_ready()
            run = Run(site)
            acknowledged = await run.with_disturbances()
            found = await settled(site)
            seen = await read_everything(site.kafka.bootstrap_servers)
            codes = await asyncio.to_thread(site.stop)  # mails are under way to this very loop
            final = await site.findings()
        finally:
            site.abandon()
            await catcher.close()
    assert set(codes.values()) == {0}
    assert len(run.disturbances) == KILLS + HANGS + BROKER_KILLS + BROKER_HANGS
    assert len(acknowledged) == COMPLAINTS
    checks.every_filing_is_there_once(found, acknowledged)
    checks.every_event_counted_once_and_in_order(found)
    checks.decisions_are_neither_lost_nor_doubled(found)
    checks.clocks_are_neither_lost_nor_doubled(found)
    checks.mails_are_not_lost_and_doubles_were_in_doubt(
        final, catcher.accepted, run.disturbances, acknowledgements=COMPLAINTS
    )
    a_plain_consumer_saw_every_event_once(found, seen)


def a_plain_consumer_saw_every_event_once(
    found: Findings, seen: dict[tuple[str, int], list[int]]
) -> None:
    """What was recorded after the moment of the findings may have been seen too."""
    for place, gpos in published(found).items():
        assert seen[place][: len(gpos)] == gpos, place
        assert Counter(seen[place]).most_common(1)[0][1] == 1


class Run:
    """People at work while processes are killed and hang."""

    def __init__(self, site: DistributedSite) -> None:
        self._site = site
        self._dice = random.Random(40)
        self.disturbances: list[Disturbance] = []

    async def with_disturbances(self) -> dict[str, str]:
        """Keep filing and working meanwhile; the ids that filings were acknowledged with."""
        await set_up(self._site)
        done = asyncio.Event()
        filing = asyncio.ensure_future(file_all(self._site, COMPLAINTS, per_second=PER_SECOND))
        working = [asyncio.ensure_future(work(self._site, who, done)) for who in SPECIALISTS]
        plan = (
            [self._kill] * KILLS
            + [self._hang] * HANGS
            + [self._kill_broker] * BROKER_KILLS
            + [self._hang_broker] * BROKER_HANGS
        )
        self._dice.shuffle(plan)
        for disturb in plan:
            await asyncio.sleep(self._dice.uniform(0.3, 5.0))
            began = asyncio.get_running_loop().time()
            await disturb()
            ended = asyncio.get_running_loop().time()
            self.disturbances.append(Disturbance(began, ended))
        acknowledged = await filing
        done.set()
        acts = await asyncio.gather(*working)
        assert sum(acts) > COMPLAINTS / 20
        await self._site.until_ready()
        # The same keys get the same answers.
        assert await file_all(self._site, COMPLAINTS, per_second=300) == acknowledged
        return acknowledged

    async def _kill(self) -> None:
        member = self._dice.choice(self._site.members)
        self._site.kill(member)
        self._site.start(member)

    async def _hang(self) -> None:
        member = self._dice.choice(self._site.members)
        self._site.send(member, signal.SIGSTOP)
        await asyncio.sleep(self._dice.uniform(0.5, 12.0))
        self._site.send(member, signal.SIGCONT)

    async def _kill_broker(self) -> None:
        self._site.kafka.kill()
        await asyncio.to_thread(self._site.kafka.start)

    async def _hang_broker(self) -> None:
        self._site.kafka.pause()
        await asyncio.sleep(self._dice.uniform(1.0, 8.0))
        self._site.kafka.resume()


async def settled(site: DistributedSite) -> Findings:
    """The stores at a moment at which everything had been read and no mail waited."""
    behind = ["?"]
    for _ in range(1500):
        await asyncio.sleep(0.2)
        behind = await site.unread()
        if behind == []:
            found = await site.findings()
            if unread_in(found) == []:
                return found
    raise AssertionError(f"after five minutes: {behind}")
