"""What settles a complaint: the checklist of each category, what is there, and who sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from services.intake.domain.case import Case, Evidence
from shared.decider import Refused
from shared.events.vocabulary import Audience, Category, EvidenceKind

_K = EvidenceKind

CHECKLIST: Final[Mapping[Category, tuple[EvidenceKind, ...]]] = MappingProxyType(
    {
        Category.FAKE_SHIPPING: (_K.ORDER_SCREENSHOT, _K.TRACKING_RECORD),
        Category.LATE_SHIPPING: (_K.ORDER_SCREENSHOT, _K.TRACKING_RECORD),
        Category.COUNTERFEIT: (_K.ORDER_SCREENSHOT, _K.PRODUCT_PHOTO, _K.TEST_REPORT),
        Category.QUALITY: (_K.ORDER_SCREENSHOT, _K.PRODUCT_PHOTO),
        Category.NOT_AS_DESCRIBED: (
            _K.ORDER_SCREENSHOT,
            _K.LISTING_SCREENSHOT,
            _K.PRODUCT_PHOTO,
        ),
        Category.REFUND_REFUSED: (_K.ORDER_SCREENSHOT, _K.CHAT_LOG),
        Category.RETURN_DISPUTE: (_K.ORDER_SCREENSHOT, _K.PARCEL_PHOTO, _K.RETURN_PROOF),
        Category.PRICE_DISPUTE: (_K.LISTING_SCREENSHOT, _K.PAYMENT_PROOF),
        Category.SERVICE_LANGUAGE: (_K.CHAT_LOG,),
        Category.OFF_PLATFORM_STEERING: (_K.CHAT_LOG,),
        Category.SAFETY: (_K.PRODUCT_PHOTO, _K.MEDICAL_RECORD, _K.INVOICE),
        Category.PRIVACY: (_K.CHAT_LOG,),
        Category.OTHER: (),
    }
)
"""What usually settles a complaint of a category. It is asked for, and never required."""

WORDS: Final[Mapping[EvidenceKind, tuple[str, str]]] = MappingProxyType(
    {
        _K.ORDER_SCREENSHOT: ("订单截图", "a screenshot of the order"),
        _K.PAYMENT_PROOF: ("付款凭证", "proof of the payment"),
        _K.CHAT_LOG: ("聊天记录", "the chat with the merchant"),
        _K.TRACKING_RECORD: ("物流记录截图", "a screenshot of the tracking record"),
        _K.PARCEL_PHOTO: ("包裹照片", "a photo of the parcel"),
        _K.UNBOXING_VIDEO: ("开箱视频", "a video of the unboxing"),
        _K.PRODUCT_PHOTO: ("商品照片", "photos of the goods"),
        _K.LISTING_SCREENSHOT: ("商品页面截图", "a screenshot of the listing"),
        _K.TEST_REPORT: ("检测或鉴定报告", "a test report"),
        _K.INVOICE: ("发票或购物凭证", "the invoice or receipt"),
        _K.RETURN_PROOF: ("退货凭证", "proof of the return"),
        _K.MEDICAL_RECORD: ("就诊记录", "the medical record"),
        _K.OTHER: ("其他材料", "other material"),
    }
)
"""Each kind in zh-CN and en."""

MOST_FILES: Final = 100
MOST_BYTES: Final = 500_000_000
"""So much may belong to one complaint."""


def missing(case: Case, more: Iterable[EvidenceKind] = ()) -> tuple[EvidenceKind, ...]:
    """What of the category's checklist is not there, in its order; `more` is about to be added."""
    there = {one.kind for one in case.evidence} | set(more)
    return tuple(kind for kind in CHECKLIST[case.filed.category] if kind not in there)


def completeness(case: Case, more: Iterable[EvidenceKind] = ()) -> float:
    """The share of the checklist that is there, 0 to 1; 1 where nothing is on it."""
    wanted = len(CHECKLIST[case.filed.category])
    return 1.0 if wanted == 0 else round(1 - len(missing(case, more)) / wanted, 2)


def words(kind: EvidenceKind, language: str) -> str:
    """A kind of evidence in Chinese for Chinese readers, in English for all others."""
    chinese, english = WORDS[kind]
    return chinese if language.lower().startswith("zh") else english


def check_known(case: Case, evidence_ids: Iterable[str]) -> None:
    """Refuse ids that belong to no evidence of this complaint. Raises `Refused`."""
    unknown = sorted(set(evidence_ids) - {one.id for one in case.evidence})
    if unknown:
        raise Refused("unknown_evidence", f"There is no evidence {unknown[0]} here.")


def shown_to(case: Case, evidence_ids: Iterable[str], *more: Audience) -> Case:
    """The case once these files have been shown to others too."""
    ids = set(evidence_ids)
    if not ids:
        return case
    evidence = tuple(_shown(one, more) if one.id in ids else one for one in case.evidence)
    return replace(case, evidence=evidence)


def _shown(one: Evidence, more: tuple[Audience, ...]) -> Evidence:
    return replace(one, visible_to=one.visible_to | set(more))
