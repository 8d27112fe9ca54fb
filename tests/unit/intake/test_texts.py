"""Texts compared by what they say."""

import random

from services.intake.domain.texts import plain, sketch

TEMPLATE = (
    "本人于{day}日在贵平台购买商品，订单号{order}，收到后发现与描述严重不符，联系商家拒不处理，"
    "要求退款并赔偿损失{amount}元。"
)


def test_what_does_not_change_the_meaning_is_left_out() -> None:
    assert plain("  Ｉt’s a FAKE!\u200b 假-货 ①") == "itsafake假货1"


def test_copies_have_one_sketch_whatever_numbers_are_filled_in() -> None:
    one = sketch(TEMPLATE.format(day=3, order=88_123, amount=500))
    other = sketch(TEMPLATE.format(day=17, order=90_001_777, amount=1_200).replace("，", " , "))
    assert one is not None
    assert one == other


def test_short_texts_have_none() -> None:
    assert sketch("质量太差，要求退款。") is None
    assert sketch("1234567890 " * 10) is None


def test_a_text_of_one_letter_has_one_too() -> None:
    assert sketch("哈" * 40) is not None


def test_of_long_texts_the_beginning_counts() -> None:
    dice = random.Random(7)
    long = "".join(dice.choice("商品质量问题退款处理平台投诉") for _ in range(3000))
    assert sketch(long) == sketch(long[:2500] + "完全不同的结尾")


def test_other_texts_have_others() -> None:
    dice = random.Random(8)
    words = ["".join(dice.choices("abdegiklmnoprstu", k=5)) for _ in range(300)]
    texts = {" ".join(dice.choices(words, k=20)) for _ in range(500)}
    assert len({sketch(text) for text in texts}) > 0.9 * len(texts)


def test_a_word_changed_leaves_most_sketches_as_they_were() -> None:
    """About the square of the share of runs that stays: a template is found where many use it."""
    dice = random.Random(9)
    kept = 0
    for _ in range(300):
        text = "".join(dice.choices("我在贵平台购买商品收到后发现描述严重不符联系", k=120))
        at = dice.randrange(100)
        kept += sketch(text) == sketch(text[:at] + "王小明" + text[at + 3 :])
    assert kept > 0.7 * 300
