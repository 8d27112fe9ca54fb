"""Databases on a real server, made as the test asks."""

import pytest

from tests.support.time import VirtualTime


@pytest.fixture
def time() -> VirtualTime:
    """Time that stands until it is moved."""
    return VirtualTime()
