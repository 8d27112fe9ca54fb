"""Keys of persons as they lie in stores."""

from collections.abc import Collection, Mapping

import msgspec

from shared.crypto.ports import SUBJECT_KEY, StoredKey, SubjectKey
from shared.eventlog.ports import Document, EventLog, Statement

_decoder = msgspec.json.Decoder(SubjectKey)


def key_document(subject: str, stored: StoredKey) -> Document:
    """The document that puts this key in the place of what was read at its version."""
    data = None if stored.key is None else msgspec.json.encode(stored.key)
    return Document(kind=SUBJECT_KEY, key=subject, version=stored.version, data=data)


def stored_key(document: Document) -> StoredKey:
    """The inverse."""
    key = None if document.data is None else _decoder.decode(document.data)
    return StoredKey(key, document.version)


def ends_a_key(document: Document) -> bool:
    """Whether this puts nothing in the place of a person's key."""
    if document.kind != SUBJECT_KEY or not document.version:
        return False
    key = stored_key(document).key
    return key is None or key.key is None


class DocumentKeys:
    """Implements `KeySource` for a store that is at hand."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def stored(self, subjects: Collection[str]) -> Mapping[str, StoredKey]:
        """See `KeySource.stored`."""
        return {
            subject: stored_key(await self._log.document(SUBJECT_KEY, subject))
            for subject in subjects
        }


class SharedKeys:
    """Implements `KeySource` on PostgreSQL for another service's schema, through a store in hand.

    What may be read there is its view `subject_keys`, nothing else.
    """

    def __init__(self, log: EventLog, schema: str) -> None:
        self._log = log
        self._sql = (
            f'SELECT subject, version, data FROM "{schema}".subject_keys '  # noqa: S608
            "WHERE subject = ANY(:subjects)"
        )

    async def stored(self, subjects: Collection[str]) -> Mapping[str, StoredKey]:
        """See `KeySource.stored`."""
        rows = await self._log.fetch(Statement(self._sql, {"subjects": [*subjects]}))
        return {
            row["subject"]: StoredKey(_decoder.decode(row["data"]), row["version"]) for row in rows
        }
