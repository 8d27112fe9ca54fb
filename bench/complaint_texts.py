"""What a million people write: descriptions in Chinese and English, the same every time.

Words are as unequal as in real texts: some are in half of all, and every text has some that hardly
any other has. What lists are searched for (`bench.reads`) is put in on purpose.
"""

import random
from typing import Final

FREQUENT_ZH: Final = "退款"
"""In about half of all texts in Chinese."""

APART_ZH: Final = ("快递", "直播间")
"""Each in a third of the texts in Chinese; together in two of a million."""

RARE_ZH: Final = "琥珀蜡烛"
"""In three of a million."""

FREQUENT_EN: Final = "refund"
RARE_EN: Final = "kaleidoscope"
"""In three of a million."""

OWN_ZH: Final = "呐噤"
"""A word of people's own, in some hundreds."""

_RARE_AT: Final = {123_457: RARE_ZH, 500_001: RARE_ZH, 900_003: RARE_ZH}
_RARE_EN_AT: Final = {123_460: RARE_EN, 500_004: RARE_EN, 900_004: RARE_EN}
_TOGETHER_AT: Final = {300_001, 700_003}

_ZH: Final = (
    "商家一直不回复", "客服态度很差", "拆开发现是坏的", "和图片完全不一样", "我要求赔偿",
    "等了半个月还没收到", "说好第二天发货", "验证码都不给", "平台请尽快处理", "鉴定是假货",
    "尺码发错了", "保质期已经过了", "包装破损严重", "优惠券不能用", "多收了我的运费",
    "换货以后还是有问题", "申请被拒绝三次", "卖家让我加微信", "发票一直没开", "承诺七天无理由",
    "屏幕有一条裂缝", "电池充不进电", "穿了一次就开线", "颜色掉得厉害", "孩子用了过敏",
)  # fmt: skip
_EN: Final = (
    "the seller does not answer", "it arrived broken", "not what the picture shows",
    "I was promised delivery in two days", "the size is wrong", "the battery does not charge",
    "support hung up on me", "the box was open", "it smells of paint", "the voucher was refused",
    "they asked me to pay outside", "the invoice never came", "it is a fake", "the seam came apart",
)  # fmt: skip
_SYLLABLES: Final = ("ka", "lo", "mi", "ter", "san", "bo", "ri", "vel", "du", "pen", "gar", "no")
_LEXICON: Final = 20_000
_HAN: Final = 3_000
_ALPHABET: Final = [chr(0x4E00 + place) for place in range(_HAN)] + ["，"] * (_HAN // 9)


def description(number: int) -> str:
    """The text of complaint `number`; every fourth is in English."""
    dice = random.Random(number)  # noqa: S311 - the same text every time
    return _english(number, dice) if number % 4 == 0 else _chinese(number, dice)


def own_words(number: int) -> str:
    """A text in Chinese that shares no phrase with others.

    Real texts are as unlike: of 17,952 reviews 0.7 % share their sketch with another.
    """
    dice = random.Random(number)  # noqa: S311 - the same text every time
    return "".join(dice.choices(_ALPHABET, k=90))


def _chinese(number: int, dice: random.Random) -> str:
    parts = dice.sample(_ZH, 4)
    parts += [_own_word_zh(dice) for _ in range(8)]
    if dice.random() < 0.5:  # noqa: PLR2004
        parts.append(f"要求{FREQUENT_ZH}")
    which = number % 3
    if which < len(APART_ZH):
        parts.append(f"{APART_ZH[which]}的问题")
    if number in _TOGETHER_AT:
        parts += APART_ZH
    if number in _RARE_AT:
        parts.append(f"买的{_RARE_AT[number]}")
    dice.shuffle(parts)
    return f"订单{number}，" + "，".join(parts) + "。"


def _english(number: int, dice: random.Random) -> str:
    parts = dice.sample(_EN, 3)
    parts += [_own_word_en(dice) for _ in range(8)]
    if dice.random() < 0.5:  # noqa: PLR2004
        parts.append(f"I want a {FREQUENT_EN}")
    if number in _RARE_EN_AT:
        parts.append(f"a {_RARE_EN_AT[number]} for my son")
    dice.shuffle(parts)
    return f"Order {number}: " + ", ".join(parts) + "."


def _own_word_zh(dice: random.Random) -> str:
    """A word of two characters; the first of the lexicon are used far more than its last."""
    place = int(_LEXICON ** dice.random())
    return chr(0x4E00 + place * 7 % _HAN) + chr(0x4E00 + place * 13 % (_HAN - 1))


def _own_word_en(dice: random.Random) -> str:
    place = int(_LEXICON ** dice.random())
    word = ""
    for _ in range(3):
        place, syllable = divmod(place, len(_SYLLABLES))
        word += _SYLLABLES[syllable]
    return word + (str(place) if place else "")
