"""A bundle as a ZIP file, made while it is sent: what is in memory is one chunk of one file."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final, NamedTuple

from services.intake.bundle.explanation import TEXT
from services.intake.bundle.manifest import (
    EXPLANATION,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    TEXTS,
    Content,
    EventEntry,
    FileEntry,
    Manifest,
    event_path,
    manifest_bytes,
)
from services.intake.bundle.signing import BundleSigner
from services.intake.bundle.texts import Texts, texts_bytes
from services.intake.domain.case import Evidence
from services.intake.files import EvidenceFiles
from services.intake.history import bundle_sha256
from services.intake.media import file_name
from shared.events.envelope import Recorded

_READABLE: Final = 0o644 << 16


class _Sink(io.RawIOBase):
    """Takes what a ZIP writer writes until it is fetched. Cannot go back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        taken = bytes(data)  # type: ignore[call-overload]
        self._held += taken
        return len(taken)

    def fetch(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held


class Opened(NamedTuple):
    """A piece of evidence and its content; None: the store has none."""

    evidence: Evidence
    content: AsyncIterator[bytes] | None


class BundleWriter:
    """Writes one bundle. The same history, texts and files give the same bytes."""

    def __init__(
        self, complaint_id: str, history: Sequence[Recorded], texts: Texts, signer: BundleSigner
    ) -> None:
        self._complaint_id = complaint_id
        self._history = history
        self._texts = texts_bytes(texts)
        self._signer = signer
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")
        self._at = history[-1].recorded_at.timetuple()[:6]

    async def write(
        self, evidence: Sequence[Evidence], files: EvidenceFiles
    ) -> AsyncIterator[bytes]:
        """The bundle, piece by piece. Raises `FilesUnavailable`; what came until then is no ZIP."""
        for chunk in self._events():
            yield chunk
        entries = list[FileEntry]()
        for one in evidence:
            async for chunk in self._file(await opened(one, files), entries):
                yield chunk
        manifest = manifest_bytes(self._manifest(entries))
        self._put(MANIFEST, manifest)
        self._put(SIGNATURE, self._signer.sign(manifest))
        self._put(PUBLIC_KEY, self._signer.public_key)
        self._put(EXPLANATION, TEXT.encode())
        self._zip.close()
        yield self._sink.fetch()

    def _events(self) -> Iterator[bytes]:
        for record in self._history:
            self._put(event_path(record.version), record.data)
            yield self._sink.fetch()
        self._put(TEXTS, self._texts)
        yield self._sink.fetch()

    async def _file(self, found: Opened, entries: list[FileEntry]) -> AsyncIterator[bytes]:
        one = found.evidence
        path = f"evidence/{one.id}-{file_name(one.sha256, one.media_type)}"
        state = Content.MISSING
        if found.content is not None:
            digest = hashlib.sha256()
            with self._zip.open(self._named(path), "w", force_zip64=True) as entry:
                async for chunk in found.content:
                    digest.update(chunk)
                    entry.write(chunk)
                    yield self._sink.fetch()
            intact = digest.hexdigest() == one.sha256
            state = Content.INTACT if intact else Content.ALTERED
        entries.append(
            FileEntry(
                evidence_id=one.id,
                kind=one.kind,
                media_type=one.media_type,
                bytes=one.bytes,
                sha256=one.sha256,
                path=path,
                content=state,
            )
        )

    def _manifest(self, files: Sequence[FileEntry]) -> Manifest:
        return Manifest(
            complaint_id=self._complaint_id,
            version=self._history[-1].version,
            events_sha256=bundle_sha256(self._history),
            events=tuple(_entry(record) for record in self._history),
            files=tuple(files),
            texts_sha256=hashlib.sha256(self._texts).hexdigest(),
        )

    def _put(self, path: str, data: bytes) -> None:
        self._zip.writestr(self._named(path), data, zipfile.ZIP_DEFLATED)

    def _named(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, date_time=self._at)
        info.external_attr = _READABLE
        return info


async def opened(evidence: Evidence, files: EvidenceFiles) -> Opened:
    """Begin to read a piece of evidence. Raises `FilesUnavailable`."""
    try:
        return Opened(evidence, await files.read(evidence.sha256))
    except KeyError:
        return Opened(evidence, None)


def _entry(record: Recorded) -> EventEntry:
    return EventEntry(
        version=record.version,
        id=record.id,
        type=record.type,
        occurred_at=record.occurred_at,
        recorded_at=record.recorded_at,
        actor=record.actor,
        path=event_path(record.version),
        sha256=hashlib.sha256(record.data).hexdigest(),
    )
