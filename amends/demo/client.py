"""The platform's HTTP API as a caller sees it, and what to do when it says no."""

import asyncio
import secrets
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import httpx

RACES: Final = frozenset(
    {
        "already_answered",
        "conflict",
        "no_open_request",
        "not_assigned",
        "request_open",
        "review_not_open",
        "solution_superseded",
        "survey_closed",
        "version_mismatch",
        "wrong_status",
    }
)
"""Refusals that only mean that somebody else was quicker."""

_LATER: Final = frozenset({"assignment_pending", "storage_unavailable", "too_many_requests"})
_TRIES: Final = 6
_PAUSE_SECONDS: Final = 0.1


class Refusal(Exception):
    """The platform said no."""

    def __init__(self, method: str, path: str, answer: httpx.Response) -> None:
        self.status = answer.status_code
        problem = _problem(answer)
        self.code = str(problem.get("code", f"http_{answer.status_code}"))
        self.errors = problem.get("errors") or []
        said = problem.get("detail") or answer.reason_phrase
        wrong = "; ".join(f"{e.get('field')}: {e.get('message')}" for e in self.errors)
        tail = f" ({wrong})" if wrong else ""
        super().__init__(f"{method} {path}: {answer.status_code} {self.code}: {said}{tail}")


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Client:
    """Calls the API as whoever a token stands for, and counts refusals by code."""

    def __init__(self, url: str, *, connections: int = 12) -> None:
        self.races: Counter[str] = Counter()
        self._took: list[float] = []
        # Requests wait here and not in httpx's pool, whose work grows with those that wait.
        self._turns = asyncio.Semaphore(connections)
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._http = httpx.AsyncClient(base_url=url, limits=limits, timeout=30.0, trust_env=False)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    def median_ms(self) -> float:
        """How long the platform took to answer: the median so far, in milliseconds."""
        return statistics.median(self._took) * 1000 if self._took else 0.0

    async def get(self, token: str, path: str, **params: object) -> Any:
        """The JSON answer of a read. Raises `Refusal`."""
        given = {name: str(value) for name, value in params.items() if value is not None}
        return (await self._call("GET", token, path, params=given)).json()

    async def items(self, token: str, path: str, **params: object) -> AsyncIterator[Any]:
        """Every item of a list, page after page. Raises `Refusal`."""
        cursor: str | None = None
        while True:
            page = await self.get(token, path, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def put(self, token: str, path: str, body: Mapping[str, Any]) -> Any:
        """Raises `Refusal`."""
        answer = await self._call("PUT", token, path, json=body)
        return answer.json() if answer.content else None

    async def post(
        self, token: str | None, path: str, body: Mapping[str, Any], *, version: int | None = None
    ) -> Any:
        """The JSON answer of an act; `version` is sent as If-Match. Raises `Refusal`."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self._call("POST", token, path, json=body, headers=headers)
        return answer.json() if answer.content else None

    async def act(
        self, token: str | None, path: str, body: Mapping[str, Any], *, version: int | None = None
    ) -> Any | None:
        """Like `post`, but a lost race is counted and answered None. Raises `Refusal`."""
        try:
            return await self.post(token, path, body, version=version)
        except Refusal as refusal:
            if refusal.code not in RACES:
                raise
            self.races[refusal.code] += 1
            return None

    async def _call(
        self,
        method: str,
        token: str | None,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **sent: Any,
    ) -> httpx.Response:
        sent_headers = dict(headers or {})
        if token is not None:
            sent_headers["Authorization"] = f"Bearer {token}"
        for left in reversed(range(_TRIES)):
            async with self._turns:
                began = time.monotonic()
                answer = await self._http.request(method, path, headers=sent_headers, **sent)
                self._took.append(time.monotonic() - began)
            if answer.is_success:
                return answer
            refusal = Refusal(method, path, answer)
            if refusal.code not in _LATER or left == 0:
                raise refusal
            await asyncio.sleep(_PAUSE_SECONDS)
        raise AssertionError("the last try raises")
