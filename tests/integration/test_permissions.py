"""Every cell of docs/permissions.md is how the platform answers; none is open by omission."""

import pytest

from tests.integration.permissions import ACTORS, Row, cells, operations, rows
from tests.support.system import System

ROWS = rows()


async def test_every_operation_has_a_row_and_every_row_is_an_operation() -> None:
    async with System() as system:
        assert [row.name for row in ROWS] == operations(system)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_everybody_is_answered_as_the_table_says(row: Row) -> None:
    assert len(row.cells) == len(ACTORS)
    assert dict(zip(ACTORS, await cells(row.name), strict=True)) == dict(
        zip(ACTORS, row.cells, strict=True)
    )
