"""What keys of persons look like to those who seal and open texts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

SUBJECT_KEY: Final = "subject_key"
"""The kind of the documents that hold keys, one for each person, in the store of the service that
seals with them. Its document goes through versions and is never deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectKey:
    """What a service keeps for one person. Without a `key` the person was erased.

    `closing`: somebody is about to erase the person; whoever seals a text calls that off.
    """

    id: str
    key: bytes | None
    closing: bool = False


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A person's key at a version of its document: 0 and no key if there never was one."""

    key: SubjectKey | None
    version: int


class KeySource(Protocol):
    """Reads the keys of one service."""

    async def stored(self, subjects: Collection[str]) -> Mapping[str, StoredKey]:
        """What is kept for these persons, as committed; nothing of those that are not known.

        Raises `StorageUnavailable`.
        """
        ...
