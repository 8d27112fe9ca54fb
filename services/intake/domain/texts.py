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
_NUMBERS: Final = re.compile(r"\d+")


def plain(text: str) -> str:
    """A text without what does not change its meaning: width, case, spacing, punctuation.

    Zero-width characters, combining marks and emoji go too.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded))


@lru_cache(maxsize=64)  # asked for by the rules and, a moment later, by the view
def sketch(text: str) -> int | None:
    """A number of 32 bits that near-identical texts are likely to share; None for a short text.

    Of all runs of eight characters of the plain text without its numbers (order numbers and amounts
    differ where a template is used) it stands for the two with the lowest checksums: a bottom-k
    sketch (A. Broder, "On the resemblance and containment of documents", 1997), in which one phrase
    that everybody uses is not enough. Copies share it always, texts with a share J of their runs in
    common with a probability of J²: one number is what a filing can afford, and a template that
    matters is used by many.
    """
    said = _NUMBERS.sub("", plain(text[: 2 * SKETCHED]))[:SKETCHED]
    if len(said) < LONG_ENOUGH:
        return None
    data = said.encode("utf-32-le")
    width = 4 * _SHINGLE
    sums = {crc32(data[at : at + width]) for at in range(0, len(data) - width + 1, 4)}
    lowest = min(sums)
    sums.discard(lowest)
    return crc32(b"%d %d" % (lowest, min(sums, default=lowest)))
