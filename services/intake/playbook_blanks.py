"""What a case fills into the blanks of a playbook, in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.intake.domain.evidence import missing, words
from services.intake.domain.playbooks.content import LANGUAGES
from services.intake.domain.state import FiledState
from shared.events.complaints import Demand
from shared.events.vocabulary import DemandKind
from shared.money import money

_ZONE: Final = ZoneInfo("Asia/Shanghai")  # where the laws apply that playbooks name

_DEMANDS: Final = {
    DemandKind.REFUND: ("退款", "a refund"),
    DemandKind.RETURN: ("退货退款", "to return it for a refund"),
    DemandKind.EXCHANGE: ("换货", "an exchange"),
    DemandKind.RESHIP: ("补发", "to have it sent again"),
    DemandKind.COMPENSATION: ("赔偿", "compensation"),
    DemandKind.APOLOGY: ("道歉", "an apology"),
    DemandKind.CORRECTION: ("更正", "a correction"),
    DemandKind.OTHER: ("其他", "something else"),
}


def demand_in_words(kind: DemandKind, language: str) -> str:
    """What the consumer asks for, in one of the languages of playbooks."""
    return _DEMANDS[kind][LANGUAGES.index(language)]


def blanks_of(state: FiledState, language: str) -> Mapping[str, str]:
    """A value for every blank there is, in one of the languages of playbooks."""
    filed = state.case.filed
    chinese = language == LANGUAGES[0]
    comma = "、" if chinese else ", "
    lacking = comma.join(words(kind, language) for kind in missing(state.case))
    return {
        "amount": _amount(filed.demand, chinese=chinese),
        "complaint": state.case.id,
        "demand": demand_in_words(filed.demand.kind, language),
        "filed_on": _day(filed.occurred_at),
        "merchant": filed.merchant_id,
        "missing": lacking or ("无" if chinese else "nothing"),
        "orders": comma.join(filed.order_ids),
    }


def _amount(demand: Demand, *, chinese: bool) -> str:
    if demand.amount_minor is None or demand.currency is None:
        return "未说明金额" if chinese else "no amount stated"
    return money(demand.amount_minor, demand.currency)


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(_ZONE):%Y-%m-%d}"
