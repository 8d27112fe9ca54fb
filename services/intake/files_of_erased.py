"""Deletes the files of those who were erased, once that is recorded, until it has been done."""

from contextlib import suppress
from typing import Final

from services.intake.erasure_views import contents_to_delete
from services.intake.files import EvidenceFiles, FilesUnavailable
from services.intake.uploads import evidence_unavailable
from shared.clock import MonotonicClock
from shared.eventlog.ports import Commit, Document, Store, VersionConflict
from shared.observability import log
from shared.unit_of_work import UnitOfWork, transact

_KIND: Final = "files_of_erased"
"""Kind of the documents that say whose files are still to be deleted, by person."""

_MARK: Final = "content_of_erased"
"""Kind of the documents that say how far the deletion of a content is. They stay: each change of
one has a version of its own, which others rest on."""

_UNDER_WAY: Final = b"under way"
_DONE: Final = b"done"
_LOOK_SECONDS: Final = 5.0


async def leave_files_to_delete(work: UnitOfWork, subject_id: str) -> None:
    """Let the files of a person who is erased with this be deleted afterwards."""
    await work.put(_KIND, subject_id, b"")


async def keep_content(work: UnitOfWork, sha256: str, files: EvidenceFiles) -> None:
    """Let a content that was just handed in not be deleted as one of an erased person's.

    Raises `Problem` 503 `evidence_unavailable` if that is happening, or happened since it came.
    """
    mark = await work.rest_on(_MARK, sha256)
    if mark == _UNDER_WAY:
        raise evidence_unavailable("The same content is being deleted. Send it again.")
    if mark == _DONE:
        try:
            await files.read(sha256)
        except KeyError as gone:
            raise evidence_unavailable("The same content was deleted. Send it again.") from gone


class FilesOfErased:
    """A `Worker`. To delete a file twice does no harm; if the store is away it is tried later."""

    def __init__(self, store: Store, files: EvidenceFiles, monotonic: MonotonicClock) -> None:
        self._store = store
        self._files = files
        self._monotonic = monotonic

    @property
    def name(self) -> str:
        """For logs and metrics."""
        return "intake.files-of-erased"

    async def step(self) -> bool:
        """All that is to be deleted now."""
        done = False
        for wanted in await self._store.documents(_KIND):
            done |= await self._deleted(wanted)
        return done

    async def wait(self) -> None:
        """See `Worker.wait`."""
        await self._monotonic.sleep(_LOOK_SECONDS)

    async def _remove(self, sha256: str, subject_id: str) -> None:
        """Delete a content, unless somebody has handed it in again by now.

        Whoever does that in this very moment rests on the mark, and is told to send it once more.
        """
        await transact(self._store, lambda work: work.put(_MARK, sha256, _UNDER_WAY))
        if sha256 in await contents_to_delete(self._store, subject_id):
            await self._files.remove(sha256)
        await transact(self._store, lambda work: work.put(_MARK, sha256, _DONE))

    async def _deleted(self, wanted: Document) -> bool:
        try:
            for sha256 in await contents_to_delete(self._store, wanted.key):
                await self._remove(sha256, wanted.key)
        except FilesUnavailable as error:
            log.error("files_of_erased_remain", error=str(error))
            return False
        gone = Document(kind=wanted.kind, key=wanted.key, version=wanted.version, data=None)
        with suppress(VersionConflict):  # erased again meanwhile: then once more
            await self._store.commit(Commit(documents=(gone,)))
        return True
