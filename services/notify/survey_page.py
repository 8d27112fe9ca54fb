"""The survey as a page: one file, no script, no outside asset, readable on any phone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from services.notify.domain.addresses import LANGUAGES

_CHINESE: Final = {
    "title": "投诉回访",
    "complaint": "投诉编号",
    "intro": "您的投诉已处理完毕。请告诉我们结果是否令您满意。",
    "reopened": "该投诉已重新开启并正在处理，无需再提出异议。您仍可为上一次处理评分。",
    "question": "您对处理结果满意吗？",
    "satisfied": "满意，可以结案",
    "objection": "有异议，请重新处理",
    "ratings": "请评分（1 = 很差，5 = 很好，可不填）",
    "speed": "处理速度",
    "attitude": "服务态度",
    "outcome": "处理结果",
    "text": "说明（提出异议时必填）",
    "text_free": "补充说明（可不填）",
    "send": "提交",
    "incomplete": "请选择是否满意；如有异议，请写明哪里没有解决。",
    "answered": "感谢您的反馈，我们已经收到。",
    "lapsed": "回访期限已过。如问题仍未解决，请联系平台申请重新处理。",
    "not_found": "此链接无效。请使用邮件中的完整链接。",
    "survey_closed": "此回访已结束。",
}
_ENGLISH: Final = {
    "title": "How did we do?",
    "complaint": "Complaint",
    "intro": "Your complaint has been resolved. Please tell us whether you are satisfied.",
    "reopened": (
        "This complaint has already been reopened and is being worked on: there is no need to "
        "object again. You may still rate how it was handled before."
    ),
    "question": "Are you satisfied with the result?",
    "satisfied": "Yes, the complaint can be closed",
    "objection": "No, please look at it again",
    "ratings": "Your rating (1 = poor, 5 = very good; optional)",
    "speed": "Speed",
    "attitude": "Attitude",
    "outcome": "Result",
    "text": "A few words (needed for an objection)",
    "text_free": "A few words (optional)",
    "send": "Send",
    "incomplete": "Please say whether you are satisfied; if not, tell us what is still wrong.",
    "answered": "Thank you. We have received your answer.",
    "lapsed": "The time for answering is over. If the trouble is not, ask the platform to reopen.",
    "not_found": "This link does not work. Please use the whole link from the mail.",
    "survey_closed": "This survey is closed.",
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {"zh-CN": _CHINESE, "en": _ENGLISH}

_environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True)
_page = _environment.from_string(
    (Path(__file__).parent / "texts" / "survey_page.html").read_text("utf-8")
)


def survey_page(view: Mapping[str, Any], *, incomplete: bool = False) -> str:
    """The page of a survey. `incomplete`: the form came back with something missing."""
    language = view["language"]
    return _page.render(
        words=[_WORDS[language]], language=language, view=view, incomplete=incomplete, failure=None
    )


def failure_page(code: str) -> str:
    """A page for a link that opens nothing (any more), in every language: we do not know whose."""
    return _page.render(
        words=[_WORDS[language] for language in LANGUAGES],
        language=LANGUAGES[0],
        view=None,
        incomplete=False,
        failure=code if code in _CHINESE else "not_found",
    )


def page_headers() -> dict[str, str]:
    """Headers of every answer under a survey link: the address itself is the secret."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
