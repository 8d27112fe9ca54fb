"""What the servers of this package have in common: how they are started, ended and waited for."""

import signal
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from deploy.local.ports import free_port
from deploy.local.process import ServerProcess


class ServerUnavailable(Exception):
    """There is no such server to be had here; the message says what to do."""


class LocalServer(ABC):
    """A server on loopback with its own folder.

    Data and port outlive `stop` and `kill`: `start` goes on with both.
    """

    NAME: ClassVar[str]
    START_SECONDS: ClassVar[float]
    UNAVAILABLE: ClassVar[type[ServerUnavailable]]

    def __init__(self, folder: Path, *, log: str) -> None:
        self._folder = folder.resolve()
        self._log = self._folder / log
        self._port = free_port()
        self._process: ServerProcess | None = None

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self._port

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return None if self._process is None else self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended by itself: full disks do that."""
        return self._process is not None and self._process.exit_code is not None

    @abstractmethod
    def _launch(self) -> ServerProcess:
        """Prepare the folder if it is new, and start the process."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it can be used."""

    def start(self) -> Self:
        """Start and wait until it answers. Raises `ServerUnavailable`."""
        if self._process is not None:
            return self
        self._process = self._launch()
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.kill()
            raise
        return self

    def _wait_until_it_answers(self, process: ServerProcess) -> None:
        end = time.monotonic() + self.START_SECONDS
        while not self._answers():
            if process.exit_code is not None or time.monotonic() > end:
                raise self.UNAVAILABLE(f"{self.NAME} does not start: see {self._log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in good order. It may be paused, or not running at all."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End it and all its children without warning."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def pause(self) -> None:
        """Make it hang: connections stay open, nothing is answered."""
        if self._process is not None:
            self._process.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        if self._process is not None:
            self._process.send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop, then start with the same data on the same port."""
        self.stop()
        self.start()
