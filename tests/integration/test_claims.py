"""A week later an Idempotency-Key is free again; before that it stands for its call."""

from datetime import timedelta

from shared.claims import KEPT
from tests.crossings.cases import FILING
from tests.support.system import System


async def test_a_key_is_kept_for_a_week_and_not_for_ever() -> None:
    async with System() as system:
        caller = system.as_("specialist", "s1")
        first = await caller.post("/v1/complaints", FILING, key="k")
        await system.advance(KEPT - timedelta(minutes=1))
        again = await caller.post("/v1/complaints", FILING, key="k")
        await system.advance(timedelta(hours=2))
        new = await caller.post("/v1/complaints", FILING, key="k")
    assert again["id"] == first["id"]
    assert new["id"] != first["id"]
