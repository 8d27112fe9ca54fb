"""Signs of bad faith: what the rules see, and that nothing else comes of it."""

from datetime import timedelta

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from services.intake.domain.authority import Author
from services.intake.domain.bad_faith import RiskPolicy, Track, review_threat, signs
from services.intake.domain.checking_commands import JudgeRisk, NoteSigns, Sign
from services.intake.domain.commands import Command
from services.intake.domain.state import standing
from shared.events.checking import RiskFlagged
from shared.events.complaints import Demand
from shared.events.personal import Personal
from shared.events.vocabulary import Category, Channel, DemandKind, RiskFlag, Role
from tests.unit.intake.story import (
    CLOSED,
    COLLEAGUE,
    CONSUMER,
    EXTERNAL,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    SPECIALIST,
    SUPERVISOR,
    filing,
    form,
    given,
)

RULES = Author(role=Role.SYSTEM, id="risk-rules")
CALM = "The parcel has not come."
QUIET = Track(earlier=0, alike=())

THREATS = [
    "不退款就给差评",
    "再不退款我会给一星",
    "如果不赔偿，我将在抖音发布视频曝光",
    "限你三天退款，否则一 星 伺候",
    "不处理就全网曝光！",
    "不给个说法就去小红书发帖曝光你们",
    "不 退 款 我 就 刷 差·评",
    "不退款我就刷差\u200b评",
    "不退款就给①星",
    "等着收差评吧",
    "Refund me or I'll leave a 1-star review",
    "If you do not refund I will leave a bad review",
    "Unless I get my money I will post negative reviews",
    "Refund me, or else expect a one-star review",
    "If the shop doesn’t pay, I'm going to leave a terrible review.",
    "ＲＥＦＵＮＤ ｍｅ ｏｒ Ｉ ｗｉｌｌ ｗｒｉｔｅ ａ ｂａｄ ｒｅｖｉｅｗ",
    "or  I  will\u200b leave a bad\nreview",
]
HONEST = [
    "商家不退款，我给了差评之后被骂",
    "不删差评就不退款",
    "卖家不给退款，还威胁说要曝光我的地址",
    "商家不退款就因为我的差评",
    "我给差评后商家拒绝退款",
    "再不处理我就投诉到12315",
    "The seller offered money if I do not leave a bad review",
    "I left a bad review and the seller insulted me",
    "He will not refund unless I delete the one-star review",
    "The order came late and I left a bad review.",
    "Otherwise I will go to the regulator.",
    "The star-shaped lamp is broken. If you do not refund, I will go to court.",
]


@pytest.mark.parametrize("text", THREATS)
def test_a_threat_of_bad_reviews_is_a_sign_and_is_quoted(text: str) -> None:
    sign = review_threat(text)
    assert sign is not None
    assert (sign.flag, sign.rule) == (RiskFlag.REVIEW_THREAT, "threat_lexicon")
    assert "“" in sign.text


@pytest.mark.parametrize("text", HONEST)
def test_who_tells_of_a_review_or_goes_to_the_regulator_does_not_threaten(text: str) -> None:
    assert review_threat(text) is None


def test_a_threat_far_behind_many_mentions_is_not_looked_for() -> None:
    assert review_threat("差评了。" * 19 + THREATS[0]) is not None
    assert review_threat("one star. " * 30 + "Or I will leave one star.") is None


def test_the_sixth_complaint_within_the_window_is_a_sign() -> None:
    policy = RiskPolicy(serial_claims=6, serial_window=timedelta(days=30))
    assert signs(CALM, Track(earlier=4, alike=()), policy) == ()
    [sign] = signs(CALM, Track(earlier=5, alike=()), policy)
    assert sign.flag is RiskFlag.SERIAL_CLAIMS
    assert sign.text == "6 complaints or more of this consumer within 30 days."


def test_the_same_text_as_two_others_is_a_sign() -> None:
    assert signs(CALM, Track(earlier=0, alike=["c7"]), RiskPolicy()) == ()
    [sign] = signs(CALM, Track(earlier=0, alike=["c7", "c8"]), RiskPolicy())
    assert sign.flag is RiskFlag.TEMPLATE_TEXT
    assert "c7, c8" in sign.text


def test_several_signs_are_told_together() -> None:
    found = signs(THREATS[0], Track(earlier=9, alike=["c7", "c8"]), RiskPolicy())
    assert [sign.flag for sign in found] == list(RiskFlag)
    assert signs(CALM, QUIET, RiskPolicy()) == ()


SERIAL = Sign(RiskFlag.SERIAL_CLAIMS, "complaints_in_window", "7 complaints.")
THREAT = Sign(RiskFlag.REVIEW_THREAT, "threat_lexicon", "In the text: “…”.")


def noted(*found: Sign) -> NoteSigns:
    return NoteSigns(now=NOW, by=RULES, signs=found)


