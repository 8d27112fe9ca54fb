"""Texts as they are meant: width, case, zero-width characters, spacing and emoji taken away.

Where each remaining character stood is kept, so that a find can be shown in the original.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CHINESE_DIGITS: Final = {
    **dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    **dict(zip("貳參陸", "236", strict=True)),
    "幺": "1",
    "两": "2",
}
"""Chinese numerals digit by digit, the ones of the bank and of the telephone too."""

_HEARTS: Final = frozenset("❤♥♡❣💓💔💕💖💗💘💙💚💛💜💝💞🖤🤍🤎🧡🩷🩵🩶")
_BEFORE_HEART: Final = frozenset("微薇威维葳徽vw")
_PICTURES: Final = {"+": "加", "➕": "加", "✚": "加", "🐧": "企鹅"}
_KEPT: Final = frozenset("_@")
_NO_RUN: Final = frozenset(",，、;；/%|=()（）【】[]{}<>《》元￥¥$")
"""What stands between two numbers, and not between the digits of one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character stood: the message, and the index in it."""

    message: int
    index: int


@dataclass(frozen=True, slots=True)
class Folded:
    """Letters, digits and Chinese characters of some messages, in one string.

    `text` has Chinese numerals as they are, `plain` as digits; `places` says where each character
    stood, `joined` whether it may belong to one number with the character before it, `touching`
    whether nothing at all stood between them.
    """

    text: str
    plain: str
    places: tuple[Place, ...]
    joined: tuple[bool, ...]
    touching: tuple[bool, ...]


def fold(messages: Sequence[str]) -> Folded:
    """The messages, oldest first, as one folded text."""
    kept: list[str] = []
    places: list[Place] = []
    joined: list[bool] = []
    touching: list[bool] = []
    together = adjacent = False
    for number, message in enumerate(messages):
        for index, char in enumerate(message):
            for part in _folded(char, kept[-1] if kept else ""):
                if part in _KEPT or part.isalnum():
                    kept.append(part)
                    places.append(Place(number, index))
                    joined.append(together)
                    touching.append(adjacent)
                    together = adjacent = True
                else:
                    adjacent = False
                    together = together and part not in _NO_RUN
    text = "".join(kept)
    plain = "".join(CHINESE_DIGITS.get(char, char) for char in text)
    return Folded(text, plain, tuple(places), tuple(joined), tuple(touching))


def _folded(char: str, before: str) -> str:
    """What one character comes to: often itself, sometimes several, or nothing."""
    if char in _HEARTS:
        return "心" if before in _BEFORE_HEART else ""
    if char in _PICTURES:
        return _PICTURES[char]
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(char) in {"Cf", "Mn", "Me", "So", "Sk"} and not _circled(char):
        return ""
    return unicodedata.normalize("NFKC", char).casefold()


def _circled(char: str) -> bool:
    """Circled and squared letters and numbers are symbols, but mean letters and numbers."""
    return unicodedata.normalize("NFKC", char) != char


_DOTS: Final = frozenset("。．·丶•点")


def webbed(message: str) -> tuple[str, tuple[int, ...]]:
    """A message as far as addresses of the web go, and the index of each character in it.

    Spaces between single characters and around a dot are taken away (`w w w . x . com`), others
    stay: a sentence that ends before the next is no address. A Chinese full stop or 点 between
    Latin letters is a dot.
    """
    chars: list[tuple[str, int]] = []
    for index, char in enumerate(message):
        if char.isspace():
            chars.append((" ", index))
            continue
        if char in _DOTS:
            chars.append((char, index))
            continue
        chars += [(CHINESE_DIGITS.get(part, part), index) for part in _folded(char, "")]
    chars = _without_thin_spaces(chars)
    text = "".join(
        "." if char in _DOTS and _latin(chars, at - 1) and _latin(chars, at + 1) else char
        for at, (char, _) in enumerate(chars)
    )
    return text, tuple(index for _, index in chars)


def _without_thin_spaces(chars: list[tuple[str, int]]) -> list[tuple[str, int]]:
    words: list[list[tuple[str, int]]] = [[]]
    for char in chars:
        if char[0] == " ":
            if words[-1]:
                words.append([])
        else:
            words[-1].append(char)
    found: list[tuple[str, int]] = []
    for number, word in enumerate(words):
        if number > 0 and word and not _one_word(words[number - 1], word):
            found.append((" ", word[0][1]))
        found += word
    return found


def _one_word(before: list[tuple[str, int]], word: list[tuple[str, int]]) -> bool:
    """Whether a space between them only spreads an address: single characters, or a dot alone."""
    if len(before) == len(word) == 1:
        return True
    return any(len(one) == 1 and one[0][0] in _DOTS | {"."} for one in (before, word))


def _latin(chars: list[tuple[str, int]], at: int) -> bool:
    return 0 <= at < len(chars) and chars[at][0].isascii() and chars[at][0].isalnum()
