"""The real servers that tests run on: those of the environment, or our own for this process."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.postgres import LocalPostgres


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL database. Fails, and never skips, if there is none to be had."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="amends-postgres-") as name:
        Path(name).chmod(0o755)
        server = LocalPostgres(Path(name) / "server").start()
        try:
            yield server.url
        finally:
            server.stop()
