"""What people say, in the language of the complaint."""

from typing import Final

_EN: Final = {
    "contact_note": "Spoke with the consumer, who confirmed what happened and what they want.",
    "questions": "What happened with {orders}, and what do you offer the consumer?",
    "outcome": "The remedy was carried out and the consumer told.",
    "reasons_silent": "The merchant did not answer in time; what the consumer says stands.",
    "reasons_agrees": "The merchant agrees with what is demanded.",
    "reasons_counters": "The merchant's offer, weighed against what the order shows.",
    "reasons_refuses": "The merchant refuses; the record speaks for the consumer.",
    "reasons_informs": "What the merchant explained does not rule the demand out.",
    "answer_agrees": "We are sorry. We agree and will carry it out.",
    "answer_counters": "We see it differently, but offer to meet the consumer part of the way.",
    "answer_refuses": "We acted by our terms and refuse the demand.",
    "answer_informs": "Here is what our records show; please decide on that basis.",
    "withdraw": "It has been sorted out in the meantime.",
    "reject": "That does not make up for what happened.",
    "objection": "What was promised has not reached me in full.",
}
_ZH: Final = {
    "contact_note": "已与消费者通话，核对了事情经过和诉求。",
    "questions": "请说明订单 {orders} 的情况，以及贵店愿意怎样处理。",
    "outcome": "补救已经完成，并已告知消费者。",
    "reasons_silent": "商家未在时限内答复，以消费者陈述为准。",
    "reasons_agrees": "商家同意消费者的诉求。",
    "reasons_counters": "结合订单情况，采纳商家提出的方案。",
    "reasons_refuses": "商家拒绝，但现有材料支持消费者。",
    "reasons_informs": "商家的说明不足以否定消费者的诉求。",
    "answer_agrees": "非常抱歉，我们同意并会尽快办理。",
    "answer_counters": "我们的看法有所不同，愿意承担一部分。",
    "answer_refuses": "我们按约定办理，不同意该诉求。",
    "answer_informs": "附上我们的记录，请据此判断。",
    "withdraw": "事情已经自行解决了。",
    "reject": "这个方案弥补不了我的损失。",
    "objection": "答应的事情没有完全做到。",
}


def say(what: str, language: str, **blanks: str) -> str:
    """A sentence in Chinese for `zh…`, else in English. Raises `KeyError` for an unknown one."""
    return (_ZH if language.startswith("zh") else _EN)[what].format(**blanks)
