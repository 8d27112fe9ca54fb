"""Acts before a solution: review, contacts, messages, questions to the parties."""

from services.intake.domain.asking import answer_for_merchant, ask_consumer, ask_merchant
from services.intake.domain.authority import audience_of
from services.intake.domain.commands import (
    AcceptComplaint,
    AnswerForMerchant,
    AskConsumer,
    AskMerchant,
    HandlingCommand,
    PostMessage,
    RecordContact,
    RejectComplaint,
)
from services.intake.domain.filing import accept_complaint, reject_complaint
from services.intake.domain.policy import ActTime, Policy, act_time
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    IN_PROGRESS,
    Assigned,
    Open,
    OpenState,
    State,
    assignment_of,
    standing,
)
from shared.decider import Refused
from shared.events.complaints import (
    ContactAttempted,
    ContactMade,
    MessagePosted,
)
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.vocabulary import Audience


def handle(command: HandlingCommand, state: State, policy: Policy) -> list[Event]:
    """Decide an act between filing and solution."""
    match command:
        case AcceptComplaint():
            return accept_complaint(command, state)
        case RejectComplaint():
            return reject_complaint(command, state)
        case AskConsumer():
            return ask_consumer(command, state)
        case AskMerchant():
            return ask_merchant(command, state)
        case AnswerForMerchant():
            return answer_for_merchant(command, state)
        case RecordContact():
            return _record_contact(command, state, policy)
        case PostMessage():
            return _post_message(command, state)


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
    own = audience_of(command.by)
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


def _default_addressee(own: Audience) -> frozenset[Audience]:
    """Parties write to staff, staff to the consumer."""
    match own:
        case Audience.STAFF:
            return frozenset({Audience.CONSUMER})
        case Audience.CONSUMER | Audience.MERCHANT:
            return frozenset({Audience.STAFF})
