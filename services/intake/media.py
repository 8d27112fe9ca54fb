"""What a file is, by its first bytes: never by its name or what its sender calls it."""

import codecs
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HEAD_BYTES: Final = 512
"""So much of a file says what it is."""

_AT_START: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_HEIF: Final = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"hevc"})
_MP4: Final = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"})
_MP4_MORE: Final = frozenset({b"MSNV", b"dash", b"3gp4", b"3gp5", b"3gp6"})
_EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/gif": "gif",
        "image/webp": "webp",
        "image/heic": "heic",
        "application/pdf": "pdf",
        "video/mp4": "mp4",
        "video/quicktime": "mov",
        "audio/mp4": "m4a",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "text/plain": "txt",
    }
)
ACCEPTED: Final = frozenset(_EXTENSIONS)
"""The types that evidence may have."""

_SAME: Final = {
    "image/jpg": "image/jpeg",
    "image/heif": "image/heic",
    "audio/x-wav": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
}
_ACTIVE: Final = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"#!", b"mz", b"<?php")


def media_type_of(head: bytes) -> str | None:
    """The type of a file that begins like this; None if it is none that evidence may have.

    `head`: its first `HEAD_BYTES`, or the whole file if that is shorter.
    """
    for magic, media_type in _AT_START:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    return "text/plain" if _is_text(head) else None


def _of_brand(brand: bytes) -> str | None:
    if brand in _HEIF:
        return "image/heic"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand == b"M4A ":
        return "audio/mp4"
    return "video/mp4" if brand in _MP4 | _MP4_MORE else None


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters, and nothing that a browser or a shell would run."""
    try:
        whole = len(head) < HEAD_BYTES
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    if any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text):
        return False
    return not text.strip().lower().encode().startswith(_ACTIVE)


def agrees(declared: str | None, found: str) -> bool:
    """Whether a declared type is that of the content; one that says nothing agrees with all."""
    named = (declared or "").partition(";")[0].strip().lower()
    named = _SAME.get(named, named)
    return named in {"", "application/octet-stream", found}


def file_name(sha256: str, media_type: str) -> str:
    """A safe name for a download: nothing of what its sender called it."""
    return f"evidence-{sha256[:12]}.{_EXTENSIONS.get(media_type, 'bin')}"
