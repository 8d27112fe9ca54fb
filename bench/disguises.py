"""Contacts as people write them where contacts are forbidden: made up, seeded, in every disguise.

A disguise is applied to the whole contact, name and number alike, wherever it can apply; a kind of
contact that a disguise cannot apply to (a web address has no name to misspell) is left out of it.
"""

import random
import string
from collections.abc import Callable
from typing import Final

KINDS: Final = ("wechat", "qq", "phone", "url", "qr")

_SEPARATORS: Final = ("", "：", ":", " ")
_NAMES: Final = {
    "wechat": ("微信", "微信号", "WeChat", "加微信", "微信号码"),
    "qq": ("QQ", "qq号", "QQ群", "加QQ"),
    "phone": ("", "电话", "手机"),
}
_ALIASES: Final = {
    "wechat": ("薇信", "微❤", "微❤️", "vx", "VX", "V信", "v信号", "wei xin", "加V", "威信", "wx号"),
    "qq": ("扣扣", "企鹅号", "企鹅", "扣扣号", "抠抠"),
}
_SCAN: Final = (
    "扫码加我微信",
    "扫描二维码加好友",
    "长按识别二维码进群",
    "扫一扫加客服",
    "扫下方二维码加微信返现",
    "识别图中二维码联系我",
    "加我请扫二维码",
    "保存二维码后加店主",
)
_CHINESE: Final = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_CIRCLED: Final = dict(zip("0123456789", "⓪①②③④⑤⑥⑦⑧⑨", strict=True))
_EMOJI: Final = ("😀", "🌹", "👍", "🔥", "✨", "⭐", "☎️", "🎁")
_INVISIBLE: Final = ("\u200b", "\u200c", "\u200d", "\ufeff", "\u2060")
_SYLLABLES: Final = ("xiao", "mei", "lin", "bao", "hao", "wu", "li", "yan", "qing", "tao", "jun")


class Contact:
    """A contact in two parts: its name, as far as it has one, and its number, id or address."""

    def __init__(self, kind: str, name: str, number: str) -> None:
        self.kind = kind
        self.name = name
        self.number = number

    @property
    def text(self) -> str:
        """As it is written plainly."""
        return self.name + self.number


def contact(kind: str, dice: random.Random) -> Contact:
    """A contact of this kind, written plainly."""
    if kind == "qr":
        return Contact(kind, dice.choice(_SCAN), "")
    if kind == "url":
        return Contact(kind, "", _address(dice))
    name = dice.choice(_NAMES[kind])
    if name:
        name += dice.choice(_SEPARATORS)
    number = {"wechat": _wechat_id, "qq": _qq, "phone": _phone}[kind](dice)
    return Contact(kind, name, number)


def _wechat_id(dice: random.Random) -> str:
    if dice.random() < 0.2:  # noqa: PLR2004 - many use their number
        return _phone(dice)
    word = "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(1, 2)))
    return word + dice.choice(("", "_")) + _digits(dice, dice.randint(3, 6))


def _qq(dice: random.Random) -> str:
    return dice.choice("123456789") + _digits(dice, dice.randint(5, 9))


def _phone(dice: random.Random) -> str:
    if dice.random() < 0.15:  # noqa: PLR2004 - some give a landline
        return dice.choice(("010", "021", "0755", "0571")) + dice.choice("5678") + _digits(dice, 7)
    return "1" + dice.choice("3456789") + _digits(dice, 9)


def _address(dice: random.Random) -> str:
    host = "".join(dice.choice(string.ascii_lowercase) for _ in range(dice.randint(3, 8)))
    host += _digits(dice, dice.randint(0, 3))
    end = dice.choice(("com", "cn", "net", "cc", "top", "vip", "xyz", "com.cn"))
    path = dice.choice(("", "/" + "".join(dice.choices(string.ascii_letters + "0123", k=5))))
    return dice.choice(("http://www.", "www.", "http://", "")) + f"{host}.{end}{path}"


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choice(string.digits) for _ in range(count))


Disguise = Callable[[Contact, random.Random], list[str] | None]
"""The contact in disguise: one text, or two if it is split; None where it cannot apply."""


def _plain(one: Contact, _: random.Random) -> list[str]:
    return [one.text]


def _full_width(one: Contact, _: random.Random) -> list[str] | None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in one.text)
    return None if wide == one.text else [wide]


def _spaced(one: Contact, dice: random.Random) -> list[str]:
    between = dice.choice((" ", "  ", " ") if one.kind == "url" else (" ", ".", "-", "·", "。"))
    return [between.join(one.text.replace(" ", ""))]


def _zero_width(one: Contact, dice: random.Random) -> list[str]:
    return ["".join(c + dice.choice(_INVISIBLE) for c in one.text)]


def _alias(one: Contact, dice: random.Random) -> list[str] | None:
    if one.kind not in _ALIASES:
        return None
    return [dice.choice(_ALIASES[one.kind]) + dice.choice(_SEPARATORS) + one.number]


def _translated(one: Contact, table: dict[str, str]) -> list[str] | None:
    number = "".join(table.get(c, c) for c in one.number)
    return None if number == one.number else [one.name + number]


def _chinese(one: Contact, _: random.Random) -> list[str] | None:
    return None if one.kind == "url" else _translated(one, _CHINESE)


def _circled(one: Contact, _: random.Random) -> list[str] | None:
    return _translated(one, _CIRCLED)


def _split(one: Contact, _: random.Random) -> list[str] | None:
    if one.kind not in {"qq", "phone", "wechat"} or not one.number.isdigit():
        return None
    half = len(one.number) // 2
    return [one.name + one.number[:half], one.number[half:]]


def _letters(one: Contact, dice: random.Random) -> list[str] | None:
    if one.kind == "url":
        return None
    table = {"0": dice.choice("oO"), "1": dice.choice("lI")}
    return _translated(one, table)


def _emoji(one: Contact, dice: random.Random) -> list[str]:
    return [dice.choice(_EMOJI).join(one.text.replace(" ", ""))]


def _nameless(one: Contact, dice: random.Random) -> list[str] | None:
    if one.kind != "wechat":
        return None
    return [dice.choice(("加我", "联系我", "加我：", "加我 ", "找我加我")) + one.number]


DISGUISES: Final[dict[str, Disguise]] = {
    "plain": _plain,
    "full width": _full_width,
    "spaces and dots": _spaced,
    "zero width": _zero_width,
    "other names": _alias,
    "chinese digits": _chinese,
    "circled digits": _circled,
    "two messages": _split,
    "letters for digits": _letters,
    "emoji between": _emoji,
    "no name": _nameless,
}
