"""The services of docker-compose.yml as processes of this machine, on a real broker and database.

Commands, variables, order and health checks are the file's own. Replaced are only places: hosts,
ports, and where secrets lie.
"""

import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from deploy.local.kafka import LocalKafka
from deploy.local.ports import free_port
from deploy.local.postgres import LocalPostgres
from deploy.local.process import ServerProcess
from tests.architecture.sources import ROOT
from tests.support.compose import Compose, Container, seconds
from tests.support.gateway import Gateway
from tests.support.variables import read_by

ENTRY_POINT: Final = (sys.executable, "-m", "amends.cli")
"""What `amends` is here."""

_PATIENCE: Final = 1.5
"""How much longer than the file says may be waited, on a machine with other things to do."""

_JOB_SECONDS: Final = 120.0


async def ran(
    *command: str, environment: Mapping[str, str], folder: Path = ROOT
) -> tuple[int, str]:
    """Exit code and output of a command that sees these variables alone."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_JOB_SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()


@dataclass(slots=True)
class Site:
    """Everything the file starts. `settings` is what an operator wrote into `.env`."""

    compose: Compose
    folder: Path
    mail_port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    postgres: LocalPostgres = field(init=False)
    kafka: LocalKafka = field(init=False)
    _ports: dict[str, int] = field(default_factory=dict)
    _running: dict[str, ServerProcess] = field(default_factory=dict)
    _gateway: Gateway = field(default_factory=Gateway.of_the_project)

    def __post_init__(self) -> None:
        self.postgres = LocalPostgres(self.folder / "postgres")
        self.kafka = LocalKafka(self.folder / "kafka")

    def url_of(self, path: str) -> str:
        """Where the service is that the gateway would ask."""
        led = self._gateway.lead(path)
        assert led is not None, f"the gateway leads {path} nowhere"
        return f"http://127.0.0.1:{self._ports[led.upstream]}{led.path}"

    def secret(self, name: str) -> str:
        """What `make compose-secret` made."""
        return (self.folder / self.compose.secret_files()[name]).read_text()

    async def start(self) -> None:
        """Everything that does not run, in its order; returns once all that serve are well."""
        await self._make_secrets()
        for container in self.compose.in_order():
            await self._wait_for(container)
            await self._start(container)
        for name in self._running:
            await self._until_well(self.compose.containers[name])

    async def _make_secrets(self) -> None:
        [place] = {path.parent for path in self.compose.secret_files().values()}
        self.folder.chmod(0o711)  # a database started by root runs as somebody else
        code, output = await ran(
            str(ROOT / "scripts" / "compose-secret"),
            str(self.folder / place),
            environment={"PATH": "/usr/bin:/bin"},
        )
        assert code == 0, output

    async def _wait_for(self, container: Container) -> None:
        for name, condition in container.waits_for.items():
            other = self.compose.containers[name]
            if condition == "service_healthy" and other.ours:
                await self._until_well(other)
            else:
                # A job has ended well, or there would be no going on; the servers' own starts wait.
                assert other.is_job == (condition == "service_completed_successfully"), name

    async def _start(self, container: Container) -> None:
        if container.name == "postgres":
            await asyncio.to_thread(self.postgres.start)
            if not self._database_url.exists():
                await self._make_database(container)
        elif container.name == "kafka":
            await asyncio.to_thread(self.kafka.start)
        elif container.ours and container.is_job:
            command = (*ENTRY_POINT, *container.command)
            code, output = await ran(*command, environment=self.environment(container))
            assert code == 0, f"{container.name}: {output}"
        elif container.ours:
            self._serve(container)

    def _serve(self, container: Container) -> None:
        # `env` becomes the command: what the shell of the test has exported stays out.
        told = [f"{name}={value}" for name, value in self.environment(container).items()]
        command = ["env", "-i", *told, *ENTRY_POINT, *container.command]
        self._running[container.name] = ServerProcess(command, output=self._log(container.name))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    @property
    def _database_url(self) -> Path:
        """What stands in the place of the secret, with this machine's address."""
        return self.folder / "database_url"

    async def database(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection to the platform's database."""
        return await asyncpg.connect(self._database_url.read_text())

    async def _make_database(self, container: Container) -> None:
        """As the image makes it at its first start."""
        told = container.environment
        user, database = told["POSTGRES_USER"], told["POSTGRES_DB"]
        address = urlsplit(self.secret("database_url"))
        assert (address.username, address.path) == (user, f"/{database}")
        assert (address.hostname, address.port) == (container.name, 5432)
        assert address.password == self.secret(container.secrets[told["POSTGRES_PASSWORD_FILE"]])
        connection = await asyncpg.connect(self.postgres.url)
        await connection.execute(f"CREATE ROLE {user} SUPERUSER LOGIN")
        await connection.execute(f"CREATE DATABASE {database} OWNER {user}")
        await connection.close()
        here = self.postgres.url_of(database, user=user)
        self._database_url.write_text(here)

    def environment(self, container: Container) -> dict[str, str]:
        """What its processes see, with the places of this machine; nothing that nobody reads."""
        assert container.environment.keys() <= read_by(container.command), container.name
        plain = {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
        told = {**self.settings, **container.environment}
        return plain | {name: self._here(container, name, value) for name, value in told.items()}

    def _here(self, container: Container, name: str, value: str) -> str:
        if value.startswith("/run/secrets/"):
            secret = container.secrets[value]
            if secret == "database_url":
                return str(self._database_url)
            return str(self.folder / self.compose.secret_files()[secret])
        match name:
            case "KAFKA_BOOTSTRAP_SERVERS":
                broker = self.compose.containers["kafka"].environment
                assert f"//{value}" in broker["KAFKA_ADVERTISED_LISTENERS"], value
                return self.kafka.bootstrap_servers
            case "AMENDS_NOTIFY_MAIL_HOST":
                assert value in self.compose.containers, value
                return "127.0.0.1"
            case "AMENDS_NOTIFY_MAIL_PORT":
                return str(self.mail_port)
            case "AMENDS_HOST":
                return "127.0.0.1"
            case "AMENDS_PORT":
                return str(self._ports.setdefault(container.name, free_port()))
            case _:
                return value

    async def _until_well(self, container: Container) -> None:
        told = container.health
        longest = seconds(told["start_period"]) + seconds(told["interval"]) * told["retries"]
        kind, program, *arguments = told["test"]
        assert (kind, program) == ("CMD", "python"), "what else is there in the image?"
        port = container.environment["AMENDS_PORT"]
        here = [re.sub(rf"\b{port}\b", str(self._ports[container.name]), a) for a in arguments]
        process = self._running[container.name]
        try:
            async with asyncio.timeout(longest * _PATIENCE):
                while (await ran(sys.executable, *here, environment={}))[0] != 0:
                    assert process.exit_code is None, self._log(container.name).read_text()
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(self._log(container.name).read_text()) from None

    async def stop_serving(self) -> None:
        """End what this project runs, last started first; each ends by itself and in good order."""
        codes = {}
        while self._running:
            name, process = self._running.popitem()
            await asyncio.to_thread(process.stop)
            codes[name] = process.exit_code
        assert set(codes.values()) <= {0}, codes

    async def stop(self) -> None:
        """End everything."""
        try:
            await self.stop_serving()
        finally:
            await asyncio.to_thread(self.kafka.stop)
            await asyncio.to_thread(self.postgres.stop)
