"""The keys of persons as one service has them in hand: its own to seal with, all to open with.

A key lies in the store of the service that seals with it, and is read by the others. Each keeps
what it read for at most `KEPT_SECONDS`: so long may an erased person's texts still be opened by a
process that has not heard of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from shared.clock import ProcessClock
from shared.crypto.finding import personal_in
from shared.crypto.ports import KeySource, StoredKey, SubjectKey
from shared.crypto.sealing import new_key, opened, text_key
from shared.events.personal import Personal

KEPT_SECONDS: Final = 60.0
_SECONDS: Final = ProcessClock().seconds
_KEPT: Final = 20_000
"""Keys of so many persons are kept in hand."""

_UNKNOWN: Final = StoredKey(None, 0)

KeySources = Callable[[str], KeySource | None]
"""Service → its keys, or None if there is no such service here."""


class KeyRing:
    """The keys that a service works with."""

    def __init__(
        self,
        service: str,
        sources: KeySources,
        *,
        seconds: Callable[[], float] = _SECONDS,
    ) -> None:
        self._service = service
        self._sources = sources
        self._seconds = seconds
        self._kept: OrderedDict[tuple[str, str], tuple[float, StoredKey]] = OrderedDict()

    # -- sealing ---------------------------------------------------------------------------

    async def own(self, subject: str) -> StoredKey:
        """What this service keeps for a person; a moment old, which a commit finds out.

        Raises `StorageUnavailable`.
        """
        return (await self._found(self._service, {subject}))[subject]

    async def own_anew(self, subject: str) -> StoredKey:
        """The same, read just now, whatever was kept. Raises `StorageUnavailable`."""
        self.forget([subject])
        return await self.own(subject)

    def fresh(self) -> SubjectKey:
        """A new key, which counts once it is recorded."""
        return new_key(self._service)

    def learned(self, subject: str, stored: StoredKey) -> None:
        """This was recorded just now."""
        self._keep(self._service, subject, stored)

    def forget(self, subjects: Iterable[str]) -> None:
        """Read these anew the next time, whoever's keys they are."""
        gone = frozenset(subjects)
        for place in [place for place in self._kept if place[1] in gone]:
            del self._kept[place]

    # -- opening ---------------------------------------------------------------------------

    async def open(self, *values: object) -> None:
        """Make every personal text in these values readable, but for those whose key is gone.

        The texts themselves are changed: for what lives as long as one answer. Raises
        `StorageUnavailable`.
        """
        await self._open([text for text in personal_in(values) if text.value is None])

    async def texts(self, *wanted: Personal | None) -> list[str | None]:
        """The texts of these, for values that live longer: nothing is changed. See `open`."""
        copies = [None if one is None else one.copy() for one in wanted]
        await self.open(copies)
        return [None if one is None else one.text for one in copies]

    async def text_keys(self, texts: Iterable[Personal]) -> dict[str, bytes]:
        """By nonce the key of each of these sealed texts that can still be opened."""
        found: dict[str, bytes] = {}
        for text, key in await self._keys_of([one for one in texts if one.sealed is not None]):
            if text.sealed is not None and key is not None:
                found[text.sealed[1]] = text_key(key, text.sealed[1])
        return found

    async def _open(self, texts: Collection[Personal]) -> None:
        for text, key in await self._keys_of(texts):
            if text.sealed is not None and key is not None:
                text.show(opened(text.sealed, text.subject, text_key(key, text.sealed[1])))

    async def _keys_of(self, texts: Collection[Personal]) -> list[tuple[Personal, bytes | None]]:
        """Each with its person's key, or None if that is gone."""
        by_service: dict[str, dict[str, list[Personal]]] = {}
        for text in texts:
            subjects = by_service.setdefault(text.key_owner, {})
            subjects.setdefault(text.subject, []).append(text)
        found: list[tuple[Personal, bytes | None]] = []
        for service, subjects in by_service.items():
            keys = await self._found(service, subjects)
            newer = [s for s in subjects if _differs(keys[s], subjects[s])]
            if newer:  # sealed under a key that was made after this one was read
                self.forget(newer)
                keys |= await self._found(service, newer)
            for subject, held in subjects.items():
                found += [(text, _key_for(keys[subject], text)) for text in held]
        return found

    # -- what is kept ----------------------------------------------------------------------

    async def _found(self, service: str, subjects: Collection[str]) -> dict[str, StoredKey]:
        since = self._seconds() - KEPT_SECONDS
        found: dict[str, StoredKey] = {}
        for subject in subjects:
            kept = self._kept.get((service, subject))
            if kept is not None and kept[0] > since:
                found[subject] = kept[1]
        missing = [subject for subject in subjects if subject not in found]
        source = self._sources(service) if missing else None
        if source is None:
            return found | dict.fromkeys(missing, _UNKNOWN)
        read: Mapping[str, StoredKey] = await source.stored(missing)
        for subject in missing:
            found[subject] = read.get(subject, _UNKNOWN)
            self._keep(service, subject, found[subject])
        return found

    def _keep(self, service: str, subject: str, stored: StoredKey) -> None:
        place = (service, subject)
        self._kept[place] = (self._seconds(), stored)
        self._kept.move_to_end(place)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _key_for(stored: StoredKey, text: Personal) -> bytes | None:
    if stored.key is None or text.sealed is None or stored.key.id != text.sealed[0]:
        return None
    return stored.key.key


def _differs(stored: StoredKey, texts: Iterable[Personal]) -> bool:
    known = None if stored.key is None else stored.key.id
    return any(text.sealed is not None and text.sealed[0] != known for text in texts)
