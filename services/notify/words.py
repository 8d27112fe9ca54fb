"""The closed vocabularies of complaint handling in the languages of the templates."""

from collections.abc import Mapping
from typing import Final

_CATEGORY: Final = {
    "fake_shipping": ("虚假发货", "fake shipping"),
    "late_shipping": ("延迟发货", "late shipping"),
    "counterfeit": ("假冒商品", "counterfeit goods"),
    "quality": ("质量问题", "poor quality"),
    "not_as_described": ("与描述不符", "goods not as described"),
    "refund_refused": ("拒绝退款", "a refused refund"),
    "return_dispute": ("退货纠纷", "a dispute about a return"),
    "price_dispute": ("价格争议", "a dispute about the price"),
    "service_language": ("服务态度或用语", "abusive service"),
    "off_platform_steering": ("引导站外交易", "being led off the platform"),
    "safety": ("安全问题", "a safety problem"),
    "privacy": ("隐私问题", "a privacy problem"),
    "other": ("其他", "another matter"),
}
_DEMAND: Final = {
    "refund": ("退款", "refund"),
    "return": ("退货", "return"),
    "exchange": ("换货", "exchange"),
    "reship": ("重新发货", "reshipment"),
    "compensation": ("赔偿", "compensation"),
    "apology": ("道歉", "apology"),
    "correction": ("更正", "correction"),
    "other": ("其他", "another remedy"),
}
_CLOCK: Final = {
    "acknowledgement": ("受理回执", "acknowledgement"),
    "review": ("审核", "review"),
    "assignment": ("分派专员", "assignment of a specialist"),
    "first_contact": ("首次联系消费者", "first contact with the consumer"),
    "consumer_reply": ("消费者答复", "the consumer's reply"),
    "merchant_response": ("商家答复", "the merchant's answer"),
    "next_update": ("进展告知", "the next update"),
    "resolution": ("解决投诉", "resolution of the complaint"),
    "approval": ("方案审批", "approval of the solution"),
    "remedy": ("落实补救措施", "carrying out the remedy"),
    "superior_review": ("上级复核", "the superior's review"),
    "follow_up": ("回访", "the follow-up"),
    "survey_window": ("回访答复", "the answer to the survey"),
    "appeal_window": ("申诉", "an appeal"),
}
_PARTY: Final = {
    "consumer": ("消费者", "the consumer"),
    "merchant": ("商家", "the merchant"),
    "specialist": ("专员", "the specialist"),
    "supervisor": ("主管", "the supervisor"),
    "platform": ("平台", "the platform"),
    "regulator": ("监管部门", "the regulator"),
    "ops": ("运营", "operations"),
    "service": ("系统", "a connected system"),
    "system": ("系统", "the system"),
    "nobody": ("无需执行", "nobody: there is nothing to carry out"),
}
_STANCE: Final = {
    "agrees": ("同意", "agrees"),
    "counters": ("提出其他方案", "makes a counter-offer"),
    "refuses": ("拒绝", "refuses"),
    "informs": ("说明情况", "gives information"),
}
_CONTACT: Final = {
    "call": ("电话", "telephone"),
    "chat": ("在线聊天", "chat"),
    "email": ("电子邮件", "e-mail"),
    "sms": ("短信", "text message"),
    "visit": ("上门", "a visit"),
}
_CLOSE: Final = {
    "satisfied": ("消费者已确认满意", "the consumer was satisfied"),
    "silent": ("回访期内未收到反馈", "the survey was not answered in time"),
    "unanswered": ("未在期限内收到消费者答复", "the consumer did not answer in time"),
    "imposed": ("按上级复核决定执行完毕", "the superior's decision has been carried out"),
}
_REOPEN: Final = {
    "objection": ("消费者提出异议", "the consumer objected"),
    "new_problem": ("出现新的问题", "there is a new problem"),
    "answered_late": ("收到了迟到的答复", "an answer came after all"),
}
_REJECTION: Final = {
    "not_on_this_platform": (
        "所涉交易不在本平台，平台无权处理",
        "the purchase was not made on this platform",
    ),
    "not_a_consumer_dispute": (
        "不属于消费纠纷",
        "it is no dispute between a consumer and a merchant",
    ),
    "before_another_body": (
        "法院、仲裁机构或其他组织已受理或处理同一纠纷",
        "a court, an arbitration body or another authority already deals with it",
    ),
    "already_settled": ("同一纠纷此前已处理完毕", "the same dispute has been settled before"),
    "out_of_time": ("已超过可投诉的期限", "too much time has passed since it happened"),
    "no_facts_given": ("未提供可核实的事实", "no facts were given that could be looked into"),
}
_FAILURE: Final = {
    "overdue": ("逾期未落实", "it was not carried out in time"),
    "failed": ("未能落实", "it could not be carried out"),
    "disputed": ("对是否落实有争议", "it is disputed whether it was carried out"),
}

_GROUND: Final = {
    "proposal": ("对方案不满意", "the solution that was proposed"),
    "breach": ("期限已过", "a deadline that was missed"),
    "rejection": ("方案已被拒绝", "a solution that was rejected"),
}
_REVIEW: Final = {
    "upheld": ("原处理意见维持不变", "the handling so far stands"),
    "revised": ("将重新处理", "the case is to be handled anew"),
    "imposed": ("作出了须执行的决定", "a remedy has been decided and is to be carried out"),
}
_BODY: Final = {
    "mediation": ("调解组织", "a mediation body"),
    "arbitration": ("仲裁机构", "an arbitration body"),
    "court": ("法院", "a court"),
    "regulator": ("市场监管部门", "the market regulator"),
    "association": ("消费者协会", "the consumers' association"),
}
_VIOLATION: Final = {
    "fake_shipping": ("虚假发货", "fake shipping"),
    "late_shipping": ("延迟发货", "late shipping"),
    "counterfeit": ("售假", "selling counterfeit goods"),
    "off_platform_steering": ("引导站外交易", "leading buyers off the platform"),
    "abusive_language": ("辱骂或威胁", "abusive language"),
    "remedy_overdue": ("多次逾期落实补救措施", "remedies that are overdue"),
    "false_evidence": ("提供虚假证据", "false evidence"),
    "retaliation": ("打击报复", "retaliation"),
}
_VIOLATION_OUTCOME: Final = {
    "confirmed": ("违规成立", "the violation is confirmed"),
    "withdrawn": ("违规记录已撤销", "the violation is withdrawn"),
}

_VOCABULARIES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "category": _CATEGORY,
    "demand": _DEMAND,
    "offer": _DEMAND,
    "remedy": _DEMAND,
    "clock": _CLOCK,
    "party": _PARTY,
    "payer": _PARTY,
    "from_role": _PARTY,
    "stance": _STANCE,
    "contact_channel": _CONTACT,
    "close_reason": _CLOSE,
    "reopen_reason": _REOPEN,
    "failure": _FAILURE,
    "rejection_reason": _REJECTION,
    "ground": _GROUND,
    "review_outcome": _REVIEW,
    "body": _BODY,
    "violation_kind": _VIOLATION,
    "violation_outcome": _VIOLATION_OUTCOME,
}
_COLUMN: Final = {"zh-CN": 0, "en": 1}


def worded(name: str, value: str, language: str) -> str:
    """A value of a template's blank in words; values of no vocabulary stay as they are."""
    words = _VOCABULARIES.get(name, {}).get(value)
    return value if words is None else words[_COLUMN[language]]
