"""From a hotline filing to the decision who gets it, as a Kafka consumer sees it, all idle.

One process of each service and of the relay, on PostgreSQL and Kafka; a consumer of
`amends.assignments` that belongs to nobody's group. One filing at a time.
"""

import asyncio
from typing import Any, Final

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from amends.distributed import PORTS
from bench.filing import BODY
from bench.report import Figure, percentile
from deploy.local.kafka import fetch_jars
from deploy.local.site import LocalSite, site_folder
from shared.clock import ProcessClock
from shared.events.registry import ASSIGNMENTS

_FILINGS: Final = 300
_FIRST: Final = 20
"""Filings that only warm up."""
_PAUSE_SECONDS: Final = 0.1
_SPECIALISTS: Final = 20
_PARTITIONS: Final = 12
"""As deploy/topics.yaml declares them."""
_DECIDED: Final = b"amends.assignment.decided.v1"


async def _hire(site: LocalSite) -> None:
    (routing,) = site.of("routing")
    headers = {"Authorization": f"Bearer {site.token('ops', 'bench')}"}
    async with httpx.AsyncClient(base_url=routing.url, headers=headers) as http:
        for number in range(1, _SPECIALISTS + 1):
            body = {
                "id": f"s{number}", "name": f"S{number}", "tier": 4, "capacity": 10_000,
                "skills": {"counterfeit": 7, "quality": 5}, "languages": ["zh-CN", "en"],
            }  # fmt: skip
            (await http.post("/v1/specialists", json=body)).raise_for_status()
            path = f"/v1/specialists/s{number}/presence"
            (await http.put(path, json={"online": True})).raise_for_status()


async def _reader(site: LocalSite) -> AIOKafkaConsumer:
    # While a fetch waits for news, the client does not ask for the partition that has just given
    # it something: what follows there comes late by up to this time (see docs/consuming.md).
    reader = AIOKafkaConsumer(
        bootstrap_servers=site.kafka.bootstrap_servers,
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
    await reader.start()
    places = [TopicPartition(ASSIGNMENTS, partition) for partition in range(_PARTITIONS)]
    reader.assign(places)
    await reader.seek_to_end(*places)
    return reader


async def _one(site: LocalSite, http: httpx.AsyncClient, reader: Any, number: int) -> float:
    """Milliseconds from sending a filing to reading the decision about it."""
    (intake,) = site.of("intake")
    clock = ProcessClock()
    begun = clock.seconds()
    filed = asyncio.create_task(
        http.post(
            f"{intake.url}/v1/complaints",
            json={**BODY, "consumer_id": f"u{number}"},
            headers={"Idempotency-Key": f"l{number}"},
        )
    )
    async for record in reader:
        if dict(record.headers)["ce_type"] == _DECIDED:
            took = (clock.seconds() - begun) * 1000
            assert record.key.decode() == (await filed).json()["id"]  # noqa: S101 - one at a time
            return took
    raise AssertionError("a consumer never ends")


async def measure() -> list[Figure]:
    """The distribution over many filings."""
    with site_folder() as folder:
        site = LocalSite(folder, dict.fromkeys(PORTS, 1), {"AMENDS_NOTIFY_MAIL_HOST": ""})
        try:
            site.open()
            await site.until_ready()
            await _hire(site)
            took = await _all(site)
        finally:
            site.abandon()
    note = f"p50 {percentile(took, 0.5):.0f} ms, {len(took)} filings, {len(PORTS)} processes"
    return [
        Figure(
            what="hotline filing to assignment.decided at a Kafka consumer, p99",
            value=percentile(took, 0.99), unit="ms", sense="at most", reach=300.0, note=note,
        )
    ]  # fmt: skip


async def _all(site: LocalSite) -> list[float]:
    clock = ProcessClock()
    headers = {"Authorization": f"Bearer {site.token('specialist', 's1')}"}
    reader = await _reader(site)
    took = []
    try:
        async with httpx.AsyncClient(headers=headers) as http:
            for number in range(_FIRST + _FILINGS):
                await clock.sleep(_PAUSE_SECONDS)
                took.append(await _one(site, http, reader, number))
    finally:
        await reader.stop()
    return took[_FIRST:]


def run() -> list[Figure]:
    """Measure."""
    fetch_jars()
    return asyncio.run(measure())
