"""What the tests of erasures say, record and look at."""

from datetime import timedelta
from typing import Any

import pytest

from services.notify.domain.events import NotificationQueued
from shared.codec import decode
from shared.eventlog.ports import Statement
from shared.events import complaints as c
from shared.events.personal import Personal
from shared.events.vocabulary import (
    Audience,
    CloseReason,
    Role,
    Status,
)
from tests.integration.notify.upstream import Notify, complaint

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MARK = "the-heron-on-the-third-roof"


def words() -> Personal:
    """What the consumer wrote, as it is before it is sealed."""
    return Personal("u1", MARK)


ways = pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "in clear"])
"""How the other services recorded what persons wrote: as they do now, or as they once did."""


def says(notify: Notify, role: Role = Role.CONSUMER, words: str = MARK) -> c.MessagePosted:
    """The consumer, or another, writes to all others."""
    return c.MessagePosted(
        **complaint(notify.time.now()),
        from_role=role,
        visible_to=(Audience.CONSUMER, Audience.MERCHANT, Audience.STAFF),
        text=Personal("u1" if role is Role.CONSUMER else "m1", words),
    )


def closes(notify: Notify) -> c.ComplaintClosed:
    """The complaint is over."""
    return c.ComplaintClosed(
        **complaint(notify.time.now(), status=Status.CLOSED), reason=CloseReason.UNANSWERED
    )


def parked(notify: Notify) -> frozenset[str]:
    """Keys whose facts notify could not handle."""
    [consumer] = notify.service.consumers
    return frozenset(consumer.parked)


async def inbox(notify: Notify, role: str, subject: str, **claims: Any) -> list[dict[str, Any]]:
    """What somebody reads in their inbox."""
    async with notify.client(role, subject, **claims) as client:
        items: list[dict[str, Any]] = (await client.get("/v1/inbox")).json()["items"]
    return items


async def said(notify: Notify) -> list[NotificationQueued]:
    """Every notification ever queued, readable as far as it can be."""
    log = notify.service.log
    records = [
        entry for shard in range(log.shards) for entry in await log.tail(shard, 0, limit=10_000)
    ]
    events = [decode(entry) for entry in records]
    queued = [event for event in events if isinstance(event, NotificationQueued)]
    await log.keys.open(queued)
    return queued


async def stored(notify: Notify) -> bytes:
    """All that notify keeps: what it recorded, its documents, and what it could not handle yet."""
    log = notify.service.log
    found = []
    for table, column in (("events", "data"), ("documents", "data"), ("held", "record")):
        rows = await log.fetch(Statement(f"SELECT {column} AS kept FROM {table}"))  # noqa: S608
        found += [bytes(row["kept"]) for row in rows]
    return b"\n".join(found)


async def recipients(notify: Notify) -> set[str]:
    """Whose notifications there are, by notify's table."""
    rows = await notify.service.log.fetch(Statement("SELECT recipient_id FROM notifications"))
    return {row["recipient_id"] for row in rows}


async def reasons(notify: Notify, state: str) -> list[tuple[str, str]]:
    """Template and reason of the notifications in a state."""
    query = Statement(
        "SELECT template, reason FROM notifications WHERE state = :state ORDER BY template",
        {"state": state},
    )
    return [
        (row["template"].split("@")[0], row["reason"])
        for row in await notify.service.log.fetch(query)
    ]


async def follow_up(notify: Notify) -> tuple[str, str | None]:
    """State of the one follow-up, and the reason for it."""
    [row] = await notify.service.log.fetch(Statement("SELECT state, reason FROM follow_ups"))
    return row["state"], row["reason"]
