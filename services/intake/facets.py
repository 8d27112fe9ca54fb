"""What a list is narrowed by, in one number: so that one index tells all of it.

Each vocabulary has bits of its own; 0 means that nothing is known. Codes are the places of the
words in their vocabulary, counted from 1: **a vocabulary may only grow at its end**, or lists made
before would lie (a test holds the codes).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.events.vocabulary import NOT_OPEN, Band, Category, Channel, Priority, Status, Turn


@dataclass(frozen=True, slots=True)
class Field:
    """The bits of one vocabulary: `width` of them, from `shift` on."""

    words: type[StrEnum]
    shift: int
    width: int

    @property
    def mask(self) -> int:
        """All bits of the field."""
        return ((1 << self.width) - 1) << self.shift

    def bits(self, word: StrEnum | str) -> int:
        """A word in its place. Raises `ValueError` if it is none of the vocabulary."""
        return (list(self.words).index(self.words(word)) + 1) << self.shift


FIELDS: Final[Mapping[str, Field]] = {
    "status": Field(Status, 0, 6),
    "turn": Field(Turn, 6, 4),
    "category": Field(Category, 10, 6),
    "channel": Field(Channel, 16, 4),
    "priority": Field(Priority, 20, 3),
    "band": Field(Band, 23, 4),
}
OPEN: Final = 1 << 27
"""Set while something is owed to the complaint."""


def facet(**words: StrEnum) -> int:
    """These words as one number; whether it is open follows from the status."""
    found = 0
    for name, word in words.items():
        found |= FIELDS[name].bits(word)
    status = words.get("status")
    return found | OPEN if status is not None and status not in NOT_OPEN else found


def mask(*names: str) -> int:
    """All bits of these fields; of the status' with whether it is open."""
    found = 0
    for name in names:
        found |= FIELDS[name].mask
    return found | OPEN if "status" in names else found
