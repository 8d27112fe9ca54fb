"""A server process that never outlives the process that started it, however that one ends."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_STOP_SECONDS: Final = 30.0

_GUARD: Final = 'cat >/dev/null; kill -KILL "$1" 2>/dev/null'
"""Waits for the end of its input, which is the end of whoever holds the other end of the pipe."""


class ServerProcess:
    """One process, in a session of its own: a Ctrl-C at the terminal does not reach it.

    `user` runs it instead of the caller, who has to be root for that.
    """

    def __init__(self, command: Sequence[str], *, output: Path, user: str | None = None) -> None:
        with output.open("ab") as file:
            self._process = subprocess.Popen(  # noqa: S603 - a command of this package
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                cwd=None if user is None else "/",
            )
        self._guard = subprocess.Popen(  # noqa: S603 - a constant and a number
            ["/bin/sh", "-c", _GUARD, "guard", str(self._process.pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self) -> None:
        """Ask it to end, wait, and after 30 seconds make it."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._ended()

    def kill(self) -> None:
        """End it and its children at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._ended()

    def _ended(self) -> None:
        self._process.wait()
        # The guard first, or at the end of its input it would kill whoever has that number then.
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.close()
