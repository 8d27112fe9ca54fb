"""The page says everything in both languages, and in the one the reader wants."""

import json
import re
from pathlib import Path

import pytest

from services.dashboard import ops_page
from services.dashboard.figures import AGES, NO_BAND
from services.dashboard.ops_page import chosen_language
from services.dashboard.words import LANGUAGES, words_of
from shared.events.registry import event_types
from shared.events.vocabulary import NOT_OPEN, Band, ClockKind, Party, Role, Status, Turn

PAGES = Path(ops_page.__file__).parent / "pages"


def test_both_languages_say_the_same_things() -> None:
    english, chinese = (words_of(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for group in english:
        assert english[group].keys() == chinese[group].keys()
        for name, text in english[group].items():
            assert set(re.findall(r"{\w+}", text)) == set(
                re.findall(r"{\w+}", chinese[group][name])
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_shown_has_a_word(language: str) -> None:
    words = words_of(language)
    assert set(Status) - NOT_OPEN == set(words["status"])
    assert {*Turn, *Party, *Role} == set(words["party"])
    assert set(ClockKind) == set(words["clock"])
    assert {*Band, NO_BAND} == set(words["band"])
    assert {age for age, _ in AGES} == set(words["age"])
    published = {entry.name for entry in event_types() if entry.topic is not None}
    assert published <= set(words["event"])


def test_every_word_the_page_asks_for_exists() -> None:
    words = words_of("en")["page"]
    script = (PAGES / "ops.js").read_text()
    template = (PAGES / "ops.html").read_text() + (PAGES / "sign_in.html").read_text()
    asked = set(re.findall(r"\bpage\.([a-z_0-9]+)", script))
    asked |= set(re.findall(r"words\.page\.([a-z_0-9]+)", template))
    assert asked - set(words) == set()


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        (None, "", "en"),
        (None, "zh", "zh-CN"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        (None, "fr,en;q=0.9,zh;q=0.8", "en"),
        (None, "en;q=0.1,zh-CN;q=0.9", "zh-CN"),
        (None, "zh;q=often, fr", "en"),
        ("zh-CN", "en", "zh-CN"),
        ("ZH", "en", "zh-CN"),
        ("en", "zh", "en"),
        ("xx", "zh", "en"),
    ],
)
def test_the_reader_s_wish_comes_first_then_the_browser_s(
    asked: str | None, header: str, expected: str
) -> None:
    assert chosen_language(asked, header) == expected


def test_nothing_comes_from_anywhere_else() -> None:
    for path in PAGES.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?://|@import|url\(", text) == [], path.name


def test_words_reach_the_script_as_json() -> None:
    assert json.loads(json.dumps(words_of("zh-CN")))["page"]["title"] == "运营看板"
