"""What a bundle says of itself: the list of all that is in it, with digests. This is signed.

`docs/evidence-bundle.md` describes the format for whoever checks one without this program.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from shared.events.envelope import Actor

FORMAT: Final = "amends-evidence-bundle/2"
FIRST_FORMAT: Final = "amends-evidence-bundle/1"
"""Of bundles made before texts were sealed: they have no `texts.json`."""

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
PUBLIC_KEY: Final = "public-key.pem"
TEXTS: Final = "texts.json"
EXPLANATION: Final = "READ-ME.txt"


class Content(StrEnum):
    """How a piece of evidence was found when the bundle was made."""

    INTACT = "intact"
    ALTERED = "altered"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """One event. `sha256`, in hexadecimal, is that of the file at `path`: its stored bytes."""

    version: int
    id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One piece of evidence. `sha256` is what was recorded when it was added; `bytes` likewise.

    A missing one has no file at `path`.
    """

    evidence_id: str
    kind: str
    media_type: str
    bytes: int
    sha256: str
    path: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`events_sha256` is the digest that a referral names (docs/domain.md, "Referrals").

    `version` is that of the complaint's stream at the last event. `texts_sha256`, in hexadecimal,
    is that of `texts.json`; it is None in the first format alone.
    """

    format: str = FORMAT
    complaint_id: str
    version: int
    events_sha256: str
    events: tuple[EventEntry, ...]
    files: tuple[FileEntry, ...] = field(default=())
    texts_sha256: str | None = None


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it is signed: JSON for people to read too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def manifest_of(data: bytes) -> Manifest:
    """The inverse. Raises `ValueError` if it is none of these formats."""
    manifest = msgspec.json.decode(data, type=Manifest)
    if manifest.format not in (FIRST_FORMAT, FORMAT):
        raise ValueError(f"the format is {manifest.format}, not {FORMAT}")
    return manifest


def event_path(version: int) -> str:
    """Where an event lies in the bundle."""
    return f"events/{version:06}.json"
