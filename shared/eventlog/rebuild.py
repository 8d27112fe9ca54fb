"""Views made anew from the log: what the projection says of every event, in order."""

from collections.abc import Callable, Sequence
from typing import Final

from sqlmodel import SQLModel

from shared.codec import decode
from shared.eventlog.ports import Commit, Projection, Statement, Store
from shared.events.envelope import Fact

_BATCH: Final = 1_000
_WANTED: Final = Statement("SELECT value FROM store WHERE name = 'remade'")
_DONE: Final = Statement("DELETE FROM store WHERE name = 'remade'")


async def views_are_older(log: Store) -> bool:
    """Whether the store was made by a version with other views, which are gone now."""
    return bool(await log.fetch(_WANTED))


async def rebuild(
    log: Store,
    projection: Projection,
    tables: Sequence[type[SQLModel]],
    tell: Callable[[int], None] = lambda _: None,
) -> int:
    """Empty these tables and fill them again; the number of events read.

    Only for tables that nothing but the projection writes, and while nobody else writes to the
    store. If it breaks off, run it again. `tell` hears how many events have been read so far.
    """
    emptied = tuple(Statement(f"DELETE FROM {table.__tablename__}") for table in tables)  # noqa: S608
    await log.commit(Commit(statements=emptied))
    read = 0
    for shard in range(log.shards):
        after = 0
        while records := await log.tail(shard, after, limit=_BATCH):
            facts = [Fact(record, decode(record)) for record in records]
            await log.keys.open(facts)  # a projection puts texts where they are searched
            changes = tuple(projection(facts))
            await log.commit(Commit(statements=changes))
            after = records[-1].gpos
            read += len(records)
            tell(read)
    if await views_are_older(log):
        await log.commit(Commit(statements=(_DONE,)))
    return read
