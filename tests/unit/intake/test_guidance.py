"""At every stage the consumer reads whose turn it is, what is next, and what else they may do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain.clarity import Unclear, unclear
from services.intake.due_dates import Due, due_after
from services.intake.guidance import asked_language, guidance_body
from services.intake.guidance_routes import OUTSIDE
from services.intake.guidance_words import NEXT, TURNS
from shared.events.clocks import (
    ClockBreached,
    ClockCancelled,
    ClockCorrected,
    ClockEvent,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
)
from shared.events.complaints import Demand
from shared.events.personal import Personal
from shared.events.vocabulary import Audience, Category, ClockKind, DemandKind, Status, Turn
from tests.contract.examples import full_example
from tests.unit.intake.state_space import STORIES
from tests.unit.intake.story import (
    ASKED,
    CLOSED,
    IN_PROGRESS,
    NOW,
    PROPOSED,
    REMEDYING,
    SUBMITTED,
    UNDER_REVIEW,
    ask_consumer,
    filing,
    given,
)
from tests.unit.intake.test_teamwork import filed

DUE = NOW + timedelta(days=7)
KNOWN = {
    (kind, 1): DUE
    for kind in (
        ClockKind.CONSUMER_REPLY,
        ClockKind.MERCHANT_RESPONSE,
        ClockKind.REMEDY,
        ClockKind.SUPERIOR_REVIEW,
    )
}
TOLD = [name for name in STORIES if name != "NotFiled"]


def guidance(*past: Any, language: str | None = "en", due: Any = None) -> Any:
    """What the consumer reads."""
    state = filed(given(*past))
    return guidance_body(state, Audience.CONSUMER, language, due or {})["guidance"]


def test_every_status_and_turn_has_its_words() -> None:
    assert set(NEXT) == set(Status)
    assert set(TURNS) == set(Turn)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", TOLD)
def test_every_state_says_whose_turn_it_is_and_what_comes_next(name: str, language: str) -> None:
    told = guidance(*STORIES[name], language=language)
    assert told["language"] == language
    texts = [told["turn_sentence"], told["next"], *(one["text"] for one in told["if_dissatisfied"])]
    chinese = [any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in texts]
    assert set(chinese) == {language == "zh-CN"}


@pytest.mark.parametrize("name", TOLD)
def test_every_wait_on_the_consumer_says_what_is_asked_why_and_by_when(name: str) -> None:
    told = guidance(*STORIES[name], due=KNOWN)
    mine = told["turn_sentence"] == "It is your turn."
    move = told["your_move"]
    assert mine == (move is not None)
    if move is not None:
        assert move["what"]
        assert move["why"]
        assert move["due_at"] == told["due_at"] == "2026-03-09T09:00:00.000Z"


def test_what_is_asked_is_repeated_as_it_was_asked() -> None:
    move = guidance(*IN_PROGRESS, ask_consumer("a photo", "the invoice"))["your_move"]
    assert move == {
        "what": ["a photo", "the invoice"],
        "why": "It shows whether it is genuine.",
        "due_at": None,
    }
    assert guidance(*PROPOSED)["your_move"]["what"] == ["accept or reject solution 1"]
    chinese = guidance(*PROPOSED, language="zh-TW")["your_move"]["what"]
    assert chinese == ["接受或拒绝方案 1"]


@pytest.mark.parametrize("past", [PROPOSED, ASKED, REMEDYING, UNDER_REVIEW])
def test_a_time_is_only_said_as_sla_said_it(past: Any) -> None:
    assert guidance(*past)["due_at"] is None
    assert guidance(*past, due=KNOWN)["due_at"] == "2026-03-09T09:00:00.000Z"
    assert guidance(*IN_PROGRESS, due=KNOWN)["due_at"] is None


def test_ways_on_come_in_the_order_they_are_offered_with_time_cost_and_source() -> None:
    told = guidance(*PROPOSED)["if_dissatisfied"]
    assert [one["name"] for one in told] == [
        "contact_again",
        "superior_review",
        "association",
        "mediation",
        "regulator",
        "arbitration",
        "court",
    ]
    assert all(one["time"] and one["cost"] and one["source"] for one in told[2:])
    assert all(route.act == "referrals" for route in OUTSIDE)


@pytest.mark.parametrize(
    ("past", "first", "acts"),
    [
        (SUBMITTED, ["contact_again", "association"], {"messages", "referrals"}),
        (UNDER_REVIEW, ["contact_again", "association"], {"messages", "referrals"}),
        (STORIES["Rejected"], ["appeal", "association"], {"appeals", None}),
        (CLOSED, ["contact_again", "association"], {"reopening", None}),
        (STORIES["Withdrawn"], ["association", "mediation"], {None}),
        (STORIES["Duplicate"], [], set()),
    ],
)
def test_only_ways_that_are_open_are_offered(past: Any, first: list[str], acts: set[Any]) -> None:
    told = guidance(*past)["if_dissatisfied"]
    assert [one["name"] for one in told[:2]] == first
    assert {one["act"] for one in told} == acts


def test_the_merchant_is_guided_by_its_own_requests_alone() -> None:
    assert guidance_body(filed(given(*ASKED)), Audience.MERCHANT) == {}
    assert guidance_body(filed(given(*ASKED)), Audience.STAFF)["guidance"]["language"] == "en"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"description": "The bag is a fake, the seams are loose."}, ()),
        ({}, (Unclear.DESCRIPTION,)),
        ({"demand": Demand(kind=DemandKind.REFUND)}, (Unclear.AMOUNT, Unclear.DESCRIPTION)),
        ({"demand": Demand(kind=DemandKind.COMPENSATION)}, (Unclear.AMOUNT, Unclear.DESCRIPTION)),
        ({"demand": Demand(kind=DemandKind.OTHER), "description": "  bad   "}, (Unclear.DEMAND,)),
        (
            {
                "demand": Demand(kind=DemandKind.APOLOGY),
                "description": "他在聊天里用很难听的话骂了我两次",
            },
            (),
        ),
    ],
)
def test_a_filing_that_is_not_clear_is_taken_and_the_consumer_told_what_would_help(
    change: dict[str, Any], found: tuple[Unclear, ...]
) -> None:
    state = filed(given(filing(**change)))
    assert unclear(state.case.filed) == found
    told = guidance(filing(**change))
    assert tuple(one["code"] for one in told["unclear"]) == found
    assert all(one["text"] for one in told["unclear"])


def test_a_description_that_nobody_can_read_any_more_is_not_called_short() -> None:
    event = filed(given(filing(demand=Demand(kind=DemandKind.OTHER)))).case.filed
    sealed = Personal(event.consumer_id, None, ("intake:k", "n", "c"))
    assert unclear(event) == (Unclear.DEMAND,)
    assert unclear(replace(event, description=sealed)) == ()


def test_what_would_settle_it_is_said_while_that_helps() -> None:
    told = guidance(filing(category=Category.SERVICE_LANGUAGE))
    assert told["evidence"] == ["the chat with the merchant"]
    assert (guidance(*CLOSED)["evidence"], guidance(*CLOSED)["unclear"]) == ([], [])


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, None),
        ("", None),
        ("fr, *;q=0.5", None),
        ("en-GB,en;q=0.9", "en-GB"),
        ("en;q=0.5, zh-Hant-TW;q=0.8", "zh-Hant-TW"),
        ("de, en;q=0.1", "en"),
        ("en;q=0, de", None),
        (";;q=9,=,en;q=x", "en"),
    ],
)
def test_the_language_asked_for_is_the_first_that_has_texts(
    header: str | None, language: str | None
) -> None:
    assert asked_language(header) == language


def clock(cls: type[ClockEvent], **change: Any) -> ClockEvent:
    """A fact about the consumer's clock k1."""
    own: dict[str, Any] = {"clock_id": "k1", "kind": ClockKind.CONSUMER_REPLY, "cycle": 1, "n": 1}
    return replace(full_example(cls), **(own | change))


def test_the_copy_of_what_is_due_follows_what_sla_says() -> None:
    started = due_after({}, clock(ClockStarted, due_at=DUE))
    assert started == {"k1": Due(1, ClockKind.CONSUMER_REPLY, 1, DUE)}
    paused = due_after(started, clock(ClockPaused))
    assert paused["k1"].due_at is None
    later = DUE + timedelta(hours=1)
    assert due_after(paused, clock(ClockResumed, due_at=later))["k1"].due_at == later
    assert due_after(started, clock(ClockCorrected, due_at=later))["k1"].due_at == later
    assert due_after(started, clock(ClockBreached)) == started
    for ended in (ClockStopped, ClockCancelled):
        assert due_after(started, clock(ended)) == {}
    for late in (ClockCorrected, ClockPaused):
        assert due_after({}, clock(late)) == {}
