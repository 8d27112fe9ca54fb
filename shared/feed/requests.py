"""What is asked in one process and done in another: by whoever owns the key's partition then.

A request is a document beside the log, and so is its answer. Who asks waits for a while; after
that the request stays, and is done by the next who owns the partition.
"""

from dataclasses import dataclass, replace
from typing import Final

from shared.clock import MonotonicClock
from shared.codec import pack, unpack
from shared.eventlog.ports import EventLog
from shared.unit_of_work import UnitOfWork, transact

_REDRIVE: Final = "redrive"
_DROP: Final = "drop"
_LOOK_SECONDS: Final = 0.2

PATIENCE_SECONDS: Final = 20.0
"""The owner looks once a second; a takeover takes some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Skip the record of a dead letter for good: who says so, and why."""

    letter: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Handle again what is parked of a key, in order; before that, drop one record of it."""

    key: str
    drop: Drop | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """`key` and `drop` are those of a drop; a redrive is named after its key."""

    handled: int | None = None
    waited: bool = True
    key: str = ""
    drop: Drop | None = None


class Requests:
    """The requests for one consumer."""

    def __init__(self, consumer: str, log: EventLog, monotonic: MonotonicClock) -> None:
        self._prefix = f"{consumer}|"
        self._log = log
        self._monotonic = monotonic

    async def ask(self, asked: Asked, *, seconds: float = PATIENCE_SECONDS) -> int | None:
        """How many events could be handled. None: nobody answered in time; the request stays."""
        looks = round(seconds / _LOOK_SECONDS)
        request = _Request(waited=looks > 0, key=asked.key, drop=asked.drop)

        async def put(work: UnitOfWork) -> None:
            await work.put(*self._name(asked), pack(request))

        await transact(self._log, put)
        for _ in range(looks):
            await self._monotonic.sleep(_LOOK_SECONDS)
            document = await self._log.document(*self._name(asked))
            if document.data is None:
                return 0  # somebody else asked the same, and took the answer
            if unpack(document.data, _Request).handled is not None:
                break
        return await transact(self._log, lambda work: self._end_waiting(work, asked))

    async def _end_waiting(self, work: UnitOfWork, asked: Asked) -> int | None:
        """Take the answer if there is one by now, or leave the request to others."""
        request = await self._read(work, asked)
        if request is None:
            return 0
        left = replace(request, waited=False) if request.handled is None else None
        await work.put(*self._name(asked), None if left is None else pack(left))
        return request.handled

    async def open(self) -> list[Asked]:
        """What is asked and not done yet."""
        found = []
        for kind in (_REDRIVE, _DROP):
            for document in await self._log.documents(kind):
                if document.data is None or not document.key.startswith(self._prefix):
                    continue
                request = unpack(document.data, _Request)
                key = document.key.removeprefix(self._prefix) if kind == _REDRIVE else request.key
                if request.handled is None:
                    found.append(Asked(key, request.drop))
        return found

    async def answer(self, asked: Asked, handled: int) -> None:
        """It is done: tell whoever waits; if nobody does any more, that was that."""

        async def act(work: UnitOfWork) -> None:
            request = await self._read(work, asked)
            if request is not None:
                told = pack(replace(request, handled=handled)) if request.waited else None
                await work.put(*self._name(asked), told)

        await transact(self._log, act)

    async def _read(self, work: UnitOfWork, asked: Asked) -> _Request | None:
        data = await work.document(*self._name(asked))
        return None if data is None else unpack(data, _Request)

    def _name(self, asked: Asked) -> tuple[str, str]:
        if asked.drop is None:
            return _REDRIVE, f"{self._prefix}{asked.key}"
        return _DROP, f"{self._prefix}{asked.drop.letter}"
