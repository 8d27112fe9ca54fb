"""What a consumer reads at each stage: whose turn it is, what comes next; in zh-CN and en."""

from typing import Final, NamedTuple

from services.intake.domain.clarity import Unclear
from services.intake.domain.playbooks.content import LANGUAGES
from shared.events.vocabulary import Status, Turn


class Words(NamedTuple):
    """A text in Chinese and English."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """In one of the two languages there are."""
        return self.zh if language == LANGUAGES[0] else self.en


TURNS: Final = {
    Turn.CONSUMER: Words("现在轮到您。", "It is your turn."),
    Turn.MERCHANT: Words("现在轮到商家。", "It is the merchant's turn."),
    Turn.SPECIALIST: Words("现在轮到负责您投诉的专员。", "It is the turn of your specialist."),
    Turn.SUPERVISOR: Words("现在轮到主管。", "It is a supervisor's turn."),
    Turn.PLATFORM: Words("现在轮到平台。", "It is the platform's turn."),
    Turn.REGULATOR: Words("现在由外部机构处理。", "It is with a body outside the platform."),
    Turn.NOBODY: Words("目前无需任何一方处理。", "Nobody has to do anything now."),
}

NEXT: Final = {
    Status.SUBMITTED: Words(
        "平台正在审核。审核通过后会分派专员，缺少材料时会一次性告知您。",
        "It is being reviewed. Once accepted it gets a specialist; if something is missing you are "
        "asked for all of it at once.",
    ),
    Status.NEEDS_INFORMATION: Words(
        "请补充所需材料；收到后继续审核。",
        "Please send what is missing; the review goes on as soon as it is there.",
    ),
    Status.REJECTED: Words(
        "投诉未被受理。您可以在申诉期内说明理由，由平台重新审核。",
        "It was not accepted. For a time you may say why that is wrong, and it is reviewed again.",
    ),
    Status.DUPLICATE: Words(
        "同一件事已有另一投诉，将在那里继续处理。",
        "The same matter goes on in your other complaint.",
    ),
    Status.ACCEPTED: Words(
        "已受理，正在为您分派专员；专员会主动联系您。",
        "It is accepted, and a specialist is being found, who will get in touch with you.",
    ),
    Status.ASSIGNED: Words(
        "专员会与您联系，听取经过和诉求。", "The specialist will call you to hear what happened."
    ),
    Status.IN_PROGRESS: Words(
        "专员正在核实并听取商家意见，之后向您提出方案。",
        "The specialist checks the facts, hears the merchant, and then proposes a solution.",
    ),
    Status.AWAITING_CONSUMER: Words(
        "请回答专员的问题；收到答复后继续处理。逾期未答复将结案，之后再答复会重新开启。",
        "Please answer the specialist's question; then work goes on. Without an answer it is "
        "closed, and an answer after that opens it again.",
    ),
    Status.AWAITING_MERCHANT: Words(
        "商家需要答复。逾期未答复的，按有利于您的推定继续处理。",
        "The merchant has to answer. If it stays silent, the case goes on presumed in your favour.",
    ),
    Status.SOLUTION_DRAFTED: Words(
        "方案正在由主管审批，批准后会请您决定。",
        "A solution is being approved by a supervisor; then it is yours to decide.",
    ),
    Status.SOLUTION_PROPOSED: Words(
        "请接受或拒绝方案。接受后由承担方履行；拒绝后专员继续处理。逾期未答复将结案，之后再答复会重新开启。",
        "Please accept or reject the solution. Accepted, it is carried out; rejected, the "
        "specialist goes on. Without an answer the case is closed, and an answer opens it again.",
    ),
    Status.UNDER_SUPERIOR_REVIEW: Words(
        "主管正在重新评估全部情况，并将附理由作出决定。",
        "A supervisor looks at everything again and decides, with reasons.",
    ),
    Status.REMEDYING: Words(
        "双方同意的方案正在履行；履行完毕由专员核实后办结。",
        "What was agreed is being carried out; the specialist checks it and then resolves.",
    ),
    Status.EXTERNAL: Words(
        "外部机构正在处理；有结果后平台继续，具有约束力的结果会得到履行。",
        "A body outside deals with it; then work goes on here, and a binding outcome is kept.",
    ),
    Status.RESOLVED: Words(
        "问题已办结。您会收到满意度回访，可以表示满意或提出异议。",
        "It is resolved. You will get a survey, and may say that you are satisfied or object.",
    ),
    Status.CLOSED: Words("投诉已结案。", "The complaint is closed."),
    Status.WITHDRAWN: Words("投诉已撤回。", "The complaint was withdrawn."),
}

UNCLEAR: Final = {
    Unclear.AMOUNT: Words(
        "您要求退款或赔偿，但没有写明金额。写明金额可以更快得到处理。",
        "You ask for money, but not for how much. Saying the amount makes it quicker.",
    ),
    Unclear.DEMAND: Words(
        "请再说明您希望怎样解决。", "Please say in a few words how it should be settled."
    ),
    Unclear.DESCRIPTION: Words(
        "请再说明发生了什么：时间、经过、商家怎样答复。",
        "Please tell a little more: what happened when, and what the merchant said.",
    ),
}

DECIDE: Final = Words("接受或拒绝方案 {n}", "accept or reject solution {n}")
WHY_DECIDE: Final = Words(
    "没有您的同意，方案不会履行；理由见该方案的说明。",
    "Nothing is carried out without your consent; the reasons stand with the solution.",
)
