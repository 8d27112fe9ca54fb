"""What the API shows is understood; mails and figures too."""

from email.message import EmailMessage
from typing import Any

import pytest

from amends.demo.board import sentence
from amends.demo.mailbox import Mailbox, read_mail, survey_token_in
from amends.demo.report import Listed, disagreements, grounds_of
from amends.demo.seeing import see
from shared.events.complaints import ContactAttempted, MerchantAnswered, RequestLapsed
from shared.events.vocabulary import Payer, Stance, Status


def complaint(**changed: Any) -> dict[str, Any]:
    return {
        "id": "x",
        "status": "in_progress",
        "version": 7,
        "cycle": 2,
        "solutions": [],
        **changed,
    }


def entry(kind: str, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": {"cycle": 2, **data}}


def test_a_history_is_read_for_the_present_cycle_only() -> None:
    history = [
        entry(MerchantAnswered.TYPE, cycle=1, stance="refuses"),
        entry(ContactAttempted.TYPE, n=1),
        entry(MerchantAnswered.TYPE, stance="agrees"),
        {"type": "amends.something.else.v1", "data": {}},
    ]
    found = see(complaint(), history, since=5.0, filed_hour=1.0)
    assert found.calls_missed == 1
    assert found.merchant_had_its_turn
    assert found.stance is Stance.AGREES


def test_a_merchant_whose_time_ran_out_has_had_its_turn() -> None:
    lapsed = see(
        complaint(), [entry(RequestLapsed.TYPE, party="merchant")], since=0.0, filed_hour=0.0
    )
    assert lapsed.merchant_had_its_turn
    assert lapsed.stance is None
    other = see(complaint(), [entry(RequestLapsed.TYPE, party="consumer")], since=0, filed_hour=0)
    assert not other.merchant_had_its_turn


def test_solutions_say_what_is_open_done_or_failed() -> None:
    overdue = {"n": 2, "state": "overdue", "payer": "merchant"}
    open_one = {"n": 3, "state": "remedying", "payer": "platform"}
    found = see(
        complaint(status="remedying", solutions=[overdue, open_one]), since=0.0, filed_hour=0.0
    )
    assert (found.status, found.solutions) == (Status.REMEDYING, 2)
    assert (found.open_solution, found.payer) == (3, Payer.PLATFORM)
    assert found.remedy_failed
    assert found.remedied is None
    done = {"n": 4, "state": "done", "payer": "merchant"}
    assert see(complaint(solutions=[done]), since=0.0, filed_hour=0.0).remedied == 4


def test_a_mail_in_chinese_is_read_and_its_survey_found() -> None:
    mail = EmailMessage()
    mail["Subject"] = "请评价本次处理"
    mail.set_content("您好：\nhttp://127.0.0.1:8000/v1/surveys/abc-_.DEF\n谢谢")
    subject, text = read_mail(mail.as_bytes())
    assert subject == "请评价本次处理"
    assert survey_token_in(text) == "abc-_.DEF"
    assert survey_token_in("https://shop.example/other/abc") is None


def test_a_mail_without_plain_text_reads_as_empty() -> None:
    mail = EmailMessage()
    mail["Subject"] = "x"
    mail.set_content("<p>only</p>", subtype="html")
    assert read_mail(mail.as_bytes()) == ("x", "")


async def test_the_mailbox_takes_mail_over_smtp_and_rings() -> None:
    smtp = pytest.importorskip("aiosmtplib")
    mailbox = Mailbox()
    await mailbox.open()
    try:
        mail = EmailMessage()
        mail["Subject"] = "hello"
        mail.set_content("http://x/v1/surveys/t1")
        await smtp.send(
            mail.as_bytes(),
            sender="a@b.example",
            recipients=["c@d.example"],
            hostname="127.0.0.1",
            port=mailbox.port,
        )
    finally:
        await mailbox.close()
    assert mailbox.bell("c@d.example").is_set()
    (received,) = mailbox.received_by("c@d.example")
    assert (received.subject, received.survey_token) == ("hello", "t1")


def summary(**changed: int) -> dict[str, Any]:
    return {
        "totals": {
            "filed": changed.get("filed", 3),
            "accepted": 3,
            "assigned": changed.get("assigned", 3),
        },
        "open": {"total": changed.get("open", 2)},
        "breaches": {"by_kind": {"first_contact": changed.get("breaches", 1)}},
        "notifications": {"mails_sent": changed.get("mails", 5)},
    }


LISTED = Listed(
    by_status={"assigned": 2, "closed": 1}, assigned_ids=(), breaches={"first_contact": 1}
)


def test_figures_that_agree_are_left_in_peace() -> None:
    assert disagreements(summary(), LISTED, caught=5) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"filed": 4}, "the summary counts 4 complaints filed, the list holds 3"),
        ({"open": 3}, "the summary counts 3 open complaints, the list 2"),
        ({"breaches": 2}, "the summary counts breaches"),
        ({"assigned": 4}, "more complaints were assigned than accepted"),
        ({"mails": 6}, "6 mails are recorded as sent, 5 arrived"),
    ],
)
def test_figures_that_contradict_each_other_are_told(changed: dict[str, int], said: str) -> None:
    (found,) = disagreements(summary(**changed), LISTED, caught=5)
    assert found.startswith(said)


def test_the_grounds_of_a_decision_fit_in_a_line() -> None:
    decision = {
        "complexity": {"score": 31, "band": "moderate"},
        "candidates": [
            {"removed_by": None},
            {"removed_by": "tier"},
            {"removed_by": "language"},
            {"removed_by": "tier"},
        ],
    }
    said = "moderate, 31 of 100; best of 1; ruled out: language 1, tier 2"
    assert grounds_of(decision) == said
    assert sentence({"filed": 2, "open": 1}) == "filed 2, open 1"
