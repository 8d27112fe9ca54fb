"""Taking in a file that a stranger sends: its type by its content, its size, its pace."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from services.intake.files import EvidenceFiles, FilesUnavailable
from services.intake.media import ACCEPTED, HEAD_BYTES, agrees, media_type_of
from shared.clock import MonotonicClock
from shared.observability import log
from shared.problems import Problem


def evidence_unavailable(said: str) -> Problem:
    """What callers are told while the store is away."""
    return Problem("evidence_unavailable", said, headers={"Retry-After": "5"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """How much, how slowly and how many at once. Seconds are real ones.

    After `grace_seconds` a sender has to have kept up `min_bytes_per_second` from the beginning;
    no pause may be longer than `idle_seconds`.
    """

    max_bytes: int = 20_000_000
    at_once: int = 8
    idle_seconds: float = 20.0
    grace_seconds: float = 10.0
    min_bytes_per_second: int = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A content that lies in the store under its digest."""

    sha256: str
    bytes: int
    media_type: str


class Uploads:
    """Takes files in, each as it comes: what is in memory is one chunk of each."""

    def __init__(
        self, files: EvidenceFiles, monotonic: MonotonicClock, limits: UploadLimits
    ) -> None:
        self.files = files
        self._monotonic = monotonic
        self._limits = limits
        self._under_way = 0

    @property
    def under_way(self) -> int:
        """How many are being taken in just now."""
        return self._under_way

    async def take(
        self,
        upload_id: str,
        body: AsyncIterator[bytes],
        *,
        declared: str | None,
        length: int | None,
    ) -> Received:
        """Store a body. Raises `Problem` with the code that says what is wrong with it.

        Nothing of a refused or broken upload is left.
        """
        if length is not None and length > self._limits.max_bytes:
            raise self._too_large()
        if self._under_way >= self._limits.at_once:
            busy = "Too many uploads are under way."
            raise Problem("too_many_requests", busy, headers={"Retry-After": "2"})
        self._under_way += 1
        try:
            return await self._take(upload_id, body, declared)
        except FilesUnavailable as error:
            log.error("evidence_store_unavailable", error=str(error))
            raise evidence_unavailable("Nothing was stored.") from error
        finally:
            self._under_way -= 1

    async def _take(
        self, upload_id: str, body: AsyncIterator[bytes], declared: str | None
    ) -> Received:
        paced = self._paced(body)
        head = await _head(paced)
        media_type = _checked(head, declared)
        digest, size = hashlib.sha256(), 0

        async def content() -> AsyncIterator[bytes]:
            nonlocal size
            chunk: bytes | None = head
            while chunk is not None:
                size += len(chunk)
                if size > self._limits.max_bytes:
                    raise self._too_large()
                if media_type == "text/plain" and b"\x00" in chunk:
                    raise _unsupported("A text does not hold such bytes.")
                digest.update(chunk)
                yield chunk
                chunk = await anext(paced, None)

        try:
            await self.files.receive(upload_id, content())
            found = Received(sha256=digest.hexdigest(), bytes=size, media_type=media_type)
            await self.files.keep(upload_id, found.sha256)
        except BaseException:
            await self.files.discard(upload_id)
            raise
        return found

    async def _paced(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks of a body, as long as they come fast enough."""
        began, seen = self._monotonic.seconds(), 0
        while True:
            try:
                async with asyncio.timeout(self._limits.idle_seconds):
                    chunk = await anext(body, None)
            except TimeoutError as error:
                raise _too_slow() from error
            if chunk is None:
                return
            seen += len(chunk)
            counted = self._monotonic.seconds() - began - self._limits.grace_seconds
            if seen < counted * self._limits.min_bytes_per_second:
                raise _too_slow()
            if chunk:
                yield chunk

    def _too_large(self) -> Problem:
        most = f"At most {self._limits.max_bytes} bytes."
        return Problem("evidence_too_large", most, headers={"Connection": "close"})


async def _head(body: AsyncIterator[bytes]) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES:
        chunk = await anext(body, None)
        if chunk is None:
            break
        head += chunk
    return head


def _checked(head: bytes, declared: str | None) -> str:
    if not head:
        raise Problem("evidence_empty", "The file is empty.")
    media_type = media_type_of(head[:HEAD_BYTES])
    if media_type is None:
        raise _unsupported(f"Send one of: {', '.join(sorted(ACCEPTED))}.")
    if not agrees(declared, media_type):
        raise _unsupported(f"It is called {declared}, and is {media_type}.")
    return media_type


def _unsupported(detail: str) -> Problem:
    return Problem("unsupported_media_type", detail, headers={"Connection": "close"})


def _too_slow() -> Problem:
    slow: Final = "It came too slowly; try again on a better connection."
    return Problem("upload_too_slow", slow, headers={"Connection": "close"})
