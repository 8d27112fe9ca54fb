"""Retries, addresses, languages: the small rules."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.addresses import mail_address, spoken
from services.notify.domain.retry import RetryPolicy

POLICY = RetryPolicy(attempts=8, first=timedelta(seconds=15), longest=timedelta(hours=1))


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        (None, None),
        ("", None),
        ("13800138000", None),
        ("li@example.com", "li@example.com"),
        ("Li <li.ming+a@mail.example.com>, 138…", "li.ming+a@mail.example.com"),
        ("邮箱：li@example.com。", "li@example.com"),
        ("write to li@example.com.", "li@example.com"),
        ("李@example.com", None),
        ("li@例子.cn", None),
        ("⟨erased⟩", None),
        ("li@example.com\r\nBcc: x@example.com", "li@example.com"),
        (f"li@{'a' * 260}.com", None),
    ],
)
def test_a_mail_address_is_found_in_a_contact(contact: str | None, address: str | None) -> None:
    assert mail_address(contact) == address


@given(st.text())
def test_no_address_ever_holds_a_line_break_or_a_second_address(contact: str) -> None:
    address = mail_address(contact) or "none@none"
    assert address.count("@") == 1
    assert not set(address) & set("\r\n ,;<>")


@pytest.mark.parametrize(
    ("wanted", "served"),
    [
        (("en-GB",), "en"),
        (("zh-TW",), "zh-CN"),
        (("fr", "en"), "en"),
        (("fr",), "zh-CN"),
        ((), "zh-CN"),
    ],
)
def test_everybody_is_served_in_a_language_there_are_templates_for(
    wanted: tuple[str, ...], served: str
) -> None:
    assert spoken(*wanted) == served


def test_pauses_double_up_to_the_longest() -> None:
    plain = [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    for attempt, seconds in enumerate(plain, start=1):
        pause = POLICY.pause("n1", attempt).total_seconds()
        assert 0.8 * seconds <= pause <= 1.2 * seconds


def test_a_pause_follows_from_the_id_and_differs_between_ids() -> None:
    assert POLICY.pause("n1", 3) == POLICY.pause("n1", 3)
    assert len({POLICY.pause(f"n{i}", 1) for i in range(20)}) > 15


def test_the_last_attempt_is_the_last() -> None:
    assert [POLICY.exhausted(attempt) for attempt in (1, 7, 8, 9)] == [False, False, True, True]
