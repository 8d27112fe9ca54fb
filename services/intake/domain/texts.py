"""Texts compared by what they say: without what does not change their meaning, and as a sketch."""

import re
import unicodedata
from functools import lru_cache
from typing import Final
from zlib import crc32

SKETCHED: Final = 1_000
"""So many characters of a text are sketched; longer ones are told apart by how they begin."""

LONG_ENOUGH: Final = 20
"""Shorter texts are alike by chance: "the parcel never arrived" is no template."""

_SHINGLE: Final = 8
_SAMPLED: Final = 4
"""One run in so many counts, chosen by what it begins with: alike in whatever text it stands."""

_FEWEST: Final = 2
"""Of texts with fewer sampled runs all count."""

_NUMBERS: Final = re.compile(r"\d+")


@lru_cache(maxsize=64)  # of one text it is asked for several times in a row
def plain(text: str) -> str:
    """A text without what does not change its meaning: width, case, spacing, punctuation.

    Zero-width characters, combining marks and emoji go too.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded))


@lru_cache(maxsize=64)  # asked for by the rules and, a moment later, by the view
def sketch(text: str) -> int | None:
    """A number of 32 bits that near-identical texts are likely to share; None for a short text.

    The plain text without its numbers (order numbers and amounts differ where a template is used)
    is cut into all its runs of eight characters, of which a fourth counts, chosen by how they
    begin. The number stands for the two of them with the lowest checksums: a bottom-k sketch (A.
    Broder, "On the resemblance and containment of documents", 1997), in which one phrase that
    everybody uses is not enough. Copies share it always, texts with a share J of their runs in
    common with a probability of about J²: one number is what a filing can afford, and a template
    that matters is used by many.
    """
    said = _NUMBERS.sub("", plain(text[: 2 * SKETCHED]))[:SKETCHED]
    if len(said) < LONG_ENOUGH:
        return None
    data = said.encode("utf-32-le")
    width = 4 * _SHINGLE
    begins = range(0, len(data) - width + 1, 4)
    # Little-endian: the first byte of four is the low one of the character.
    sums = {crc32(data[at : at + width]) for at in begins if data[at] % _SAMPLED == 0}
    if len(sums) < _FEWEST:
        sums = {crc32(data[at : at + width]) for at in begins}
    lowest = min(sums)
    sums.discard(lowest)
    return crc32(b"%d %d" % (lowest, min(sums, default=lowest)))
