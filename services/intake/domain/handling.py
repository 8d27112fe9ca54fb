"""The specialist's work before a solution: contacts, messages, asking the merchant."""

from datetime import datetime

from services.intake.domain.authority import Author
from services.intake.domain.commands import (
    AcceptComplaint,
    AnswerForMerchant,
    AskMerchant,
    HandlingCommand,
    PostMessage,
    RecordContact,
)
from services.intake.domain.filing import accept_complaint
from services.intake.domain.policy import ActTime, Policy, act_time
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    AWAITING_MERCHANT,
    IN_PROGRESS,
    Assigned,
    AwaitingMerchant,
    Case,
    FiledState,
    InProgress,
    Open,
    OpenState,
    Standing,
    State,
    assignment_of,
    back_to_specialist,
    standing,
)
from shared.decider import Refused
from shared.events.complaints import (
    ContactAttempted,
    ContactMade,
    MerchantAnswered,
    MerchantAsked,
    MessagePosted,
)
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import Audience, Role


def handle(command: HandlingCommand, state: State, policy: Policy) -> list[Event]:
    """Decide an act between filing and solution."""
    match command:
        case AcceptComplaint():
            return accept_complaint(command, state)
        case AskMerchant():
            return _ask_merchant(command, state)
        case AnswerForMerchant():
            return _answer_for_merchant(command, state)
        case RecordContact():
            return _record_contact(command, state, policy)
        case PostMessage():
            return _post_message(command, state)


def _ask_merchant(command: AskMerchant, state: State) -> list[Event]:
    if isinstance(state, AwaitingMerchant):
        raise Refused("request_open", f"Request {state.request} is still open.")
    if not isinstance(state, InProgress):
        raise wrong_status(state, "Asking the merchant")
    case = state.case
    return [
        MerchantAsked(
            **stamp(case, command.now, AWAITING_MERCHANT),
            n=case.cycle.last_n + 1,
            questions=Personal(case.filed.consumer_id, command.questions),
            evidence_ids=command.evidence_ids,
        )
    ]


def _answer_for_merchant(command: AnswerForMerchant, state: State) -> list[Event]:
    """In time if the request is open; an answer after its lapse is recorded as late."""
    if not isinstance(state, Open):
        raise wrong_status(state, "Answering")
    if isinstance(state, AwaitingMerchant) and command.n in {None, state.request}:
        after = back_to_specialist(state.assignment)
        return [_merchant_answered(command, state.case, after, state.request, late=False)]
    n = _lapsed_request(command.n, state.case)
    return [_merchant_answered(command, state.case, standing(state), n, late=True)]


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


def _record_contact(command: RecordContact, state: State, policy: Policy) -> list[Event]:
    if not isinstance(state, Open) or assignment_of(state) is None:
        raise wrong_status(state, "Recording a contact")
    time = act_time(policy, command.by, command.occurred_at, command.now)
    if time.occurred_at < state.case.cycle.started_at:
        raise Refused("validation_failed", "The contact took place before this cycle began.")
    if command.two_way:
        return [_contact_made(command, state, time)]
    return [
        ContactAttempted(
            **stamp(state.case, time.occurred_at, standing(state)),
            n=state.case.cycle.contacts + 1,
            channel=command.channel,
            outcome=command.outcome,
        )
    ]


def _contact_made(command: RecordContact, state: OpenState, time: ActTime) -> ContactMade:
    case = state.case
    after = IN_PROGRESS if isinstance(state, Assigned) else standing(state)
    return ContactMade(
        **stamp(case, time.occurred_at, after),
        n=case.cycle.contacts + 1,
        channel=command.channel,
        two_way=True,
        note=None if command.note is None else Personal(case.filed.consumer_id, command.note),
        backdated_seconds=time.backdated_seconds,
    )


def _post_message(command: PostMessage, state: State) -> list[Event]:
    if not isinstance(state, Open):
        raise wrong_status(state, "Writing a message")
    own = _audience(command.by)
    addressed = _default_addressee(own) if command.to is None else command.to
    merchant = own is Audience.MERCHANT
    filed = state.case.filed
    return [
        MessagePosted(
            **stamp(state.case, command.now, standing(state)),
            from_role=command.by.role,
            visible_to=tuple(sorted(addressed | {own, Audience.STAFF})),
            text=Personal(filed.merchant_id if merchant else filed.consumer_id, command.text),
        )
    ]


def consumer_said(state: FiledState, now: datetime, text: str) -> MessagePosted:
    """What the consumer let staff know, without any effect of its own."""
    case = state.case
    return MessagePosted(
        **stamp(case, now, standing(state)),
        from_role=Role.CONSUMER,
        visible_to=(Audience.CONSUMER, Audience.STAFF),
        text=Personal(case.filed.consumer_id, text),
    )


def _default_addressee(own: Audience) -> frozenset[Audience]:
    """Parties write to staff, staff to the consumer."""
    match own:
        case Audience.STAFF:
            return frozenset({Audience.CONSUMER})
        case Audience.CONSUMER | Audience.MERCHANT:
            return frozenset({Audience.STAFF})


def _audience(by: Author) -> Audience:
    match by.role:
        case Role.CONSUMER:
            return Audience.CONSUMER
        case Role.MERCHANT:
            return Audience.MERCHANT
        case Role.SPECIALIST | Role.SUPERVISOR | Role.OPS | Role.SERVICE | Role.SYSTEM:
            return Audience.STAFF
