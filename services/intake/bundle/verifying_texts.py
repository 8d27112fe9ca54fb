"""Checks that the texts in a bundle are those that lie sealed in its events."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from services.intake.bundle.manifest import FIRST_FORMAT, MANIFEST, TEXTS, Manifest, event_path
from services.intake.bundle.texts import TextEntry, says, sealed_in, texts_of
from shared.events.personal import Personal

Place = tuple[int, str]
"""Version of the event, and where in it the text stands."""


def text_faults(
    manifest: Manifest, stored: Sequence[bytes | None], listed: bytes | None
) -> Iterator[str]:
    """What is wrong with the texts. `listed` is the file of them, None if it cannot be read.

    Of events that are missing themselves nothing is said here.
    """
    if manifest.texts_sha256 is None:
        if manifest.format != FIRST_FORMAT:
            yield f"{MANIFEST} says nothing of {TEXTS}"
        return
    if listed is None:
        yield f"{TEXTS} is missing or broken"
        return
    if hashlib.sha256(listed).hexdigest() != manifest.texts_sha256:
        yield f"{TEXTS} was altered"
    try:
        entries = texts_of(listed).texts
    except ValueError as error:
        yield f"{TEXTS} cannot be read: {error}"
        return
    unknown = {
        one.version for one, data in zip(manifest.events, stored, strict=True) if data is None
    }
    known = [one for one in entries if one.version not in unknown]
    yield from _compared(known, _sealed(manifest, stored))


def erased_texts(listed: bytes | None) -> tuple[TextEntry, ...]:
    """The texts that nobody can read any more, as the bundle says."""
    try:
        entries = texts_of(listed or b"").texts
    except ValueError:
        return ()
    return tuple(one for one in entries if one.erased)


def _sealed(manifest: Manifest, stored: Sequence[bytes | None]) -> dict[Place, Personal]:
    return {
        (one.version, field): text
        for one, data in zip(manifest.events, stored, strict=True)
        for field, text in sealed_in(data or b"")
    }


def _compared(entries: Sequence[TextEntry], sealed: Mapping[Place, Personal]) -> Iterator[str]:
    places = [(one.version, one.field) for one in entries]
    for place in sealed.keys() - set(places):
        yield f"{TEXTS} lacks {_named(place)}"
    if len(set(places)) != len(places):
        yield f"{TEXTS} holds a text twice"
    for place, one in zip(places, entries, strict=True):
        text = sealed.get(place)
        if text is None:
            yield f"{_named(place)} is no sealed text"
        elif not one.erased:
            yield from _opened(one, text, _named(place))


def _opened(one: TextEntry, text: Personal, name: str) -> Iterator[str]:
    if one.key is None:
        yield f"{name} has no key"
        return
    said = says(text, one.key)
    if said is None:
        yield f"{name} does not open with its key"
    elif said != one.text:
        yield f"{name} does not say what {TEXTS} says"


def _named(place: Place) -> str:
    version, field = place
    return f"{event_path(version)} {field}"
