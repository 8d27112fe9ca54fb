"""A platform in this very process, so that its logs can be watched while it is called over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from amends.embedded import EmbeddedSettings, Platform, serve
from shared.eventlog.ports import Store
from shared.service import Service


class Running:
    """A running platform and its logs."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.services: dict[str, Service] = {
            service.name: service for service in platform.app.state.services
        }

    def log(self, service: str) -> Store:
        """The store of a service."""
        return self.services[service].log

    def headers(self, role: str, subject: str) -> dict[str, str]:
        """The headers of a caller."""
        return {"Authorization": f"Bearer {self.platform.token(role, subject)}"}

    async def call(self, method: str, path: str, body: Any) -> None:
        """Set something up, as ops."""
        headers = self.headers("ops", "bench")
        async with httpx.AsyncClient(base_url=self.platform.url, headers=headers) as http:
            (await http.request(method, path, json=body)).raise_for_status()

    async def specialists(self, count: int) -> None:
        """Specialists who are there and can take anything."""
        for number in range(1, count + 1):
            body = {
                "id": f"s{number}", "name": f"S{number}", "tier": 4, "capacity": 10_000,
                "skills": {"counterfeit": 7, "quality": 5}, "languages": ["zh-CN", "en"],
            }  # fmt: skip
            await self.call("POST", "/v1/specialists", body)
            await self.call("PUT", f"/v1/specialists/s{number}/presence", {"online": True})

    async def _recorded(self) -> int:
        return sum([sum(await service.log.heads()) for service in self.services.values()])

    async def quiet(self) -> None:
        """Return once every service has read everything."""
        while True:
            moved = await self._recorded()
            await asyncio.sleep(0.3)
            if moved == await self._recorded():
                return


@asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[Running]:
    """A platform on `folder`, stopped in order afterwards."""
    ready: asyncio.Future[Platform] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    settings = EmbeddedSettings(data=folder, port=port)
    serving = asyncio.create_task(serve(settings, on_ready=ready.set_result, stop=stop))
    try:
        yield Running(await ready)
    finally:
        stop.set()
        await serving
