"""Runs a command with a real broker and a real database: `python -m deploy.local -- COMMAND…`.

Whatever KAFKA_BOOTSTRAP_SERVERS or DATABASE_URL already names is used as it is; the others are
started for the command alone, named to it by these variables, and stopped when it has ended, also
after Ctrl-C or SIGTERM. The exit code is the command's.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

from deploy.local.kafka import LocalKafka, fetch_jars
from deploy.local.postgres import LocalPostgres
from deploy.local.server import ServerUnavailable

_USAGE: Final = 2
_KILLED: Final = 128
"""What a shell adds to the number of the signal that ended a command."""


class _Told(Exception):
    """SIGTERM came."""


def main(arguments: list[str]) -> int:
    """Run the command; its exit code."""
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stderr.write(f"{__doc__}")
        return _USAGE
    signal.signal(signal.SIGTERM, _tell)
    try:
        with _services() as variables:
            return _run(arguments, {**os.environ, **variables})
    except ServerUnavailable as error:
        sys.stderr.write(f"amends: {error}\n")
        return 1
    except (KeyboardInterrupt, _Told) as told:
        number = signal.SIGTERM if isinstance(told, _Told) else signal.SIGINT
        return _KILLED + number


def _tell(_number: int, _frame: FrameType | None) -> None:
    raise _Told


@contextlib.contextmanager
def _services() -> Iterator[dict[str, str]]:
    """What is not there yet, and the variables that name it."""
    variables = {}
    with contextlib.ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="amends-local-")))
        folder.chmod(0o711)  # a database started by root runs as somebody else
        if not os.environ.get("DATABASE_URL"):
            postgres = LocalPostgres(folder / "postgres")
            started.callback(postgres.stop)
            postgres.start()
            variables["DATABASE_URL"] = postgres.url
        if not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
            fetch_jars()
            kafka = LocalKafka(folder / "kafka")
            started.callback(kafka.stop)
            kafka.start()
            variables["KAFKA_BOOTSTRAP_SERVERS"] = kafka.bootstrap_servers
        yield variables


def _run(command: list[str], environment: dict[str, str]) -> int:
    """The command's exit code. It ends in its own time after Ctrl-C or SIGTERM, then we do."""
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - what the caller asked for
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue  # the terminal has told the command too
        except _Told:
            process.terminate()
            continue
        return code if code >= 0 else _KILLED - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
