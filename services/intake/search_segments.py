"""Segments of the index of texts: which terms stand at which places, packed.

A segment has `SIZE` places, in the order of the list, oldest first. Few places of a term are
written as 2 bytes each; more as one bit for each place of the segment.
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import pack, unpack
from typing import Final

SIZE: Final = 2_048
"""Places of a segment. Stored numbers rest on it: it never changes."""

_BITMAP: Final = SIZE // 8
"""Bytes. What is shorter is a list."""

_LISTED: Final = 64
"""Places at most that are written as a list: quick to read, and not more than half a bitmap."""

_BITS: Final = tuple(1 << place for place in range(SIZE))


def packed_of(places: Sequence[int]) -> bytes:
    """Different places, 0 to `SIZE` - 1."""
    if len(places) <= _LISTED:
        return pack(f">{len(places)}H", *places)
    return sum(map(_BITS.__getitem__, places)).to_bytes(_BITMAP)


def bits_of(packed: bytes) -> int:
    """The same as one number with a bit for each place."""
    if len(packed) == _BITMAP:
        return int.from_bytes(packed)
    return sum(map(_BITS.__getitem__, unpack(f">{len(packed) // 2}H", packed)))


def common(packed: Sequence[bytes]) -> int:
    """The places that all of these have. Begins with the fewest, and ends where none is left."""
    first, *more = sorted(packed, key=len)
    bits = bits_of(first)
    for one in more:
        if not bits:
            break
        bits &= bits_of(one)
    return bits


def without(packed: bytes, places: Iterable[int]) -> bytes:
    """The others, packed again. Empty if there are none."""
    bits = bits_of(packed)
    for place in places:
        bits &= ~_BITS[place]
    return packed_of(sorted(newest_first(bits)))


def newest_first(bits: int) -> Iterator[int]:
    """The places whose bits are set, from the last."""
    while bits:
        place = bits.bit_length() - 1
        yield place
        bits ^= 1 << place


def gathered(texts: Iterable[set[int]]) -> dict[int, list[int]]:
    """The places of each term, of texts at place 0, 1, …"""
    return gathered_at(enumerate(texts))


def gathered_at(texts: Iterable[tuple[int, set[int]]]) -> dict[int, list[int]]:
    """The places of each term, of texts with their places."""
    found: dict[int, list[int]] = {}
    for place, terms in texts:
        for term in terms:
            found.setdefault(term, []).append(place)
    return found
