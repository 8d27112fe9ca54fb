"""Links nobody can make up, and mails that are the same on every attempt."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.links import BadLink, ExpiredLink, SurveyLinks
from services.notify.messages import mail, message_id, sender_address
from shared.events.personal import Personal
from tests.unit.notify.examples import NOW, QUEUED

LINKS = SurveyLinks(b"s" * 32)
EXPIRES = NOW + timedelta(days=90)
TOKEN = LINKS.token("c1-1", EXPIRES)
SENDER = "投诉平台 <no-reply@amends.example>"


def test_a_link_opens_its_follow_up_until_it_expires() -> None:
    assert LINKS.follow_up(TOKEN, NOW) == "c1-1"
    with pytest.raises(ExpiredLink):
        LINKS.follow_up(TOKEN, EXPIRES)


def test_a_link_is_the_same_whenever_it_is_made() -> None:
    assert LINKS.token("c1-1", EXPIRES) == TOKEN
    assert LINKS.token("c1-2", EXPIRES) != TOKEN


def test_another_secret_makes_other_links() -> None:
    with pytest.raises(BadLink):
        SurveyLinks(b"t" * 32).follow_up(TOKEN, NOW)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABab01-_"))
def test_no_changed_link_opens_another_survey(position: int, letter: str) -> None:
    changed = TOKEN[:position] + letter + TOKEN[position + 1 :]
    try:
        assert LINKS.follow_up(changed, NOW) == "c1-1"
    except BadLink:
        assert changed != TOKEN


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 500, "%00", TOKEN + "!", TOKEN[:-4]])
def test_garbage_is_no_link(token: str) -> None:
    with pytest.raises(BadLink):
        LINKS.follow_up(token, NOW)


def test_a_mail_is_the_same_on_every_attempt() -> None:
    first = mail(QUEUED, SENDER, "u1@example.com")
    assert first == mail(QUEUED, SENDER, "u1@example.com")
    message = message_from_bytes(first)
    assert message["Message-ID"] == "<n1@amends.example>" == message_id("n1", SENDER)
    assert message["To"] == "u1@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert sender_address(SENDER) == "no-reply@amends.example"


def test_chinese_and_long_lines_arrive_as_written() -> None:
    text = "您的投诉已受理\n" + "http://test/v1/surveys/" + "x" * 200 + "\n"
    queued = replace(QUEUED, subject=Personal("u1", "您的投诉"), text=Personal("u1", text))
    message = message_from_bytes(mail(queued, SENDER, "u1@example.com"))
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == text
    assert str(make_header(decode_header(message["Subject"]))) == "您的投诉"
    assert max(len(line) for line in mail(queued, SENDER, "a@b.c").splitlines()) < 998
