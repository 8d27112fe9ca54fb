"""What playbooks say, what may be written into them, and their versions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.intake.domain.playbooks.content import (
    BLANKS,
    LANGUAGES,
    Content,
    Kind,
    Passage,
    Playbook,
    faults,
    filled,
    spoken,
    text_faults,
)
from services.intake.domain.playbooks.editing import (
    EditPlaybook,
    PlaybookEdited,
    playbook_decider,
)
from services.intake.playbook_blanks import blanks_of, demand_in_words
from services.intake.playbooks import BrokenPlaybook, delivered_playbooks
from shared.decider import Refused
from shared.events.complaints import ComplaintFiled, Demand
from shared.events.vocabulary import Category, DemandKind
from tests.unit.intake.story import NOW, filing, given
from tests.unit.intake.test_teamwork import filed

DELIVERED = delivered_playbooks()
STEP = Passage(id="hear", zh="听{demand}", en="Hear {demand}.")
RIGHTS = Passage(id="rights", zh="有权", en="You may.", kind=Kind.RIGHTS, sources=("法 第1条",))
CONTENT = Content(steps=(STEP,), questions=(), explanations=(RIGHTS,))
PLAYBOOK = Playbook(category=Category.QUALITY, version=3, content=CONTENT)
DECIDER = playbook_decider(PLAYBOOK)


@pytest.mark.parametrize("category", Category)
def test_every_category_has_steps_questions_and_explanations_of_everything(
    category: Category,
) -> None:
    playbook = DELIVERED[category]
    content = playbook.content
    assert playbook.name == f"{category}@{playbook.version}"
    assert {one.kind for one in content.explanations} == set(Kind)
    assert (len(content.steps) >= 8, len(content.questions) >= 3) == (True, True)
    assert all(one.sources for one in content.explanations if one.kind is Kind.RIGHTS)
    assert faults(content) == []


@pytest.mark.parametrize("category", Category)
def test_every_text_is_in_both_languages_and_says_something_of_its_own(category: Category) -> None:
    for passage in DELIVERED[category].content.passages:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in passage.zh), passage
        assert passage.en.isascii(), passage
        blanks = [{name for name in BLANKS if f"{{{name}}}" in passage.text(t)} for t in LANGUAGES]
        assert blanks[0] == blanks[1], f"{passage.id}: both languages fill the same blanks"


def test_a_case_fills_every_blank_in_either_language() -> None:
    state = filed(given(filing(order_ids=("o1", "o2"))))
    english, chinese = blanks_of(state, "en"), blanks_of(state, "zh-CN")
    assert set(english) == set(chinese) == set(BLANKS)
    assert english["amount"] == "129.00 CNY"
    assert (english["orders"], chinese["orders"]) == ("o1, o2", "o1、o2")
    assert (english["demand"], chinese["demand"]) == ("a refund", "退款")
    assert english["filed_on"] == "2026-03-02"
    assert "鉴定报告" in chinese["missing"]
    passages = DELIVERED[Category.COUNTERFEIT].content.passages
    assert not [one for one in passages if "{" in filled(one.en, english)]


def test_what_a_case_does_not_say_is_said_so() -> None:
    bare = filed(given(filing(demand=Demand(kind=DemandKind.OTHER), category=Category.OTHER)))
    assert blanks_of(bare, "en")["amount"] == "no amount stated"
    assert blanks_of(bare, "zh-CN")["amount"] == "未说明金额"
    assert (blanks_of(bare, "en")["missing"], blanks_of(bare, "zh-CN")["missing"]) == (
        "nothing",
        "无",
    )
    assert {demand_in_words(kind, "zh-CN") for kind in DemandKind} > {"道歉", "换货"}


def test_blanks_are_filled_once_and_unknown_ones_stay() -> None:
    assert filled("{orders} {missing}", {"orders": "{missing}"}) == "{missing} {missing}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Pay {amount}", ""),
        ("Pay {sum}", "no case fills the blank {sum}"),
        ("Pay {amount", "a brace"),
        ("Pay {{amount}}", "a brace"),
        ("Pay {amount.__class__}", "a brace"),
        ("Pay {0}", "a brace"),
    ],
)
def test_a_text_has_only_blanks_that_a_case_fills(text: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in text_faults(text)) == bool(fault)


def test_a_faulty_playbook_says_which_passage_is_wrong() -> None:
    wrong = Content(
        steps=(STEP, STEP),
        questions=(Passage(id="q", zh="{x}", en="{x}"),),
        explanations=(Passage(id="e", zh="好", en="Fine."),),
    )
    assert [fault.partition(":")[0] for fault in faults(wrong)] == ["q", "hear", "e"]


def test_the_language_spoken_is_the_first_one_there_is() -> None:
    assert spoken(None, "zh-TW") == "zh-CN"
    assert spoken("fr", "en-GB") == "en"
    assert spoken("fr") == spoken() == "zh-CN"


def edit(**change: Any) -> EditPlaybook:
    return EditPlaybook(now=NOW, content=replace(CONTENT, **change))


def test_an_edit_makes_the_next_version_and_the_same_words_none() -> None:
    asked = edit(questions=(Passage(id="q", zh="何时？", en="When?"),))
    [edited] = DECIDER.decide(asked, PLAYBOOK)
    assert isinstance(edited, PlaybookEdited)
    assert (edited.category, edited.version) == (Category.QUALITY, 4)
    after = DECIDER.evolve(PLAYBOOK, edited)
    assert (after.name, after.content) == ("quality@4", asked.content)
    assert after.has("q")
    assert not PLAYBOOK.has("q")
    assert DECIDER.decide(asked, after) == []
    assert DECIDER.decide(edit(), PLAYBOOK) == []


def test_a_faulty_edit_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        DECIDER.decide(edit(steps=(STEP, STEP)), PLAYBOOK)
    assert refusal.value.code == "playbook_invalid"
    assert "hear" in refusal.value.detail


def test_other_facts_are_no_edits() -> None:
    fact: ComplaintFiled = filed(given(filing())).case.filed
    assert DECIDER.evolve(PLAYBOOK, fact) == PLAYBOOK


def test_a_broken_text_as_delivered_stops_the_service_at_its_start(tmp_path: Path) -> None:
    source = Path("services/intake/playbook_texts")
    for path in source.glob("*.yaml"):
        text = path.read_text("utf-8").replace("{missing}", "{mising}")
        (tmp_path / path.name).write_text(text, "utf-8")
    with pytest.raises(BrokenPlaybook, match=r"other: cause: no case fills the blank \{mising\}"):
        delivered_playbooks(tmp_path)
