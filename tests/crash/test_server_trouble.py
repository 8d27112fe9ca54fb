"""Kafka or PostgreSQL away, restarted, or out of disk: an alarm, no loss, and no hand is needed.

People keep filing all the while. Whoever keeps servers running (Docker, systemd, Kubernetes) starts
one again that has ended: here it is the test.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.server import LocalServer, ServerUnavailable
from deploy.local.site import site_folder
from tests.crash import checks
from tests.crash.catcher import Catcher
from tests.crash.checks import Disturbance
from tests.crash.people import file_all, set_up
from tests.crash.reader import read_everything
from tests.crash.site import DistributedSite
from tests.crash.test_distributed import a_plain_consumer_saw_every_event_once, settled

pytestmark = pytest.mark.long

COMPLAINTS = 900
PER_SECOND = 10.0
CALM_SECONDS = 5.0
AWAY_SECONDS = 60.0
DISK_MB = 320


class Scene:
    """A platform with one process of each service, and how it takes trouble."""

    def __init__(self, site: DistributedSite, catcher: Catcher) -> None:
        self.site = site
        self._catcher = catcher

    async def alarm(self, service: str, metric: str) -> float:
        """The highest value of a gauge of a process now; 0 if it has none."""
        (member,) = self.site.of(service)
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"{member.url}/metrics", timeout=30)).text
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
        return max((s.value for s in samples if s.name == metric), default=0.0)

    async def until(self, service: str, metric: str, *, above: float) -> None:
        """Wait for an alarm."""
        for _ in range(450):
            if await self.alarm(service, metric) > above:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"{service} raised no alarm by {metric} in a minute and a half")

    async def play(self, trouble: Callable[["Scene"], Awaitable[None]]) -> None:
        """File, let the trouble come and go, and see that nothing came of it."""
        await set_up(self.site)
        filing = asyncio.ensure_future(file_all(self.site, COMPLAINTS, per_second=PER_SECOND))
        await asyncio.sleep(CALM_SECONDS)
        began = asyncio.get_running_loop().time()
        await trouble(self)
        ended = asyncio.get_running_loop().time()
        acknowledged = await filing
        await self.site.until_ready()
        found = await settled(self.site)
        for service, metric in (
            *((s, "amends_storage_unavailable") for s in ("intake", "routing", "notify")),
            *((s, "amends_kafka_unavailable") for s in ("intake", "relay", "sla")),
        ):
            assert await self.alarm(service, metric) == 0, f"{service} still alarms: {metric}"
        seen = await read_everything(self.site.kafka.bootstrap_servers)
        assert set((await asyncio.to_thread(self.site.stop)).values()) == {0}
        assert len(acknowledged) == COMPLAINTS
        checks.every_filing_is_there_once(found, acknowledged)
        checks.every_event_counted_once_and_in_order(found)
        checks.decisions_are_neither_lost_nor_doubled(found)
        checks.mails_are_not_lost_and_doubles_were_in_doubt(
            await self.site.findings(),
            self._catcher.accepted,
            [Disturbance(began, ended)],
            acknowledgements=COMPLAINTS,
        )
        a_plain_consumer_saw_every_event_once(found, seen)


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """A platform that has read everything."""
    catcher = Catcher()
    site = DistributedSite(folder, smtp_port=await catcher.open(), clock_rate=1, each=1)
    try:
        site.open()
        await site.until_ready()
        yield Scene(site, catcher)
    except BaseException as error:
        for member in site.members:
            said = [
                line
                for line in site.log_of(member).read_text().splitlines()
                if "storage_unavailable" not in line
            ]
            error.add_note("\n".join([f"{member.name} said:", *said[-60:]]))
        raise
    finally:
        site.abandon()
        await catcher.close()


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """A file system of its own, small enough to fill. Needs root: it is never skipped."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "tmpfs", str(place)]
    done = subprocess.run(mount, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(f"a small disk can only be made by root on Linux: {done.stderr}", pytrace=False)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave not one byte free; the file that took it all."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 65536):
            pass
    return ballast


async def kept_running(server: LocalServer, over: asyncio.Event) -> None:
    """Start a server that has ended, as its supervisor would, until all is over and it runs."""
    while not over.is_set() or server.has_ended or server.pid is None:
        if server.has_ended or server.pid is None:
            server.kill()
            with suppress(ServerUnavailable):
                await asyncio.to_thread(server.start)
        await asyncio.sleep(0.5)


async def full_for_a_while(server: LocalServer, place: Path, alarm: Awaitable[None]) -> None:
    """The server's disk is full until the alarm was heard, and for ten seconds more."""
    over = asyncio.Event()
    keeping = asyncio.create_task(kept_running(server, over))
    ballast = fill(place)
    await alarm
    await asyncio.sleep(10)
    ballast.unlink()
    await asyncio.sleep(2)  # what ends because of it has ended by then
    over.set()
    await keeping


async def test_the_broker_cannot_be_reached_for_a_minute() -> None:
    async def away(scene: Scene) -> None:
        scene.site.kafka.kill()
        await scene.until("relay", "amends_relay_lag_seconds", above=30)
        assert await scene.alarm("relay", "amends_kafka_unavailable") == 1
        assert await scene.alarm("sla", "amends_kafka_unavailable") == 1
        assert await scene.alarm("intake", "amends_storage_unavailable") == 0
        await asyncio.sleep(AWAY_SECONDS - 30)
        before = await scene.site.filed()
        await asyncio.sleep(2)
        assert await scene.site.filed() > before, "filings are taken while the broker is away"
        await asyncio.to_thread(scene.site.kafka.start)

    with site_folder() as folder:
        async with scene(folder) as one:
            await one.play(away)


async def test_the_database_is_restarted() -> None:
    async def restarted(scene: Scene) -> None:
        for _ in range(3):
            await asyncio.to_thread(scene.site.postgres.restart)
            await asyncio.sleep(3)
        scene.site.postgres.kill()
        await scene.until("intake", "amends_storage_unavailable", above=0)
        await asyncio.to_thread(scene.site.postgres.start)

    with site_folder() as folder:
        async with scene(folder) as one:
            await one.play(restarted)


async def test_the_disk_of_the_database_is_full() -> None:
    with site_folder() as folder, small_disk(folder / "postgres"):

        async def full(scene: Scene) -> None:
            alarm = scene.until("intake", "amends_storage_unavailable", above=0)
            await full_for_a_while(scene.site.postgres, folder / "postgres", alarm)

        async with scene(folder) as one:
            await one.play(full)


async def test_the_disk_of_the_broker_is_full() -> None:
    with site_folder() as folder, small_disk(folder / "kafka"):

        async def full(scene: Scene) -> None:
            alarm = scene.until("relay", "amends_kafka_unavailable", above=0)
            await full_for_a_while(scene.site.kafka, folder / "kafka", alarm)

        async with scene(folder) as one:
            await one.play(full)
