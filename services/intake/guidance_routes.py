"""What a dissatisfied consumer may do, in the order it is offered, with usual time and cost.

Times and costs are those of the law or of the body, each with its source; none is a deadline of
this platform, which are sla's alone. As of the beginning of 2026, for China.
"""

from dataclasses import dataclass
from typing import Final

from services.intake.guidance_words import Words

_COURT_LAW: Final = (
    "民事诉讼法 第152条、第164条、第168条；诉讼费用交纳办法（国务院令第481号）第13条、第16条"
)
_REGULATOR_LAW: Final = (
    "市场监督管理投诉举报处理暂行办法（市场监管总局令第20号）第14条、第21条；"
    "2026年4月15日起调解期限为60日"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way on. `act` is the sub-resource of the complaint that takes it, where there is one."""

    name: str
    act: str | None
    text: Words
    time: Words | None = None
    cost: Words | None = None
    source: str | None = None


CONTACT: Final = Route(
    name="contact_again",
    act="messages",
    text=Words("再次联系专员，说明您不满意的地方。", "Write to the specialist again, and say why."),
)
APPEAL: Final = Route(
    name="appeal",
    act="appeals",
    text=Words("对不予受理提出申诉。", "Appeal the rejection."),
)
REOPEN: Final = Route(
    name="contact_again",
    act="reopening",
    text=Words(
        "结案后的一段时间内，可以提出异议，重新开启投诉。",
        "For a time after its end you may object, and it is opened again.",
    ),
)
REVIEW: Final = Route(
    name="superior_review",
    act="superior-reviews",
    text=Words(
        "请主管复核：收到方案后、拒绝方案后或对方逾期时，每轮一次。",
        "Ask for a superior's review: once, after a proposal, its rejection, or a missed deadline.",
    ),
    cost=Words("免费", "free of charge"),
)
_NO_FIXED_TIME: Final = Words(
    "没有法定期限，以该机构告知为准", "not fixed by law; the body tells you"
)

OUTSIDE: Final = (
    Route(
        name="association",
        act="referrals",
        text=Words("请消费者协会调解。", "Ask a consumers' association to mediate."),
        time=_NO_FIXED_TIME,
        cost=Words("免费", "free of charge"),
        source="消费者权益保护法 第37条、第39条",
    ),
    Route(
        name="mediation",
        act="referrals",
        text=Words("请人民调解委员会调解。", "Ask a people's mediation committee to mediate."),
        time=_NO_FIXED_TIME,
        cost=Words("免费", "free of charge"),
        source="人民调解法 第4条",
    ),
    Route(
        name="regulator",
        act="referrals",
        text=Words(
            "向市场监管部门投诉（12315），可随时提出。",
            "Complain to the market regulator (12315); possible at any time.",
        ),
        time=Words(
            "一般 7 个工作日内告知是否受理，受理后 60 日内调解"
            "（2026 年 4 月 15 日前为 45 个工作日）",
            "usually 7 working days to hear whether it is accepted, then up to 60 days of "
            "mediation (before 15 April 2026: 45 working days)",
        ),
        cost=Words("免费", "free of charge"),
        source=_REGULATOR_LAW,
    ),
    Route(
        name="arbitration",
        act="referrals",
        text=Words(
            "申请仲裁：须有仲裁协议；仲裁后不能就同一纠纷起诉。",
            "Arbitration: it needs an agreement, and excludes the court on the same matter.",
        ),
        time=Words("以仲裁规则为准", "as the rules of the commission say"),
        cost=Words("按仲裁委员会收费表预交", "by the commission's schedule of fees, in advance"),
        source="仲裁法；电子商务法 第60条",
    ),
    Route(
        name="court",
        act="referrals",
        text=Words("向人民法院起诉。", "Go to court."),
        time=Words(
            "小额诉讼一般两个月内审结，简易程序三个月，普通程序六个月",
            "usually two months for small claims, three in simplified and six in ordinary "
            "procedure",
        ),
        cost=Words(
            "财产案件标的不超过 1 万元的每件 50 元，简易程序减半",
            "50 yuan where up to 10,000 yuan are at stake; half of it in simplified procedure",
        ),
        source=_COURT_LAW,
    ),
)
"""Alternatives rather than steps: any may be taken at any time."""
