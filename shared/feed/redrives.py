"""Redrives asked for in one process and done in another: by whoever owns the key's partition now.

A request is a document beside the log, and so is its answer; neither outlives the call for long.
"""

from dataclasses import dataclass
from typing import Final

from shared.clock import MonotonicClock
from shared.codec import pack, unpack
from shared.eventlog.ports import EventLog
from shared.unit_of_work import transact

_KIND: Final = "redrive"
_LOOK_SECONDS: Final = 0.2
_PATIENCE: Final = 100
"""Looks: 20 seconds. The owner looks once a second; a takeover takes some seconds."""


class NobodyAnswers(Exception):
    """No process owns the partition of that key now. The request was taken back."""


@dataclass(frozen=True, slots=True)
class _Request:
    handled: int | None = None


class Redrives:
    """The requests for one consumer."""

    def __init__(self, consumer: str, log: EventLog, monotonic: MonotonicClock) -> None:
        self._prefix = f"{consumer}|"
        self._log = log
        self._monotonic = monotonic

    async def ask(self, key: str) -> int:
        """How many events the owner could handle. Raises `NobodyAnswers`."""
        await self._put(key, _Request())
        for _ in range(_PATIENCE):
            await self._monotonic.sleep(_LOOK_SECONDS)
            data = (await self._log.document(_KIND, self._prefix + key)).data
            answered = None if data is None else unpack(data, _Request).handled
            if answered is not None:
                await self._put(key, None)
                return answered
        await self._put(key, None)
        raise NobodyAnswers(key)

    async def asked(self) -> list[str]:
        """The keys that somebody waits for."""
        return [
            document.key.removeprefix(self._prefix)
            for document in await self._log.documents(_KIND)
            if document.key.startswith(self._prefix)
            and document.data is not None
            and unpack(document.data, _Request).handled is None
        ]

    async def answer(self, key: str, handled: int) -> None:
        """Tell whoever asked."""
        await self._put(key, _Request(handled))

    async def _put(self, key: str, request: _Request | None) -> None:
        data = None if request is None else pack(request)
        await transact(self._log, lambda work: work.put(_KIND, self._prefix + key, data))
