"""Every suite here runs on every adapter of its port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.stores import OpenStore, sqlite_stores
from tests.support.time import VirtualTime


@pytest.fixture
def time() -> VirtualTime:
    """Time that stands until it is moved."""
    return VirtualTime()


@pytest.fixture(params=["sqlite", "memory"])
async def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, time: VirtualTime
) -> AsyncIterator[OpenStore]:
    """Opens stores of one adapter."""
    path = tmp_path if request.param == "sqlite" else None
    async with sqlite_stores(path, time) as open_one:
        yield open_one
