"""Checks a bundle, with nothing but the file and, better, a key that came another way."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.intake.bundle.manifest import (
    EXPLANATION,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    TEXTS,
    Content,
    FileEntry,
    Manifest,
    manifest_of,
)
from services.intake.bundle.signing import signed_by
from services.intake.bundle.texts import TextEntry
from services.intake.bundle.verifying_texts import erased_texts, text_faults
from services.intake.history import digest_of

_CHUNK_BYTES: Final = 256 * 1024
_SMALL_BYTES: Final = 64 * 1024 * 1024
"""More than any manifest or event: what claims to be larger is not read into memory."""

_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a file in the bundle raises if its bytes were damaged."""

_OTHERS: Final = frozenset({MANIFEST, SIGNATURE, PUBLIC_KEY, EXPLANATION})


class NotABundle(Exception):
    """The file cannot be read as a bundle at all; its text says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `faults` is empty if all of it is as it should be."""

    name: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was looked at. `public_key` is the one the bundle was checked with, as PEM.

    `erased` are the texts that nobody can read any more. That is no fault: the events that hold
    them are still proven.
    """

    manifest: Manifest
    public_key: bytes
    checks: tuple[Check, ...]
    erased: tuple[TextEntry, ...] = ()

    @property
    def genuine(self) -> bool:
        """Nothing is wrong."""
        return not any(check.faults for check in self.checks)


def verify(path: Path, key: bytes | None = None) -> Verdict:
    """Check a bundle against `key` (PEM); without one, against the key that it brings itself.

    Raises `NotABundle`, `OSError`; `ValueError` if `key` is no Ed25519 key.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            return _verify(_Bundle(bundle), key)
    except (*_BROKEN, zipfile.LargeZipFile, NotImplementedError) as error:
        raise NotABundle(str(error)) from error


class _Bundle:
    """The files of a bundle, by name."""

    def __init__(self, bundle: zipfile.ZipFile) -> None:
        self._zip = bundle
        self.names = bundle.namelist()

    def small(self, name: str) -> bytes:
        """A file as a whole. Raises `NotABundle` if there is none, or if it is not small."""
        try:
            info = self._zip.getinfo(name)
        except KeyError as error:
            raise NotABundle(f"{name} is missing") from error
        if info.file_size > _SMALL_BYTES:
            raise NotABundle(f"{name} is too large")
        return self._zip.read(info)

    def part(self, name: str) -> bytes | None:
        """A small file; None if there is none or if it is broken."""
        try:
            return self.small(name)
        except (NotABundle, *_BROKEN):
            return None

    def sha256(self, name: str) -> str | None:
        """The digest of a file; None if there is none or if it is broken."""
        digest = hashlib.sha256()
        try:
            with self._zip.open(name) as content:
                while chunk := content.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except (KeyError, *_BROKEN):
            return None
        return digest.hexdigest()


def _verify(bundle: _Bundle, key: bytes | None) -> Verdict:
    signed = bundle.small(MANIFEST)
    try:
        manifest = manifest_of(signed)
    except ValueError as error:
        raise NotABundle(f"{MANIFEST}: {error}") from error
    own = bundle.small(PUBLIC_KEY)
    trusted = own if key is None else key
    stored = [bundle.part(one.path) for one in manifest.events]
    listed = None if manifest.texts_sha256 is None else bundle.part(TEXTS)
    return Verdict(
        manifest,
        trusted,
        (
            Check("signature", tuple(_signature(bundle.small(SIGNATURE), signed, trusted, own))),
            Check("order of events", tuple(_order(manifest))),
            Check("events", tuple(_events(manifest, stored))),
            Check("digest of the history", tuple(_history(manifest, stored))),
            Check("texts", tuple(text_faults(manifest, stored, listed))),
            Check("evidence", tuple(_evidence(bundle, manifest))),
            Check("nothing else", tuple(_extra(bundle, manifest))),
        ),
        erased_texts(listed),
    )


def _signature(signature: bytes, signed: bytes, trusted: bytes, own: bytes) -> Iterator[str]:
    try:
        if not signed_by(trusted, signature, signed):
            yield f"{MANIFEST} was not signed with this key, or was altered afterwards"
    except ValueError as error:
        if trusted is not own:
            raise
        yield f"{PUBLIC_KEY}: {error}"


def _order(manifest: Manifest) -> Iterator[str]:
    if [one.version for one in manifest.events] != list(range(1, manifest.version + 1)):
        yield f"the events are not numbered 1 to {manifest.version}"
    times = [one.recorded_at for one in manifest.events]
    if times != sorted(times):
        yield "an event was recorded before the one it follows"


def _events(manifest: Manifest, stored: Sequence[bytes | None]) -> Iterator[str]:
    for one, data in zip(manifest.events, stored, strict=True):
        if data is None:
            yield f"{one.path} is missing or broken"
        elif hashlib.sha256(data).hexdigest() != one.sha256:
            yield f"{one.path} was altered"


def _history(manifest: Manifest, stored: Sequence[bytes | None]) -> Iterator[str]:
    if digest_of(data for data in stored if data is not None) != manifest.events_sha256:
        yield "it is not that of these events"


def _evidence(bundle: _Bundle, manifest: Manifest) -> Iterator[str]:
    for one in manifest.files:
        yield from _content(one, bundle.sha256(one.path))


def _content(one: FileEntry, found: str | None) -> Iterator[str]:
    match one.content:
        case Content.MISSING:
            yield f"{one.path} was lost before the bundle was made"
        case Content.ALTERED:
            yield f"{one.path} had been altered before the bundle was made"
        case Content.INTACT:
            if found is None:
                yield f"{one.path} is missing or broken"
            elif found != one.sha256:
                yield f"{one.path} was altered"


def _extra(bundle: _Bundle, manifest: Manifest) -> Iterator[str]:
    known = _OTHERS | {one.path for one in manifest.events} | {one.path for one in manifest.files}
    if manifest.texts_sha256 is not None:
        known |= {TEXTS}
    for name in bundle.names:
        if name not in known:
            yield f"{name} is not in the manifest"
    if len(set(bundle.names)) != len(bundle.names):
        yield "a name is there twice"
