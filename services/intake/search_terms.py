"""Words of texts and of questions: what a complaint can be found by, in any script.

Text is made plain first (NFKC, no case, nothing invisible) and cut into runs: letters and digits
are words; Chinese, Japanese and Korean, which put no spaces between words, stay whole. A run of the
latter is found by any part of it that has two characters or more, a word only as a whole.
"""

import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Han with its extensions, iteration mark and zero; kana; Hangul syllables.
_CJK: Final = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_CJK_MORE: Final = "\U00020000-\U0003347f"
_UNSPACED: Final = re.compile(rf"[{_CJK}{_CJK_MORE}]")
_RUN: Final = re.compile(rf"[{_CJK}{_CJK_MORE}]+|[^\W_{_CJK}{_CJK_MORE}]+")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_CHUNK: Final = re.compile(r'"([^"]*)"|“([^”]*)”|([^\s"“”]+)')

MOST_TERMS: Final = 8
"""So many terms of a question are looked for in the index; all of it is checked in the texts."""


OWNERS: Final = ("consumer_id", "merchant_id")
"""Columns of the list that never change: the index knows them as if they stood in the text."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a search asks for: all `patterns` (of LIKE, on plain text), found by `terms`.

    There is one term at least.
    """

    patterns: tuple[str, ...]
    terms: tuple[int, ...]


def plain(text: str) -> str:
    """The runs of a text, each between spaces: what patterns are matched with."""
    runs = _runs(text)
    return f" {' '.join(runs)} " if runs else ""


def _runs(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _RUN.findall(_INVISIBLE.sub("", unicodedata.normalize("NFKC", folded)))


def terms(plain_text: str) -> set[int]:
    """The numbers under which a plain text is in the index: words, and pairs of characters."""
    return {_number(term) for run in plain_text.split() for term in _terms(run)}


def _terms(run: str) -> list[str]:
    if _UNSPACED.match(run):
        return [run[at : at + 2] for at in range(len(run) - 1)]
    return [run]


def _number(term: str) -> int:
    """Short, and unreadable: what people wrote is in no key. Some terms share a number."""
    return zlib.crc32(term.encode())


def owner_term(column: str, value: str) -> int:
    """The number under which a party's complaints are in the index: no text has such a term."""
    return _number(f"{column}\0{value}")


def question(asked: str) -> Question | None:
    """What somebody asks for: words apart by spaces, or "phrases". None: nothing to look for.

    What is written together has to stand together. Single characters of scripts without spaces
    narrow a search but cannot be looked for alone.
    """
    chunks = [_runs(" ".join(found)) for found in _CHUNK.findall(asked)]
    looked_for = [term for runs in chunks for run in runs for term in _terms(run)]
    if not looked_for:
        return None
    patterns = dict.fromkeys(_pattern(runs) for runs in chunks if runs)
    return Question(tuple(patterns), _spread([*dict.fromkeys(map(_number, looked_for))]))


def _pattern(runs: Sequence[str]) -> str:
    """Where a pattern ends with a word, the word ends there; runs without spaces may go on.

    Runs hold letters and digits alone, so nothing in them means anything to LIKE.
    """
    before = "" if _UNSPACED.match(runs[0]) else " "
    behind = "" if _UNSPACED.match(runs[-1]) else " "
    return f"%{before}{' '.join(runs)}{behind}%"


def _spread(found: Sequence[int]) -> tuple[int, ...]:
    """At most `MOST_TERMS`, from everywhere: neighbours of a long run say nearly the same."""
    every = -(-len(found) // MOST_TERMS)
    return tuple(found[::every])
