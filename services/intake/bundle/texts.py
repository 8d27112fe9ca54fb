"""What people wrote, beside the events in which it lies sealed: each text with the key to it alone.

`docs/evidence-bundle.md` says how to open one without this program.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import opened
from shared.events.envelope import Recorded
from shared.events.personal import SEALED_FIELDS, Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEntry:
    """One sealed text. `version` is its event's, `field` where it stands there (RFC 6901).

    `key` (base64) opens this text and nothing else. Both None: its person was erased, or the key
    was lost; nobody can read it any more.
    """

    version: int
    field: str
    text: str | None
    key: str | None

    @property
    def erased(self) -> bool:
        """Nobody can read it any more."""
        return self.text is None and self.key is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All sealed texts of a bundle's events, in order."""

    texts: tuple[TextEntry, ...] = ()


def texts_bytes(texts: Texts) -> bytes:
    """As they lie in the bundle: JSON for people to read."""
    return msgspec.json.format(msgspec.json.encode(texts), indent=2) + b"\n"


def texts_of(data: bytes) -> Texts:
    """The inverse. Raises `ValueError`."""
    return msgspec.json.decode(data, type=Texts)


async def texts_in(history: Sequence[Recorded], keys: KeyRing) -> Texts:
    """The texts of these events as far as they can be opened. Raises `StorageUnavailable`."""
    found = [
        (record.version, field, text)
        for record in history
        for field, text in sealed_in(record.data)
    ]
    by_nonce = await keys.text_keys([text for _, _, text in found])
    return Texts(texts=tuple(_entry(*one, by_nonce) for one in found))


def _entry(version: int, field: str, text: Personal, by_nonce: dict[str, bytes]) -> TextEntry:
    key = None if text.sealed is None else by_nonce.get(text.sealed[1])
    if key is None:
        return TextEntry(version=version, field=field, text=None, key=None)
    encoded = b64encode(key).decode()
    return TextEntry(version=version, field=field, text=says(text, encoded), key=encoded)


def says(text: Personal, key: str) -> str | None:
    """What a sealed text says by its key (base64); None if it does not open with it."""
    try:
        raw = b64decode(key, validate=True)
    except ValueError:
        return None
    return None if text.sealed is None else opened(text.sealed, text.subject, raw)


def sealed_in(data: bytes) -> list[tuple[str, Personal]]:
    """The sealed texts in an event's JSON by where they stand; none if it is no JSON."""
    try:
        return list(_sealed(msgspec.json.decode(data), ""))
    except (ValueError, RecursionError):
        return []


def _sealed(value: Any, field: str) -> Iterator[tuple[str, Personal]]:
    if isinstance(value, dict):
        if value.keys() == SEALED_FIELDS and all(isinstance(part, str) for part in value.values()):
            yield field, Personal.from_wire(value)
            return
        for name, part in value.items():
            yield from _sealed(part, f"{field}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _sealed(part, f"{field}/{index}")
