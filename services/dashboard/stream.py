"""Server-sent events from the copy: every event once, in order, from the reader's place on."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from services.dashboard.audience import (
    TRIMMED,
    Json,
    for_outside,
    masked,
    openable,
    own_subjects,
    reads_personal,
)
from services.dashboard.feed_copy import Place
from services.dashboard.feed_reading import Entry, NoLongerKept, page_after
from services.dashboard.news import NewsBoard
from shared.auth import Principal
from shared.clock import MonotonicClock
from shared.eventlog.ports import EventLog
from shared.events.personal import Personal

_SEALED_MARK: Final = b'"k":'
"""Stands in the stored bytes of every event with a sealed text."""


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
                data = [data_for(entry, reader, personal=personal) for entry in page.entries]
                await self.log.keys.open(data)
                for entry, shown in zip(page.entries, data, strict=True):
                    yield message(entry, shown, reader)
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


def data_for(entry: Entry, reader: Principal, *, personal: bool = True) -> Json:
    """What this reader gets to see of an event's data: the texts they may read are to be opened."""
    outside = not _is_inside(reader)
    reads_all = personal and reads_personal(reader, entry.case)
    trimmed = outside and entry.type in TRIMMED
    if reads_all and not trimmed and _SEALED_MARK not in entry.data:
        return msgspec.Raw(entry.data)
    data = msgspec.json.decode(entry.data)
    if not reads_all:
        data = masked(data, _own(reader, personal=personal))
    if outside:
        data = for_outside(entry.type, data)
    return openable(data)


def message(entry: Entry, data: Json, reader: Principal) -> bytes:
    """One event as an SSE message for this reader, with data as made by `data_for` and opened."""
    body: dict[str, Any] = msgspec.json.decode(entry.envelope)
    body["data"] = data
    if not _is_inside(reader):
        body["actor"] = _actor_for_outside(body["actor"], reader)
    encoded = msgspec.json.encode(body, enc_hook=_text)
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


def _text(value: object) -> dict[str, str]:
    """A personal text as a browser gets it. What does not open any more says so."""
    if isinstance(value, Personal):
        return {"s": value.subject, "v": value.text}
    raise NotImplementedError(type(value))


def _own(reader: Principal, *, personal: bool) -> frozenset[str]:
    return own_subjects(reader) if personal else frozenset()


def _is_inside(reader: Principal) -> bool:
    return reader.is_staff or reader.role == "service"


def _actor_for_outside(actor: dict[str, Any], reader: Principal) -> dict[str, Any]:
    """A party learns in what role somebody acted, not who it was, unless it was the party."""
    if actor["id"] == reader.subject:
        return actor
    return {"role": actor["role"], "id": None, "on_behalf_of": None}
