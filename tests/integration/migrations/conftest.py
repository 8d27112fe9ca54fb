"""Databases on a real server, made as the test asks."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.support.databases import Databases
from tests.support.servers import postgres_server
from tests.support.time import VirtualTime


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Makes databases. They are dropped in the end, if the server lives longer than they."""
    given = os.environ.get("DATABASE_URL")
    with postgres_server() as url:
        made = Databases(url)
        if not given:
            asyncio.run(made.need_not_last())
        yield made
        if given:
            asyncio.run(made.close())


@pytest.fixture
def time() -> VirtualTime:
    """Time that stands until it is moved."""
    return VirtualTime()
