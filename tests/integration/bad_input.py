"""Sends what no client of ours would send, and reads the refusal as its contract has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from shared.events.registry import COMPLAINTS
from tests.crossings.calm import nothing_in_limbo
from tests.crossings.cases import Case, assigned, file
from tests.support.system import Client, System

_MEMBERS: Final = {"type", "title", "status", "detail", "code", "errors"}


class Wire:
    """Raw requests to a platform on which one complaint is in hand."""

    def __init__(self, system: System, case: Case) -> None:
        self.system = system
        self.case = case
        transport = httpx.ASGITransport(system.app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://test")

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | AsyncIterator[bytes] | None = None,
        *,
        who: Client | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """As the case's specialist unless told otherwise; JSON unless told otherwise."""
        sent = {"Authorization": (who or self.case.specialist).authorization}
        if body is not None:
            sent["Content-Type"] = "application/json"
        return await self._http.request(
            method, path, content=body, headers={**sent, **(headers or {})}
        )

    async def refused(self, method: str, path: str, *args: Any, **options: Any) -> tuple[int, str]:
        """Status and code of a refusal, which has the shape of every refusal."""
        return refusal(await self.send(method, path, *args, **options))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code. Fails unless it is a problem as RFC 9457 and our contract have it."""
    assert answer.status_code >= 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert set(problem) == _MEMBERS
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:amends:problem:{problem['code']}"
    assert isinstance(problem["errors"], list)
    return answer.status_code, problem["code"]


@asynccontextmanager
async def undisturbed() -> AsyncIterator[Wire]:
    """A platform to maltreat: afterwards its complaint is as before and a new one flows."""
    async with System() as system:
        case = await assigned(system)
        before = await case.now(), await case.story()
        yield Wire(system, case)
        await system.settle()
        assert (await case.now(), await case.story()) == before
        filings = len(await system.events(COMPLAINTS))
        other = await file(system)
        await system.settle()
        assert await other.held_by() == ("s1", "s1")
        assert len(await system.events(COMPLAINTS)) > filings
        await nothing_in_limbo(system)
