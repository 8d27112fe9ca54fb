"""Asking the parties, and what they answer."""

from datetime import datetime

from services.intake.domain.case import Case
from services.intake.domain.commands import (
    AnswerForConsumer,
    AnswerForMerchant,
    AskConsumer,
    AskMerchant,
)
from services.intake.domain.evidence import check_known, missing, words
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    AWAITING_CONSUMER,
    AWAITING_MERCHANT,
    NEEDS_INFORMATION,
    SUBMITTED,
    AwaitingConsumer,
    AwaitingMerchant,
    FiledState,
    InProgress,
    NeedsInformation,
    Open,
    Standing,
    State,
    Submitted,
    assignment_of,
    back_to_specialist,
    open_question,
    open_request,
    standing,
)
from shared.decider import Refused
from shared.events.complaints import (
    ConsumerAnswered,
    ConsumerAsked,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
)
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import AskStage, Audience, Role


def ask_consumer(command: AskConsumer, state: State) -> list[Event]:
    """Before acceptance for the review, later for the case; one question at a time."""
    question = None if not isinstance(state, Open) else open_question(state)
    if question is not None:
        raise Refused("request_open", f"Request {question.n} is still open.")
    if isinstance(state, Submitted):
        return [_consumer_asked(command, state.case, NEEDS_INFORMATION, AskStage.REVIEW)]
    if isinstance(state, InProgress | AwaitingMerchant):
        return [_consumer_asked(command, state.case, AWAITING_CONSUMER, AskStage.CASE)]
    raise wrong_status(state, "Asking the consumer")


def _items(command: AskConsumer, case: Case) -> tuple[str, ...]:
    """What is asked for; if nothing is named, all that the category's checklist still lacks."""
    if command.items:
        return command.items
    lacking = missing(case)
    if not lacking:
        raise Refused("nothing_missing", "Nothing of the checklist is missing: say what to ask.")
    return tuple(words(kind, case.filed.language) for kind in lacking)


def _consumer_asked(
    command: AskConsumer, case: Case, after: Standing, stage: AskStage
) -> ConsumerAsked:
    return ConsumerAsked(
        **stamp(case, command.now, after),
        n=case.cycle.last_n + 1,
        items=_items(command, case),
        reason=command.reason,
        stage=stage,
    )


def answer_question(
    command: AnswerForConsumer, state: NeedsInformation | AwaitingConsumer
) -> list[Event]:
    """The answer to the open question. Then it is the merchant's turn, if one was asked too."""
    check_known(state.case, command.evidence_ids)
    n = state.question.n
    if command.n not in {None, n}:
        raise Refused("no_open_request", f"The open request has number {n}.")
    return [
        ConsumerAnswered(
            **stamp(state.case, command.now, _once_answered(state)),
            n=n,
            text=Personal(state.case.filed.consumer_id, command.text),
            evidence_ids=command.evidence_ids,
        )
    ]


def _once_answered(state: NeedsInformation | AwaitingConsumer) -> Standing:
    match state:
        case NeedsInformation():
            return SUBMITTED
        case AwaitingConsumer():
            merchant_too = state.request is not None
            return AWAITING_MERCHANT if merchant_too else back_to_specialist(state.assignment)


def consumer_said(state: FiledState, now: datetime, text: str) -> MessagePosted:
    """What the consumer let staff know, without any effect of its own."""
    case = state.case
    return MessagePosted(
        **stamp(case, now, standing(state)),
        from_role=Role.CONSUMER,
        visible_to=(Audience.CONSUMER, Audience.STAFF),
        text=Personal(case.filed.consumer_id, text),
    )


def ask_merchant(command: AskMerchant, state: State) -> list[Event]:
    """One request at a time; it may run beside a question to the consumer."""
    if isinstance(state, Open) and (n := open_request(state)) is not None:
        raise Refused("request_open", f"Request {n} is still open.")
    if not isinstance(state, InProgress | AwaitingConsumer):
        raise wrong_status(state, "Asking the merchant")
    case = state.case
    check_known(case, command.evidence_ids)
    after = AWAITING_MERCHANT if isinstance(state, InProgress) else AWAITING_CONSUMER
    return [
        MerchantAsked(
            **stamp(case, command.now, after),
            n=case.cycle.last_n + 1,
            questions=Personal(case.filed.consumer_id, command.questions),
            evidence_ids=command.evidence_ids,
        )
    ]


def answer_for_merchant(command: AnswerForMerchant, state: State) -> list[Event]:
    """In time if the request is open; an answer after its lapse is recorded as late."""
    if not isinstance(state, Open):
        raise wrong_status(state, "Answering")
    request = open_request(state)
    if request is not None and command.n in {None, request}:
        return [_merchant_answered(command, state.case, heard(state), request, late=False)]
    if command.n in state.case.cycle.given_up:
        return [_merchant_answered(command, state.case, standing(state), command.n, late=False)]
    n = _lapsed_request(command.n, state.case)
    return [_merchant_answered(command, state.case, standing(state), n, late=True)]


def heard(state: FiledState) -> Standing:
    """Once the merchant has answered, or has not in time: unless the consumer was asked too."""
    if isinstance(state, AwaitingMerchant):
        return back_to_specialist(assignment_of(state))
    return standing(state)


def _lapsed_request(asked_n: int | None, case: Case) -> int:
    cycle = case.cycle
    if asked_n in cycle.answered:
        raise Refused("already_answered", f"Request {asked_n} has been answered.")
    n = max(cycle.lapsed, default=None) if asked_n is None else asked_n
    if n is None or n not in cycle.lapsed:
        raise Refused("no_open_request", "The merchant has not been asked anything.")
    return n


def _merchant_answered(
    command: AnswerForMerchant, case: Case, after: Standing, n: int, *, late: bool
) -> MerchantAnswered:
    return MerchantAnswered(
        **stamp(case, command.now, after),
        n=n,
        stance=command.stance,
        text=Personal(case.filed.merchant_id, command.text),
        late=late,
        offer=command.offer,
        offer_amount_minor=command.offer_amount_minor,
        offer_currency=command.offer_currency,
    )
