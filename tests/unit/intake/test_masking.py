"""What merchants see of a text: addresses and longer numbers are unreadable, all else stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.masking import masked, masked_contact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to li.lei@example.com", "write to l***@example.com"),
        ("a@b@c.de and x@y", "a@b***@c.de and x@y"),
        ("call 138-1234-5678 now", "call 13****78 now"),
        ("13812345678", "13****78"),
        ("12345", "12345"),
        ("袋子是假的", "袋子是假的"),
    ],
)
def test_addresses_and_numbers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_of_a_contact_no_more_than_an_outline_is_left() -> None:
    assert masked_contact("u1@example.com") == "u***@example.com"
    assert masked_contact("the blue door") == "***"


@given(st.text("ab.@ 字", max_size=30))
def test_addresses_are_those_that_begin_anywhere(text: str) -> None:
    anywhere = re.compile(r"([^@\s])[^@\s]*@([^@\s]+\.[^@\s]+)")
    assert masked(text) == anywhere.sub(r"\1***@\2", text)


def test_a_long_text_without_spaces_is_read_once() -> None:
    """Read again from each of its characters it would take minutes."""
    assert masked("字" * 1_000_000) == "字" * 1_000_000
