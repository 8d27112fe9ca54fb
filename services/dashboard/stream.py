"""Server-sent events from the copy: every event once, in order, from the reader's place on."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import msgspec

from services.dashboard.audience import TRIMMED, for_outside, masked, own_subjects, reads_personal
from services.dashboard.feed_copy import Place
from services.dashboard.feed_reading import Entry, NoLongerKept, page_after
from services.dashboard.news import NewsBoard
from shared.auth import Principal
from shared.clock import MonotonicClock
from shared.eventlog.ports import EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStream:
    """What live streams are made from. Holds no more than one page per reader."""

    log: EventLog
    news: NewsBoard
    monotonic: MonotonicClock
    heartbeat_seconds: float

    async def messages(
        self,
        reader: Principal,
        place: Place,
        *,
        stopping: asyncio.Event,
        personal: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """SSE messages for the reader from a place on; ends when `stopping` is set.

        It also ends when the reader is so slow that events behind its place were deleted: the
        client comes back with its last id and is told. `personal` False masks every text.
        """
        yield b"retry: 2000\n\n"
        last_sent = self.monotonic.seconds()
        with self.news.reader() as news:
            while not stopping.is_set():
                try:
                    page = await page_after(self.log, place, reader)
                except NoLongerKept:
                    return
                for entry in page.entries:
                    yield message(entry, reader, personal=personal)
                    last_sent = self.monotonic.seconds()
                place = page.place
                if page.more:
                    continue
                silent = self.monotonic.seconds() - last_sent
                if silent >= self.heartbeat_seconds:
                    yield heartbeat(place)
                    last_sent, silent = self.monotonic.seconds(), 0.0
                await self.news.wait_for(news, self.heartbeat_seconds - silent, stopping)


def heartbeat(place: Place) -> bytes:
    """A sign of life. It moves the client's last id past what was not for it."""
    return b": still here\nid: " + place.encoded().encode() + b"\n\n"


def message(entry: Entry, reader: Principal, *, personal: bool = True) -> bytes:
    """One event as an SSE message for this reader."""
    body: dict[str, Any] = msgspec.json.decode(entry.envelope)
    outside = not _is_inside(reader)
    if not (personal and reads_personal(reader, entry.case)):
        body["data"] = masked(msgspec.json.decode(entry.data), _own(reader, personal=personal))
    elif outside and entry.type in TRIMMED:
        body["data"] = msgspec.json.decode(entry.data)
    else:
        body["data"] = msgspec.Raw(entry.data)
    if outside:
        if isinstance(body["data"], dict):
            body["data"] = for_outside(entry.type, body["data"])
        body["actor"] = _actor_for_outside(body["actor"], reader)
    encoded = msgspec.json.encode(body)
    return b"".join(
        (
            b"id: ",
            entry.place.encoded().encode(),
            b"\nevent: ",
            entry.type.encode(),
            b"\ndata: ",
            encoded,
            b"\n\n",
        )
    )


def _own(reader: Principal, *, personal: bool) -> frozenset[str]:
    return own_subjects(reader) if personal else frozenset()


def _is_inside(reader: Principal) -> bool:
    return reader.is_staff or reader.role == "service"


def _actor_for_outside(actor: dict[str, Any], reader: Principal) -> dict[str, Any]:
    """A party learns in what role somebody acted, not who it was, unless it was the party."""
    if actor["id"] == reader.subject:
        return actor
    return {"role": actor["role"], "id": None, "on_behalf_of": None}
