"""The folder of an embedded store: one process at a time, its clock, its secret."""

import fcntl
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from shared.clock import Clock, RatedClock, rfc3339

_SECRET_BYTES: Final = 32


class DataDirectoryInUse(Exception):
    """Another process has this folder open."""


class _Anchor(msgspec.Struct, frozen=True):
    business: datetime
    real: datetime
    rate: float


class DataDirectory:
    """A folder with one SQLite file per service, `clock.json` and `secret.key`.

    The secret signs tokens and links; the file is readable by its owner alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = None

    def lock(self) -> None:
        """Claim the folder for this process, until it ends. Raises `DataDirectoryInUse`."""
        handle = os.open(self.path / "amends.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise DataDirectoryInUse(f"{self.path} is in use by another amends") from error
        self._lock = handle

    def in_use(self) -> bool:
        """Whether another process has claimed the folder."""
        try:
            self.lock()
        except DataDirectoryInUse:
            return True
        self.unlock()
        return False

    def unlock(self) -> None:
        """Let others have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret(self) -> bytes:
        """The secret, made on first use."""
        path = self.path / "secret.key"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
        return path.read_bytes()

    def business_clock(self, real: Clock, rate: float) -> RatedClock:
        """The store's business clock, going on from where it was, at `rate` from now on.

        Business time also went on while nothing ran, at the rate of then; it never goes back,
        not even where the machine's clock did.
        """
        path = self.path / "clock.json"
        now = real.now()
        if path.exists():
            stored = msgspec.json.decode(path.read_bytes(), type=_Anchor)
            went_on = max(now, stored.real)
            then = RatedClock(
                _Still(went_on),
                rate=stored.rate,
                business_anchor=stored.business,
                real_anchor=stored.real,
            )
            anchor = _Anchor(then.now(), now, rate)
        else:
            anchor = _Anchor(now, now, rate)
        _write_whole(path, msgspec.json.encode(anchor))
        return RatedClock(real, rate=rate, business_anchor=anchor.business, real_anchor=anchor.real)


class _Still:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The time at which it stands."""
        return self._at

    def __repr__(self) -> str:
        return f"_Still({rfc3339(self._at)})"


def _write_whole(path: Path, data: bytes) -> None:
    """Replace a file in one step: after a crash it holds the old or the new, never half."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
