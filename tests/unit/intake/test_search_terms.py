"""What texts are found by: any two characters of Chinese, every word, in whatever width or case."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.search_terms import MOST_TERMS, Question, plain, question, terms

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
WORD = st.text("abcdefghijklmnopqrstuvwxyzäöüABCXYZ0123456789", min_size=1, max_size=12)
NOISE = st.sampled_from(["，", "。", "!", " ", "\n", "-", "😀", "\u200b ", "%", "_", '"', "/"])
TEXT = st.lists(st.text(HAN, max_size=8) | WORD | NOISE, max_size=20).map("".join)


def found(asked: Question | None, text: str) -> bool:
    """As a database does it: by terms first, then by patterns."""
    assert asked is not None
    written = plain(text)
    return set(asked.terms) <= terms(written) and all(
        re.search(re.escape(pattern.strip("%")), written) for pattern in asked.patterns
    )


@given(before=TEXT, run=st.text(HAN, min_size=2, max_size=30), behind=TEXT, data=st.data())
def test_any_two_characters_of_chinese_or_more_find_their_text(
    before: str, run: str, behind: str, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(run) - 2))
    last = data.draw(st.integers(first + 2, len(run)))
    assert found(question(run[first:last]), before + run + behind)


@given(before=TEXT, word=WORD, behind=TEXT)
def test_every_word_finds_its_text(before: str, word: str, behind: str) -> None:
    assert found(question(word), f"{before} {word} {behind}")


@given(words=st.lists(WORD | st.text(HAN, min_size=2, max_size=6), min_size=1, max_size=12))
def test_words_find_their_text_in_any_order(words: list[str]) -> None:
    assert found(question(" ".join(words)), " ".join(reversed(words)))
    assert found(question(f'"{" ".join(words)}"'), " ".join(words))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("iphone", "我的ＩＰｈｏｎｅ坏了"),
        ("ＩＰＨＯＮＥ", "my iPhone broke"),
        ("12345", "订单１２３４５"),
        ("strasse", "Die STRAẞE"),
        ("ガラス", "ｶﾞﾗｽの箱"),
        ("微信", "加微\u200b信"),
        ("人々", "人々の声"),
        ("가방", "새가방입니다"),
        ("𠮷野", "在𠮷野家"),
        ("O-2026/001", "order o-2026/001, late"),
        ("退款 refund", "I want a refund (退款)"),
        ("iphone手机", "买的 iPhone 手机壳"),
        ("假的，退", "袋子是假的，退钱"),
        ('"not answer"', "they did not answer me"),
        ("“没有 发货”", "一直没有，发货"),
    ],
)
def test_however_it_is_written_it_is_found(asked: str, text: str) -> None:
    assert found(question(asked), text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("phone", "my iphone"),
        ("iphone", "iphone15"),
        ("假的退", "是假的，退钱"),
        ("退款 快递", "要求退款"),
        ('"answer not"', "they did not answer"),
        ("not answer-me", "they did not answer"),
        ("the %", "and no percent"),
        ("款退", "退款"),
    ],
)
def test_what_is_not_there_is_not_found(asked: str, text: str) -> None:
    assert not found(question(asked), text)


@pytest.mark.parametrize("asked", ["", " ", "%", "_", "我", "我 他", '"…"', "，。", "\u200b", "\0"])
def test_there_may_be_nothing_to_search_for(asked: str) -> None:
    assert question(asked) is None


def test_one_character_narrows_beside_others() -> None:
    assert found(question("我 退款"), "我要退款")
    assert not found(question("他 退款"), "我要退款")


def test_of_a_long_question_the_index_is_asked_a_part_and_the_text_all() -> None:
    long = "".join(chr(0x4E00 + 7 * n) for n in range(200))
    asked = question(long)
    assert asked is not None
    assert len(asked.terms) <= MOST_TERMS
    assert found(asked, f"说{long}了")
    assert not found(asked, long[:-1])


@given(text=TEXT)
def test_patterns_hold_nothing_that_means_more_than_itself(text: str) -> None:
    asked = question(text)
    for pattern in asked.patterns if asked else ():
        assert not set(pattern[1:-1]) & set("%_\\")


def test_terms_are_numbers_that_fit_every_store() -> None:
    assert all(0 <= term < 1 << 32 for term in terms(plain("袋子 is 假的")))