def judged(by: Author = SPECIALIST, reason: str = "Known.", **flags: set[RiskFlag]) -> JudgeRisk:
    return JudgeRisk(
        now=NOW, by=by, reason=reason, **{name: frozenset(those) for name, those in flags.items()}
    )


channels = st.sampled_from([Channel.FORM, Channel.APP, Channel.HOTLINE])
amounts = st.sampled_from([None, 1, 499_999, 500_001])
found_signs = st.lists(st.sampled_from([SERIAL, THREAT]), min_size=1, max_size=2)


@whatever(
    channel=channels,
    category=st.sampled_from(Category),
    amount=amounts,
    found=found_signs,
    more=st.lists(found_signs, max_size=2),
)
def test_flagged_or_not_a_complaint_stands_where_it_would(
    channel: Channel,
    category: Category,
    amount: int | None,
    found: list[Sign],
    more: list[list[Sign]],
) -> None:
    currency = None if amount is None else "CNY"
    demand = Demand(kind=DemandKind.REFUND, amount_minor=amount, currency=currency)
    own = channel is not Channel.HOTLINE
    filed = form if own else filing
    plain = given(filed(channel=channel, category=category, demand=demand))
    told = plain.when(noted(*found))
    for again in more:
        told = type(plain)(told.state, plain.policy).when(noted(*again))
    before, after = plain.when(noted()).complaint, told.complaint
    assert standing(after) == standing(before)
    assert type(after) is type(before)
    assert after.case.version == before.case.version
    assert after.case.life == before.case.life


def test_what_rules_find_is_noted_once_with_the_rule_and_the_words() -> None:
    told = given(*IN_PROGRESS).when(noted(THREAT, SERIAL))
    told.then(RiskFlagged, flags=(RiskFlag.SERIAL_CLAIMS, RiskFlag.REVIEW_THREAT), cleared=())
    [event] = told.events
    assert isinstance(event, RiskFlagged)
    assert [(one.flag, one.rule, one.text) for one in event.reasons] == [
        (RiskFlag.REVIEW_THREAT, "threat_lexicon", Personal("u1", THREAT.text)),
        (RiskFlag.SERIAL_CLAIMS, "complaints_in_window", Personal("u1", SERIAL.text)),
    ]
    flagged = (*IN_PROGRESS, noted(THREAT))
    given(*flagged).when(noted(THREAT)).nothing()
    given(*flagged).when(noted()).nothing()
    more = given(*flagged).when(noted(SERIAL, THREAT)).complaint.case.risks
    assert [(risk.flag, risk.since) for risk in more] == [
        (RiskFlag.SERIAL_CLAIMS, NOW),
        (RiskFlag.REVIEW_THREAT, NOW),
    ]


def test_what_a_person_cleared_no_rule_raises_again_but_a_person_may() -> None:
    flagged: tuple[Command, ...] = (*IN_PROGRESS, noted(THREAT, SERIAL))
    cleared = judged(SUPERVISOR, "She quoted the shop.", cleared={RiskFlag.REVIEW_THREAT})
    told = given(*flagged).when(cleared)
    told.then(RiskFlagged, flags=(RiskFlag.SERIAL_CLAIMS,), cleared=(RiskFlag.REVIEW_THREAT,))
    [event] = told.events
    assert isinstance(event, RiskFlagged)
    assert [(one.rule, one.text.text) for one in event.reasons] == [(None, "She quoted the shop.")]
    given(*flagged, cleared).when(noted(THREAT)).nothing()
    again = judged(raised={RiskFlag.REVIEW_THREAT})
    given(*flagged, cleared).when(again).then(
        RiskFlagged, flags=(RiskFlag.SERIAL_CLAIMS, RiskFlag.REVIEW_THREAT)
    )
    given(*flagged, cleared, again, cleared).when(noted(THREAT)).nothing()


def test_what_is_so_already_is_not_said_again() -> None:
    given(*IN_PROGRESS).when(judged(cleared={RiskFlag.SERIAL_CLAIMS})).nothing()
    flagged = (*IN_PROGRESS, noted(SERIAL))
    given(*flagged).when(judged(raised={RiskFlag.SERIAL_CLAIMS})).nothing()
    both = judged(raised={RiskFlag.SERIAL_CLAIMS}, cleared={RiskFlag.SERIAL_CLAIMS})
    given(*flagged).when(both).refused("validation_failed")


def test_flags_are_judged_at_any_time_by_whoever_handles_the_complaint() -> None:
    flag = {RiskFlag.TEMPLATE_TEXT}
    given(*CLOSED).when(judged(SUPERVISOR, raised=flag)).then(RiskFlagged)
    given(*EXTERNAL).when(judged(raised=flag)).then(RiskFlagged)
    for party in (CONSUMER, MERCHANT):
        given(*IN_PROGRESS).when(judged(party, raised=flag)).refused("forbidden")
    given(*IN_PROGRESS).when(judged(COLLEAGUE, raised=flag)).refused("not_assigned")
