"""Where the content of evidence lies: a port, and the object stores behind it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final, Protocol

import obstore
import obstore.exceptions
from obstore.store import ObjectStore, from_url

_CHUNK_BYTES: Final = 256 * 1024


_REMOTE: Final[dict[str, Any]] = {
    "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}
}
"""Whoever sends a file learns soon that the store is away, not after three minutes.

No `client_options`: they would put the environment's (`AWS_ALLOW_HTTP`) out of force.
"""

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "file": {"automatic_cleanup": True, "mkdir": True},
    "memory": {},
}


class FilesUnavailable(Exception):
    """The store does not answer, or there is none."""


class EvidenceFiles(Protocol):
    """Keeps contents under their SHA-256."""

    async def receive(self, upload_id: str, content: AsyncIterator[bytes]) -> None:
        """Store a content as it comes, not yet under its digest; nothing is left if it breaks off.

        Raises `FilesUnavailable`, and whatever `content` raises.
        """
        ...

    async def keep(self, upload_id: str, sha256: str) -> None:
        """Put what was received under its digest, in place of the same content. Raises as above."""
        ...

    async def discard(self, upload_id: str) -> None:
        """Let go of what was received."""
        ...

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """The content, piece by piece. Raises `FilesUnavailable`; `KeyError` if there is none."""
        ...

    async def remove(self, sha256: str) -> None:
        """Let go of a content for good; no harm if there is none. Raises `FilesUnavailable`."""
        ...


class ObjectFiles:
    """Contents in a folder, in memory, or in an object store (S3, GCS, Azure), by its URL.

    `file:///var/lib/amends/evidence`, `memory:///`, `s3://bucket/prefix` with credentials from the
    environment as obstore reads them. Raises `FilesUnavailable` if there can be no store there.
    """

    def __init__(self, url: str) -> None:
        options = _OPTIONS.get(url.partition(":")[0], _REMOTE)
        try:
            self._store: ObjectStore = from_url(url, **options)
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise FilesUnavailable(f"{url}: {error}") from error

    async def receive(self, upload_id: str, content: AsyncIterator[bytes]) -> None:
        """See `EvidenceFiles.receive`."""
        broken: list[BaseException] = []

        async def noted() -> AsyncIterator[bytes]:
            try:
                async for chunk in content:
                    yield chunk
            except BaseException as error:
                broken.append(error)
                raise

        try:
            await obstore.put_async(self._store, _incoming(upload_id), noted())
        except (obstore.exceptions.BaseError, OSError) as error:
            if broken:
                raise broken[0] from None
            raise FilesUnavailable(str(error)) from error

    async def keep(self, upload_id: str, sha256: str) -> None:
        """See `EvidenceFiles.keep`."""
        try:
            await obstore.rename_async(self._store, _incoming(upload_id), _kept(sha256))
        except (obstore.exceptions.BaseError, OSError) as error:
            raise FilesUnavailable(str(error)) from error

    async def discard(self, upload_id: str) -> None:
        """See `EvidenceFiles.discard`."""
        try:
            await obstore.delete_async(self._store, _incoming(upload_id))
        except (obstore.exceptions.BaseError, OSError):
            return

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `EvidenceFiles.read`."""
        try:
            found = await obstore.get_async(self._store, _kept(sha256))
        except FileNotFoundError as error:
            raise KeyError(sha256) from error
        except (obstore.exceptions.BaseError, OSError) as error:
            raise FilesUnavailable(str(error)) from error
        return _pieces(found)

    async def remove(self, sha256: str) -> None:
        """See `EvidenceFiles.remove`."""
        try:
            await obstore.delete_async(self._store, _kept(sha256))
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            raise FilesUnavailable(str(error)) from error


async def _pieces(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
        yield bytes(chunk)


def _incoming(upload_id: str) -> str:
    return f"incoming/{upload_id}"


def _kept(sha256: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256}"


class NoFiles:
    """What stands in where no store is configured: it says so."""

    async def receive(self, upload_id: str, content: AsyncIterator[bytes]) -> None:
        """Raises `FilesUnavailable`."""
        raise FilesUnavailable(f"no evidence store is configured (upload {upload_id}, {content!r})")

    async def keep(self, upload_id: str, sha256: str) -> None:
        """Raises `FilesUnavailable`."""
        raise FilesUnavailable(f"no evidence store is configured ({upload_id}, {sha256})")

    async def discard(self, upload_id: str) -> None:
        """Nothing was received."""

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Raises `FilesUnavailable`."""
        raise FilesUnavailable(f"no evidence store is configured ({sha256})")

    async def remove(self, sha256: str) -> None:
        """Raises `FilesUnavailable`."""
        raise FilesUnavailable(f"no evidence store is configured ({sha256})")
