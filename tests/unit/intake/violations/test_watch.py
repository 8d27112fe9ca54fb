"""What staff are told of a merchant's words."""

from services.intake.domain.violations.watch import findings_note


def test_staff_read_what_was_found_and_by_which_rule() -> None:
    note = findings_note(["微信lin7788"])
    assert note is not None
    assert note.splitlines()[1] == "- wechat (wechat_name_and_id, severity 3): 微信lin7788"


def test_what_an_earlier_message_held_is_not_told_again() -> None:
    assert findings_note(["微信lin7788", "好的"]) is None
    assert findings_note(["谢谢"]) is None


def test_a_number_begun_before_is_told_with_its_end() -> None:
    note = findings_note(["电话138001", "38000"])
    assert note is not None
    assert note.endswith("138001 ⏎ 38000")


def test_abuse_is_told_too() -> None:
    note = findings_note(["你有病吧"])
    assert note is not None
    assert "insult" in note
