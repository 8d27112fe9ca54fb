"""A distributed platform on real servers: several processes of each service, killed and hung."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
import httpx

from amends.distributed import PORTS
from deploy.local.kafka import LocalKafka
from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock, rfc3339
from shared.events.vocabulary import Role
from tests.crash.findings import (
    COPIES,
    EVENTS,
    HEADS,
    HELD,
    POSITIONS,
    SERVICES,
    TIMERS,
    Findings,
    Row,
    entries,
    unread,
)
from tests.support.gateway import Gateway

_SECRET: Final = "a secret that all processes of a test share"


@dataclass(slots=True)
class Member:
    """One process of a service, and the port it has whenever it runs."""

    service: str
    number: int
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def site_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's own user may enter."""
    with TemporaryDirectory(prefix="amends-site-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class DistributedSite:
    """The servers and all processes, in one folder. `clock_rate`: of business time."""

    def __init__(self, folder: Path, *, smtp_port: int, clock_rate: float, each: int = 2) -> None:
        self.folder = folder
        self.postgres = LocalPostgres(folder / "postgres")
        self.kafka = LocalKafka(folder / "kafka")
        self.members = [
            Member(service, number, free_port()) for service in PORTS for number in range(each)
        ]
        self._tokens = EmbeddedTokens(_SECRET.encode(), WallClock())
        self._turn = itertools.count()
        self._gateway = Gateway.of_the_project()
        self._environment = {
            **os.environ,
            "AMENDS_SECRET": _SECRET,
            "AMENDS_NOTIFY_MAIL_HOST": "127.0.0.1",
            "AMENDS_NOTIFY_MAIL_PORT": str(smtp_port),
            "AMENDS_TOPICS_REPLICATION": "1",
        }
        if clock_rate != 1:
            self._environment["AMENDS_REHEARSAL_RATE"] = str(clock_rate)
            self._environment["AMENDS_REHEARSAL_SINCE"] = rfc3339(WallClock().now())

    def url_of(self, path: str) -> str:
        """The members of a service take turns, whether they are there or not."""
        led = self._gateway.lead(path.partition("?")[0])
        assert led is not None, f"the gateway leads {path} nowhere"
        members = self.of(led.upstream)
        return members[next(self._turn) % len(members)].url + path

    def token(self, role: str, subject: str) -> str:
        """A token for this platform."""
        return self._tokens.issue(
            Principal(role=Role(role), subject=subject), lifetime=timedelta(days=1)
        )

    # -- servers and processes -------------------------------------------------------------

    def open(self) -> None:
        """Start the servers, prepare schemas and topics, start every process."""
        self.postgres.start()
        self.kafka.start()
        self._environment["DATABASE_URL"] = self.postgres.url
        self._environment["KAFKA_BOOTSTRAP_SERVERS"] = self.kafka.bootstrap_servers
        self.run("migrate")
        self.run("topics", "apply")
        for member in self.members:
            self.start(member)

    def run(self, *arguments: str) -> None:
        """Run a command of Amends to its end."""
        subprocess.run(
            [sys.executable, "-m", "amends.cli", *arguments],
            env=self._environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def of(self, service: str) -> list[Member]:
        """The members of a service."""
        return [member for member in self.members if member.service == service]

    def start(self, member: Member) -> None:
        """Start a process; it is not waited for."""
        with self.log_of(member).open("ab") as stderr:
            member.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "amends.cli", "serve", member.service),
                    *("--port", str(member.port)),
                ],
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )

    def log_of(self, member: Member) -> Path:
        """What a process said."""
        return self.folder / f"{member.service}-{member.number}.log"

    def kill(self, member: Member) -> None:
        """`kill -9`: no warning, no clean-up."""
        assert member.process is not None
        member.process.kill()
        member.process.wait()
        member.process = None

    def send(self, member: Member, number: signal.Signals) -> None:
        """Send a process a signal."""
        assert member.process is not None
        member.process.send_signal(number)

    def stop(self) -> dict[str, int]:
        """Ask every process to end; their exit codes."""
        running = [member for member in self.members if member.process is not None]
        for member in running:
            self.send(member, signal.SIGTERM)
        codes = {}
        for member in running:
            assert member.process is not None
            codes[f"{member.service}-{member.number}"] = member.process.wait(60)
            member.process = None
        return codes

    def abandon(self) -> None:
        """Leave nothing running, however the test went."""
        for member in self.members:
            if member.process is not None:
                member.process.kill()
                member.process.wait()
        self.kafka.kill()
        self.postgres.kill()

    async def until_ready(self) -> None:
        """Return once every process has read everything once."""
        async with httpx.AsyncClient() as http:
            for member in self.members:
                await self._until_ready(http, member)

    async def _until_ready(self, http: httpx.AsyncClient, member: Member) -> None:
        said = ""
        for _ in range(6000):
            assert member.process is not None
            assert member.process.poll() is None, self.log_of(member).read_text()
            try:
                answer = await http.get(f"{member.url}/readyz")
                if answer.status_code == 200:
                    return
                said = answer.text
            except httpx.HTTPError as error:
                said = repr(error)
            await asyncio.sleep(0.1)
        log = self.log_of(member).read_text()[-2000:]
        raise AssertionError(f"{member.service}-{member.number} is not ready: {said}\n{log}")

    # -- what it left behind ---------------------------------------------------------------

    async def unread(self) -> list[str]:
        """Consumers that are behind, and mails that wait, at one moment."""
        async with self._moment() as moment:
            heads: dict[tuple[str, int], int] = {}
            for service in SERVICES:
                for topic, shard, gpos in await moment.rows(service, HEADS):
                    heads[topic, shard] = gpos
            positions = [row for s in SERVICES for row in await moment.rows(s, POSITIONS)]
            held = [row for s in SERVICES for row in await moment.rows(s, HELD)]
            mails = [row for row in await moment.rows("notify", TIMERS) if row[1] == "real"]
        waiting = [f"{len(mails)} mails wait"] if mails else []
        return unread(heads, positions, held) + waiting

    async def findings(self) -> Findings:
        """The stores of all services, as they were at one moment."""
        async with self._moment() as moment:
            return Findings(
                events={s: entries(await moment.rows(s, EVENTS)) for s in SERVICES},
                positions={s: await moment.rows(s, POSITIONS) for s in SERVICES},
                held={s: await moment.rows(s, HELD) for s in SERVICES},
                timers={s: await moment.rows(s, TIMERS) for s in SERVICES},
                copies=await moment.rows("dashboard", COPIES),
            )

    def _moment(self) -> "_Moment":
        return _Moment(self.postgres.url)


class _Moment:
    """One transaction that sees the schemas of all services as of its beginning."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> "_Moment":
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def rows(self, service: str, query: str) -> list[Row]:
        await self._connection.execute(f'SET LOCAL search_path TO "{service}"')
        return [tuple(row) for row in await self._connection.fetch(query)]
