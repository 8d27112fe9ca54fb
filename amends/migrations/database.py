"""The one connection that migrations run on, and what to tell people when it fails."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import asyncpg
from sqlalchemy import NullPool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

_CONNECT_SECONDS: Final = 10.0


class CannotMigrate(Exception):
    """Nothing was changed in the schema at hand; the message says why, in one line."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection to the database at a PostgreSQL address. Raises `CannotMigrate`.

    The address is for asyncpg to read, as everywhere else, and not for SQLAlchemy: they differ in
    what they take after the question mark.
    """
    raw = await _connect(url)

    async def give() -> Any:
        return raw

    engine = create_async_engine("postgresql+asyncpg://", async_creator=give, poolclass=NullPool)
    try:
        with _told_plainly():
            async with engine.connect() as connection:
                yield connection
    finally:
        await engine.dispose()
        if not raw.is_closed():
            await raw.close()


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(
            url,
            timeout=_CONNECT_SECONDS,
            server_settings={"application_name": "amends-migrate"},
        )
    except TimeoutError as error:
        raise CannotMigrate(
            f"cannot connect to PostgreSQL: no answer within {_CONNECT_SECONDS:.0f} seconds"
        ) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotMigrate(f"cannot connect to PostgreSQL: {_line(error)}") from error
    except ValueError as error:
        # What it says would quote the address, and with it the password.
        raise CannotMigrate(
            "cannot connect to PostgreSQL: the address is not like "
            "postgresql://user@host:5432/database (special characters are written %40)"
        ) from error


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        raise CannotMigrate(_plainly(cause or error)) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotMigrate(_plainly(error)) from error


def _plainly(error: BaseException) -> str:
    if isinstance(error, asyncpg.LockNotAvailableError):
        return "a table is in use by somebody who does not let go; try again when it is quieter"
    return f"PostgreSQL refuses: {_line(error)}"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
