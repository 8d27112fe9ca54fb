"""What rules find in a merchant's words, and what it amounts to."""

import pytest

from services.intake.domain.violations.watch import Suspicion, findings_note, suspicions
from services.intake.violations import DETECTORS
from shared.events.vocabulary import ViolationKind

STEERING, ABUSE = ViolationKind.OFF_PLATFORM_STEERING, ViolationKind.ABUSIVE_LANGUAGE


def look(*texts: str) -> list[Suspicion]:
    return suspicions(texts, {kind: find(texts) for kind, find in DETECTORS.items()})


def test_staff_read_what_was_found_and_by_which_rule() -> None:
    found = look("微信lin7788")
    note = findings_note(found)
    assert note.splitlines()[1] == "- wechat (wechat_name_and_id, severity 3): 微信lin7788"
    assert [(one.kind, one.rule) for one in found] == [(STEERING, "wechat_name_and_id")]


@pytest.mark.parametrize("before", ["微信lin7788", "微信\nlin7788", "你有病吧"])
def test_what_an_earlier_message_held_is_not_told_again(before: str) -> None:
    assert look(before) != []
    assert look(before, "好的") == []
    assert look("谢谢") == []


def test_a_number_begun_before_is_told_with_its_end() -> None:
    [found] = look("电话138001", "38000")
    assert look("电话138001", "38000", "好的") == []
    assert findings_note([found]).endswith("138001 ⏎ 38000")


def test_each_kind_is_a_suspicion_of_its_own_as_grave_as_its_gravest_find() -> None:
    found = look("你有病吧，打死你，加微信lin7788")
    assert {one.kind: one.severity(reached_consumer=True) for one in found} == {
        STEERING: 3,
        ABUSE: 3,
    }
    [abuse] = [one for one in found if one.kind is ABUSE]
    assert abuse.rule == "lexicon_threat_3"
    assert len(abuse.findings) == 2


def test_who_writes_to_staff_alone_leads_no_consumer_away() -> None:
    found = look("你有病吧，打死你，加微信lin7788")
    assert {one.kind: one.severity(reached_consumer=False) for one in found} == {
        STEERING: 1,
        ABUSE: 3,
    }
