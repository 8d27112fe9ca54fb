"""The pack `marketplace`: what a marketplace promises of its own accord."""

from datetime import UTC, datetime
from typing import Final

from services.sla.domain.policies import (
    NO_WARNINGS,
    Conditions,
    Policies,
    Policy,
    Rule,
    Unit,
)
from shared.events.vocabulary import Band, ClockKind, Party, Turn

WORKED_BY_US: Final = (Turn.PLATFORM, Turn.SPECIALIST, Turn.SUPERVISOR)
"""The turns that count against `resolution`: a consumer's or merchant's silence is not ours."""


def _source(en: str, zh: str) -> dict[str, str]:
    return {
        "en": f"Marketplace service promise (own rule, not statutory): {en}",
        "zh-CN": f"平台服务承诺（自定规则，非法定）：{zh}",
    }


def _resolution(order: int, band: Band | None, days: int, en: str, zh: str) -> Rule:
    return Rule(
        id=f"resolution.{band or 'unassessed'}",
        kind=ClockKind.RESOLUTION,
        order=order,
        party=Party.SPECIALIST,
        amount=days,
        unit=Unit.CALENDAR_DAYS,
        counted_turns=WORKED_BY_US,
        conditions=Conditions(bands=(band,) if band else ()),
        source=_source(en, zh),
    )


MARKETPLACE: Final = Policy(
    id="marketplace",
    version=1,
    effective_from=datetime(2026, 1, 1, tzinfo=UTC),
    rules=(
        Rule(
            id="acknowledgement",
            kind=ClockKind.ACKNOWLEDGEMENT,
            order=1,
            party=Party.PLATFORM,
            amount=5,
            unit=Unit.MINUTES,
            source=_source(
                "whoever complains learns within 5 minutes that it has arrived.",
                "投诉提交后 5 分钟内告知已收到。",
            ),
        ),
        Rule(
            id="assignment",
            kind=ClockKind.ASSIGNMENT,
            order=1,
            party=Party.PLATFORM,
            amount=30,
            unit=Unit.MINUTES,
            source=_source(
                "an accepted complaint has a specialist within 30 minutes.",
                "受理后 30 分钟内分配专员。",
            ),
        ),
        Rule(
            id="first_contact",
            kind=ClockKind.FIRST_CONTACT,
            order=1,
            party=Party.SPECIALIST,
            amount=24,
            unit=Unit.HOURS,
            source=_source(
                "a human speaks with the consumer, both ways, within 24 hours of acceptance.",
                "受理后 24 小时内由专员与消费者双向联系。",
            ),
        ),
        Rule(
            id="consumer_reply",
            kind=ClockKind.CONSUMER_REPLY,
            order=1,
            party=Party.CONSUMER,
            amount=7,
            unit=Unit.CALENDAR_DAYS,
            source=_source(
                "a consumer has 7 days to answer a question or a proposed solution.",
                "消费者有 7 天时间答复问题或处理方案。",
            ),
        ),
        Rule(
            id="merchant_response",
            kind=ClockKind.MERCHANT_RESPONSE,
            order=1,
            party=Party.MERCHANT,
            amount=48,
            unit=Unit.HOURS,
            source=_source(
                "a merchant answers a request within 48 hours.", "商家应在 48 小时内答复。"
            ),
        ),
        _resolution(
            1,
            Band.SIMPLE,
            3,
            "a simple complaint is resolved within 3 days of our own time.",
            "简单投诉在平台处理时间 3 天内解决。",
        ),
        _resolution(
            2,
            Band.COMPLEX,
            15,
            "a complex complaint is resolved within 15 days of our own time.",
            "复杂投诉在平台处理时间 15 天内解决。",
        ),
        _resolution(
            3,
            Band.CRITICAL,
            2,
            "a critical complaint is resolved within 2 days of our own time.",
            "紧急投诉在平台处理时间 2 天内解决。",
        ),
        _resolution(
            4,
            None,
            7,
            "a moderate complaint, or one not yet assessed, is resolved within 7 days of our time.",
            "一般投诉（或尚未评估的投诉）在平台处理时间 7 天内解决。",
        ),
        Rule(
            id="approval",
            kind=ClockKind.APPROVAL,
            order=1,
            party=Party.SUPERVISOR,
            amount=8,
            unit=Unit.HOURS,
            source=_source(
                "a supervisor approves or returns a drafted solution within 8 hours.",
                "主管应在 8 小时内审批方案。",
            ),
        ),
        Rule(
            id="superior_review",
            kind=ClockKind.SUPERIOR_REVIEW,
            order=1,
            party=Party.SUPERVISOR,
            amount=48,
            unit=Unit.HOURS,
            source=_source(
                "a supervisor decides a superior's review within 48 hours.",
                "上级复核应在 48 小时内作出决定。",
            ),
        ),
        Rule(
            id="remedy",
            kind=ClockKind.REMEDY,
            order=1,
            party=None,
            amount=72,
            unit=Unit.HOURS,
            source=_source(
                "whoever pays carries out an agreed remedy within 72 hours.",
                "承担方应在 72 小时内履行已达成的方案。",
            ),
        ),
        Rule(
            id="follow_up",
            kind=ClockKind.FOLLOW_UP,
            order=1,
            party=Party.PLATFORM,
            amount=24,
            unit=Unit.HOURS,
            source=_source(
                "the satisfaction survey goes out within 24 hours of the resolution.",
                "解决后 24 小时内发出满意度回访。",
            ),
        ),
        Rule(
            id="survey_window",
            kind=ClockKind.SURVEY_WINDOW,
            order=1,
            party=Party.CONSUMER,
            amount=7,
            unit=Unit.CALENDAR_DAYS,
            warn_percents=NO_WARNINGS,
            source=_source("a survey can be answered for 7 days.", "满意度回访 7 天内有效。"),
        ),
        Rule(
            id="appeal_window",
            kind=ClockKind.APPEAL_WINDOW,
            order=1,
            party=Party.CONSUMER,
            amount=15,
            unit=Unit.CALENDAR_DAYS,
            warn_percents=NO_WARNINGS,
            source=_source(
                "a rejection can be appealed for 15 days.", "不予受理的决定可在 15 天内申诉。"
            ),
        ),
    ),
)

POLICIES: Final = Policies([MARKETPLACE])
