"""A decision in one line, for everybody: no names, no scores, no internals."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.routing.domain.eligibility import Filter
from shared.events.assignments import Candidate
from shared.events.vocabulary import Category, Outcome

Sentence = dict[str, str]
"""The line by language tag: `zh-CN` and `en`."""

_CATEGORIES: Final[Mapping[Category, tuple[str, str]]] = {
    Category.FAKE_SHIPPING: ("虚假发货", "fake shipping"),
    Category.LATE_SHIPPING: ("延迟发货", "late shipping"),
    Category.COUNTERFEIT: ("假冒商品", "counterfeit goods"),
    Category.QUALITY: ("商品质量", "product quality"),
    Category.NOT_AS_DESCRIBED: ("描述不符", "goods not as described"),
    Category.REFUND_REFUSED: ("拒绝退款", "refused refunds"),
    Category.RETURN_DISPUTE: ("退货纠纷", "return disputes"),
    Category.PRICE_DISPUTE: ("价格争议", "price disputes"),
    Category.SERVICE_LANGUAGE: ("服务态度", "conduct of service staff"),
    Category.OFF_PLATFORM_STEERING: ("引流至平台外", "steering off the platform"),
    Category.SAFETY: ("人身与食品安全", "injury and food safety"),
    Category.PRIVACY: ("个人信息", "privacy"),
    Category.OTHER: ("其他问题", "general matters"),
}

_WAITING_FOR: Final[Mapping[Filter, tuple[str, str]]] = {
    Filter.SHIFT: ("尚未到当值时间", "not yet on shift"),
    Filter.LEAVE: ("正在休假", "on leave"),
    Filter.PRESENCE: ("暂时不在线", "offline at the moment"),
    Filter.CAPACITY: ("正在处理其他投诉", "busy with other complaints"),
}

_LACKING: Final[Mapping[Filter, tuple[str, str]]] = {
    Filter.TIER: ("职级", "seniority"),
    Filter.LANGUAGE: ("语言", "language"),
    Filter.SKILL: ("专业技能", "expertise"),
    Filter.CONFLICT: ("回避要求", "independence"),
    Filter.DECLINED: ("接手意愿", "availability (it was declined)"),
}


def assigned(category: Category, *, again: bool) -> Sentence:
    """Somebody has it; `again`: the one who had it before."""
    zh, en = _CATEGORIES[category]
    if again:
        return {
            "zh-CN": "您的投诉已由此前处理过它的专员继续跟进。",
            "en": "The specialist who handled this complaint before has it again.",
        }
    return {
        "zh-CN": f"投诉已分派给负责“{zh}”类问题的专员。",
        "en": f"The complaint was given to a specialist for {en}.",
    }


def reassigned(category: Category) -> Sentence:
    """A supervisor chose."""
    zh, en = _CATEGORIES[category]
    return {
        "zh-CN": f"主管已将投诉转交给另一位负责“{zh}”类问题的专员。",
        "en": f"A supervisor gave the complaint to another specialist for {en}.",
    }


def handed_over(category: Category) -> Sentence:
    """Whoever had it chose."""
    zh, en = _CATEGORIES[category]
    return {
        "zh-CN": f"原专员已将投诉移交给另一位负责“{zh}”类问题的专员，并附上了处理摘要。",
        "en": f"The specialist handed the complaint over, with a summary, to another for {en}.",
    }


def unassigned(outcome: Outcome, candidates: Sequence[Candidate]) -> Sentence:
    """Nobody has it yet, and why."""
    if outcome is Outcome.WAITING:
        zh, en = _most_often(candidates, _WAITING_FOR, ("暂时繁忙", "not free"))
        return {
            "zh-CN": f"合适的专员{zh}；投诉按原有顺序排队等候。",
            "en": f"The right specialists are {en}; the complaint keeps its place in the queue.",
        }
    if not candidates:
        return {
            "zh-CN": "目前没有任何专员；投诉保留在队列中，已提醒主管。",
            "en": "There are no specialists yet; the complaint stays queued, supervisors are told.",
        }
    zh, en = _most_often(candidates, _LACKING, ("条件", "qualification"))
    return {
        "zh-CN": f"目前没有专员符合所需的{zh}；投诉保留在队列中，已提醒主管。",
        "en": f"No specialist has the {en} it needs; it stays queued, supervisors are told.",
    }


def _most_often(
    candidates: Sequence[Candidate],
    words: Mapping[Filter, tuple[str, str]],
    otherwise: tuple[str, str],
) -> tuple[str, str]:
    """The words for the filter that removed most; the earlier filter wins a tie."""
    counts = {
        name: sum(1 for candidate in candidates if candidate.removed_by == name) for name in words
    }
    most = max(words, key=lambda name: counts[name])
    return words[most] if counts[most] else otherwise
