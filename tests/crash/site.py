"""A distributed platform on real servers, and what its stores hold at one moment."""

import itertools
from pathlib import Path
from typing import Final

import asyncpg

from amends.distributed import PORTS
from deploy.local.site import LocalSite
from shared.clock import WallClock, rfc3339
from tests.crash.findings import (
    COPIES,
    EVENTS,
    HEADS,
    HELD,
    POSITIONS,
    SERVICES,
    TIMERS,
    Findings,
    Row,
    entries,
    unread,
)
from tests.support.gateway import Gateway

_FILED: Final = "SELECT count(*) FROM events WHERE type = 'amends.complaint.filed.v1'"


class DistributedSite(LocalSite):
    """Several processes of each service. `clock_rate`: of business time."""

    def __init__(self, folder: Path, *, smtp_port: int, clock_rate: float, each: int = 2) -> None:
        variables = {
            "AMENDS_NOTIFY_MAIL_HOST": "127.0.0.1",
            "AMENDS_NOTIFY_MAIL_PORT": str(smtp_port),
        }
        if clock_rate != 1:
            variables["AMENDS_REHEARSAL_RATE"] = str(clock_rate)
            variables["AMENDS_REHEARSAL_SINCE"] = rfc3339(WallClock().now())
        super().__init__(folder, dict.fromkeys(PORTS, each), variables)
        self._turn = itertools.count()
        self._gateway = Gateway.of_the_project()

    def url_of(self, path: str) -> str:
        """The members of a service take turns, whether they are there or not."""
        led = self._gateway.lead(path.partition("?")[0])
        assert led is not None, f"the gateway leads {path} nowhere"
        members = self.of(led.upstream)
        return members[next(self._turn) % len(members)].url + path

    async def unread(self) -> list[str]:
        """Consumers that are behind, and mails that wait, at one moment."""
        async with self._moment() as moment:
            heads: dict[tuple[str, int], int] = {}
            for service in SERVICES:
                for topic, shard, gpos in await moment.rows(service, HEADS):
                    heads[topic, shard] = gpos
            positions = [row for s in SERVICES for row in await moment.rows(s, POSITIONS)]
            held = [row for s in SERVICES for row in await moment.rows(s, HELD)]
            mails = [row for row in await moment.rows("notify", TIMERS) if row[1] == "real"]
        waiting = [f"{len(mails)} mails wait"] if mails else []
        return unread(heads, positions, held) + waiting

    async def filed(self) -> int:
        """How many complaints there are."""
        async with self._moment() as moment:
            ((count,),) = await moment.rows("intake", _FILED)
            return int(count)

    async def findings(self) -> Findings:
        """The stores of all services, as they were at one moment."""
        async with self._moment() as moment:
            return Findings(
                events={s: entries(await moment.rows(s, EVENTS)) for s in SERVICES},
                positions={s: await moment.rows(s, POSITIONS) for s in SERVICES},
                held={s: await moment.rows(s, HELD) for s in SERVICES},
                timers={s: await moment.rows(s, TIMERS) for s in SERVICES},
                copies=await moment.rows("dashboard", COPIES),
            )

    def _moment(self) -> "_Moment":
        return _Moment(self.postgres.url)


class _Moment:
    """One transaction that sees the schemas of all services as of its beginning."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> "_Moment":
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def rows(self, service: str, query: str) -> list[Row]:
        await self._connection.execute(f'SET LOCAL search_path TO "{service}"')
        return [tuple(row) for row in await self._connection.fetch(query)]
