"""Deletes the files of those who were erased, once that is recorded, until it has been done."""

from contextlib import suppress
from typing import Final

from services.intake.erasure_views import contents_to_delete
from services.intake.files import EvidenceFiles, FilesUnavailable
from shared.clock import MonotonicClock
from shared.eventlog.ports import Commit, Document, Store, VersionConflict
from shared.observability import log
from shared.unit_of_work import UnitOfWork

_KIND: Final = "files_of_erased"
"""Kind of the documents that say whose files are still to be deleted, by person."""

_LOOK_SECONDS: Final = 5.0


async def leave_files_to_delete(work: UnitOfWork, subject_id: str) -> None:
    """Let the files of a person who is erased with this be deleted afterwards."""
    await work.put(_KIND, subject_id, b"")


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

    async def _deleted(self, wanted: Document) -> bool:
        try:
            for sha256 in await contents_to_delete(self._store, wanted.key):
                await self._files.remove(sha256)
        except FilesUnavailable as error:
            log.error("files_of_erased_remain", error=str(error))
            return False
        gone = Document(kind=wanted.kind, key=wanted.key, version=wanted.version, data=None)
        with suppress(VersionConflict):  # erased again meanwhile: then once more
            await self._store.commit(Commit(documents=(gone,)))
        return True
