"""How what was looked into shows in the answer about a complaint."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from services.intake.domain.case import Case, OrderCheck, Risk
from shared.clock import rfc3339
from shared.events.vocabulary import Audience, RiskFlag

WORDS: Final[Mapping[RiskFlag, Mapping[str, str]]] = MappingProxyType(
    {
        RiskFlag.SERIAL_CLAIMS: {
            "zh-CN": "短期内多次投诉",
            "en": "many complaints in short time",
        },
        RiskFlag.TEMPLATE_TEXT: {"zh-CN": "套用他人文本", "en": "nearly the same text as others"},
        RiskFlag.REVIEW_THREAT: {
            "zh-CN": "以差评或曝光相威胁",
            "en": "threatens with bad reviews or exposure",
        },
    }
)
"""Each sign in the languages of staff."""


def checks(case: Case, audience: Audience) -> dict[str, Any]:
    """Orders for consumer and staff, signs of bad faith for staff alone; nothing for merchants."""
    match audience:
        case Audience.MERCHANT:
            return {}
        case Audience.CONSUMER:
            return {"order_checks": [_outline(check) for check in case.order_checks]}
        case Audience.STAFF:
            return {
                "order_checks": [_in_full(check) for check in case.order_checks],
                "risk_flags": [_risk(risk) for risk in case.risks],
            }


def _outline(check: OrderCheck) -> dict[str, Any]:
    """Without in what it differs: that would tell whose an order is that is not one's own."""
    return {
        "order_id": check.order_id,
        "result": check.result,
        "checked_at": rfc3339(check.checked_at),
    }


def _in_full(check: OrderCheck) -> dict[str, Any]:
    return {**_outline(check), "differences": check.differences, "source": check.source}


def _risk(risk: Risk) -> dict[str, Any]:
    return {
        "flag": risk.flag,
        "words": WORDS[risk.flag],
        "reason": risk.reason.text,
        "rule": risk.rule,
        "since": rfc3339(risk.since),
    }
