"""Every suite here runs on every adapter of its port."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.support.key_server import House, key_server
from tests.support.servers import postgres_server
from tests.support.stores import OpenStore, postgres_stores, sqlite_stores
from tests.support.time import VirtualTime


@pytest.fixture
def time() -> VirtualTime:
    """Time that stands until it is moved."""
    return VirtualTime()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgres_server() as url:
        yield url


def _adapter(
    request: pytest.FixtureRequest, path: Path, time: VirtualTime
) -> AbstractAsyncContextManager[OpenStore]:
    match request.param:
        case "memory":
            return sqlite_stores(None, time)
        case "sqlite":
            return sqlite_stores(path, time)
        case "postgres":
            return postgres_stores(request.getfixturevalue("postgres_url"), time)
        case other:
            raise AssertionError(other)


@pytest.fixture(params=["sqlite", "memory", "postgres"])
async def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, time: VirtualTime
) -> AsyncIterator[OpenStore]:
    """Opens stores of one adapter."""
    async with _adapter(request, tmp_path, time) as open_one:
        yield open_one


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A platform that takes the tokens of a real issuer."""
    async with key_server() as server:
        yield House(server)
