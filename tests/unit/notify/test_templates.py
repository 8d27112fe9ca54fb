"""Every text exists in every language, states its version, and says what it was given."""

from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest

from services.notify.domain.addresses import LANGUAGES
from services.notify.templates import Templates, Text
from services.notify.words import worded

TEMPLATES = Templates("Asia/Shanghai")
DUE = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
VALUES = {
    "complaint": "c-77",
    "quote": "in their own words",
    "category": "counterfeit",
    "demand": "refund",
    "orders": "o1, o2",
    "contact_channel": "call",
    "stance": "counters",
    "late": "",
    "offer": "refund",
    "amount": "12900 CNY",
    "party": "merchant",
    "from_role": "specialist",
    "failure": "overdue",
    "close_reason": "satisfied",
    "reopen_reason": "objection",
    "superior_review": "yes",
    "remedy": "refund",
    "payer": "merchant",
    "clock": "resolution",
    "share": "75",
    "sentence": "nobody speaks the language",
    "items": "- a photo",
    "rejection_reason": "out_of_time",
    "ground": "breach",
    "other": "c-12",
    "review_outcome": "imposed",
    "body": "court",
    "outcome": "a refund is due",
    "binding": "yes",
    "violation": "v-5",
    "violation_kind": "off_platform_steering",
    "violation_outcome": "confirmed",
    "severity": "2",
    "link": "http://test/v1/surveys/x",
}


def test_every_template_exists_in_every_language() -> None:
    assert TEMPLATES.names["en"] == TEMPLATES.names["zh-CN"]
    assert "acknowledgement" in TEMPLATES.names["en"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES.names["en"])
@pytest.mark.parametrize("due_at", [DUE, None])
def test_every_template_renders_and_names_its_complaint(
    name: str, language: str, due_at: datetime | None
) -> None:
    text = TEMPLATES.render(name, language, VALUES, due_at=due_at)
    assert text.template == f"{name}@1"
    assert "c-77" in text.subject
    assert "\n" not in text.subject
    assert "None" not in text.body or due_at is None


def test_a_request_states_its_deadline_in_the_platforms_zone() -> None:
    text = TEMPLATES.render("merchant_request", "zh-CN", VALUES, due_at=DUE)
    assert "2026-03-04 16:30 (Asia/Shanghai)" in text.subject
    assert "in their own words" in text.body
    assert "假冒商品" in text.body


@pytest.mark.parametrize(
    ("amount", "written"),
    [("12900 CNY", "129.00 CNY"), ("1500 JPY", "1,500 JPY"), ("1234567 KWD", "1,234.567 KWD")],
)
def test_money_is_written_with_its_currencys_decimals(amount: str, written: str) -> None:
    text = TEMPLATES.render("remedy_owed", "en", {**VALUES, "amount": amount}, due_at=DUE)
    assert written in text.body


def test_a_blank_without_a_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(jinja2.UndefinedError):
        TEMPLATES.render("message", "en", {"complaint": "c-77"})


def test_what_people_write_is_not_run_as_a_template() -> None:
    text = TEMPLATES.render("message", "en", {**VALUES, "quote": "{{ complaint }}"})
    assert "{{ complaint }}" in text.body


def test_the_digest_covers_subject_and_text() -> None:
    assert Text("a@1", "s", "b").sha256 != Text("a@1", "t", "b").sha256
    assert len(Text("a@1", "s", "b").sha256) == 64


def test_words_outside_the_vocabularies_stay_as_they_are() -> None:
    assert worded("orders", "o1", "en") == "o1"
    assert worded("clock", "brand_new", "zh-CN") == "brand_new"


def test_a_template_without_a_version_is_refused(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
    (tmp_path / "en" / "broken.j2").write_text("subject: x\n---\nbody\n")
    with pytest.raises(KeyError):
        Templates("UTC", tmp_path)
