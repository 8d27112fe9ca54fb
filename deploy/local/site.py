"""A whole platform on real servers of its own: its processes are started and ended here."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from deploy.local.kafka import LocalKafka
from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from shared.auth import EmbeddedTokens, Principal
from shared.clock import WallClock
from shared.events.vocabulary import Role

_SECRET: Final = "a secret that all processes of a local site share"  # noqa: S105 - opens nothing else
_READY_TRIES: Final = 6000
_READY_PAUSE_SECONDS: Final = 0.1


class NotReady(Exception):
    """A process ended, or did not read everything in ten minutes; the message shows its log."""


@dataclass(slots=True)
class Member:
    """One process of a service, and the port it has whenever it runs."""

    service: str
    number: int
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def name(self) -> str:
        """What its log is called by."""
        return f"{self.service}-{self.number}"

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


class LocalSite:
    """PostgreSQL, Kafka and processes of Amends, in one folder.

    `processes` says how many of each service; `variables` are added to their environment.
    """

    def __init__(
        self, folder: Path, processes: Mapping[str, int], variables: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.postgres = LocalPostgres(folder / "postgres")
        self.kafka = LocalKafka(folder / "kafka")
        self.members = [
            Member(service, number, free_port())
            for service, count in processes.items()
            for number in range(count)
        ]
        self._tokens = EmbeddedTokens(_SECRET.encode(), WallClock())
        self._environment = {
            **os.environ,
            "AMENDS_SECRET": _SECRET,
            "AMENDS_TOPICS_REPLICATION": "1",
            **variables,
        }

    def token(self, role: str, subject: str) -> str:
        """A token for this platform, good for a day."""
        return self._tokens.issue(
            Principal(role=Role(role), subject=subject), lifetime=timedelta(days=1)
        )

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
        """Run a command of Amends to its end. Raises `CalledProcessError` if it fails."""
        subprocess.run(  # noqa: S603 - our own command
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
            member.process = subprocess.Popen(  # noqa: S603 - our own command
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
        return self.folder / f"{member.name}.log"

    def kill(self, member: Member) -> None:
        """`kill -9`: no warning, no clean-up."""
        if member.process is not None:
            member.process.kill()
            member.process.wait()
            member.process = None

    def send(self, member: Member, number: signal.Signals) -> None:
        """Send a process a signal, if it runs."""
        if member.process is not None:
            member.process.send_signal(number)

    def stop(self) -> dict[str, int]:
        """Ask every process to end; their exit codes by name."""
        running = [(member, member.process) for member in self.members if member.process]
        for member, _ in running:
            self.send(member, signal.SIGTERM)
        codes = {}
        for member, process in running:
            codes[member.name] = process.wait(60)
            member.process = None
        return codes

    def abandon(self) -> None:
        """Leave nothing running, however it went."""
        for member in self.members:
            self.kill(member)
        self.kafka.kill()
        self.postgres.kill()

    async def until_ready(self) -> None:
        """Return once every process has read everything once. Raises `NotReady`."""
        async with httpx.AsyncClient() as http:
            for member in self.members:
                await self._until_ready(http, member)

    async def _until_ready(self, http: httpx.AsyncClient, member: Member) -> None:
        said = ""
        for _ in range(_READY_TRIES):
            if member.process is None or member.process.poll() is not None:
                raise NotReady(f"{member.name} has ended:\n{self._said_by(member)}")
            try:
                answer = await http.get(f"{member.url}/readyz")
                if answer.is_success:
                    return
                said = answer.text
            except httpx.HTTPError as error:
                said = repr(error)
            await asyncio.sleep(_READY_PAUSE_SECONDS)
        raise NotReady(f"{member.name} is not ready: {said}\n{self._said_by(member)}")

    def _said_by(self, member: Member) -> str:
        return self.log_of(member).read_text()[-2000:]
