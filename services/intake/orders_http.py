"""The order system behind HTTP: `GET <url>/<order id>`, as docs/operations.md describes it."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote

import httpx
import msgspec
import stamina

from services.intake.circuit import Circuit
from services.intake.domain.checking_commands import Order
from services.intake.orders import OrdersUnavailable
from shared.clock import MonotonicClock

_MOST_BYTES: Final = 65_536
"""An answer that says more than this is about something else."""

_PASSING: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}
)
"""Statuses after which it is worth asking again."""


class _Answer(msgspec.Struct, frozen=True):
    """What is read of an order; whatever else it says is left alone."""

    consumer_id: str
    merchant_id: str
    paid_minor: Annotated[int, msgspec.Meta(ge=0)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


_decoder: Final = msgspec.json.Decoder(_Answer)


class _Passing(OrdersUnavailable):
    """Asking again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long an order system is waited for. Seconds are real ones.

    `seconds` for one attempt, from connecting to the last byte; `attempts` in all, with a pause of
    `pause` before the second, each further one twice as long and up to `pause` of jitter; after
    `failures` attempts in a row that came to nothing it is left alone for `rest`.
    """

    seconds: float = 2.0
    attempts: int = 3
    pause: float = 0.1
    failures: int = 5
    rest: float = 30.0


class HttpOrderBook:
    """Asks over HTTP: time-outs, retries with backoff and jitter, and a circuit breaker.

    404 says that there is no such order. What is no order at all (another status, a redirect, too
    long, not JSON, a field missing) counts as no answer.
    """

    source: Final = "order_system"

    def __init__(
        self, url: str, monotonic: MonotonicClock, *, token: str = "", patience: Patience
    ) -> None:
        # No compression: what is counted is what is held in memory.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._url = url.rstrip("/")
        self._http = httpx.AsyncClient(
            headers=headers, timeout=patience.seconds, follow_redirects=False, trust_env=False
        )
        self._monotonic = monotonic
        self._patience = patience
        self._circuit = Circuit(most=patience.failures, rest=patience.rest)

    async def look_up(self, order_id: str) -> Order | None:
        """See `OrderBook.look_up`."""
        wait = self._patience
        async for attempt in stamina.retry_context(
            on=_Passing,
            attempts=wait.attempts,
            timeout=None,
            wait_initial=wait.pause,
            wait_jitter=wait.pause,
        ):
            with attempt:
                return await self._attempt(order_id)
        raise AssertionError("unreachable")

    async def _attempt(self, order_id: str) -> Order | None:
        if not self._circuit.admits(self._monotonic.seconds()):
            raise OrdersUnavailable("it failed again and again and is left alone for a while")
        try:
            order = await self._ask(order_id)
        except OrdersUnavailable:
            self._circuit.failed(self._monotonic.seconds())
            raise
        self._circuit.succeeded()
        return order

    async def _ask(self, order_id: str) -> Order | None:
        url = f"{self._url}/{quote(order_id, safe='')}"
        try:
            async with (
                asyncio.timeout(self._patience.seconds),
                self._http.stream("GET", url) as response,
            ):
                return await _understood(response)
        except TimeoutError as error:
            raise _Passing(f"no answer within {self._patience.seconds} s") from error
        except httpx.TransportError as error:
            raise _Passing(f"{type(error).__name__}: {error}") from error
        except httpx.InvalidURL as error:
            raise OrdersUnavailable(f"{url}: {error}") from error

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()


async def _understood(response: httpx.Response) -> Order | None:
    status = response.status_code
    if status == HTTPStatus.NOT_FOUND:
        return None
    if status in _PASSING:
        raise _Passing(f"it answered {status}")
    if status != HTTPStatus.OK:
        raise OrdersUnavailable(f"it answered {status}")
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise OrdersUnavailable(f"it answered more than {_MOST_BYTES} bytes")
    try:
        answer = _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OrdersUnavailable(f"its answer is no order: {error}") from error
    return Order(
        consumer_id=answer.consumer_id,
        merchant_id=answer.merchant_id,
        paid_minor=answer.paid_minor,
        currency=answer.currency,
    )
