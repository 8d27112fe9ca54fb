"""Which texts say nearly the same."""

import pytest

from services.intake.domain.texts import plain
from services.intake.duplicates import SIMILAR
from services.intake.similarity import similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The bag is a fake.", "the bag is a FAKE!!"),
        ("包包是假的，要求退款", "包包 是 假 的,要求退款。"),
        ("The zip broke on the first day.", "Hello? The zip broke on the first day. Answer me!"),
        ("收到的鞋子开胶了，客服不理人，要求退货退款", "鞋子开胶，客服不理人，要求退款"),
    ],
)
def test_the_same_words_are_near_whatever_their_form(one: str, other: str) -> None:
    assert similarity(plain(one), plain(other)) >= SIMILAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The bag is a fake.", "You never sent the second parcel at all."),
        ("包包是假的，要求退款", "物流三天没有更新，催发货"),
        ("No.", "It is not what I ordered, no."),
        ("", "Something"),
        ("!!!", "!!!"),
    ],
)
def test_other_words_are_not(one: str, other: str) -> None:
    assert similarity(plain(one), plain(other)) < SIMILAR
