"""Look-ups that wait together become one query: the busier the process, the cheaper each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Batched(Generic[K, V]):
    """Looks keys up, one query at a time; what is asked for meanwhile goes into the next one.

    An answer is never older than the question: a query begins after all of its keys were asked.
    """

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._fetch = fetch
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """What belongs to a key; None if nothing does. Raises what the query raised."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        # Shielded: whoever gives up must not take the answer from others who asked the same.
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                found = await self._fetch(list(asked))
            except Exception as error:  # noqa: BLE001 - goes to everybody who asked
                for answer in asked.values():
                    answer.set_exception(error)
                    answer.exception()  # who gave up does not look at it: that is no mistake
                continue
            for key, answer in asked.items():
                answer.set_result(found.get(key))
        self._task = None
