"""Filing, and acceptance by rule; a supervisor's review of what no rule accepts, and its appeal."""

from datetime import datetime

from services.intake.domain.authority import OWN_CHANNELS, check_filing
from services.intake.domain.commands import (
    AcceptComplaint,
    AppealRejection,
    FileComplaint,
    RejectComplaint,
)
from services.intake.domain.policy import (
    Policy,
    acceptance_rule,
    act_time,
    looks_personal,
    priority_of,
)
from services.intake.domain.stamp import stamp, wrong_status
from services.intake.domain.state import (
    ACCEPTED,
    REJECTED,
    SUBMITTED,
    NotFiled,
    Rejected,
    State,
    Submitted,
)
from shared.decider import Refused
from shared.events.complaints import (
    ComplaintAccepted,
    ComplaintFiled,
    ComplaintRejected,
    RejectionAppealed,
)
from shared.events.envelope import Event
from shared.events.personal import Personal


def file_complaint(command: FileComplaint, state: State, policy: Policy) -> list[Event]:
    """Record the filing and, where a rule allows it, the acceptance with it."""
    if not isinstance(state, NotFiled):
        raise wrong_status(state, "Filing")
    check_filing(command.by, command.channel, command.consumer_id)
    if looks_personal(command.consumer_id):
        raise Refused(
            "consumer_id_is_personal",
            "consumer_id must be an opaque id, not an e-mail address or telephone number.",
        )
    occurred_at = _occurred_at(command, policy)
    if command.happened_at is not None and command.happened_at > command.now:
        raise Refused("occurred_in_future", "The trouble cannot have happened later than now.")
    filed = _filed(command, occurred_at)
    rule = acceptance_rule(policy, command.channel, command.category, command.demand)
    return [filed] if rule is None else [filed, _accepted_by(rule, command)]


def _occurred_at(command: FileComplaint, policy: Policy) -> datetime:
    if command.occurred_at is not None and command.channel in OWN_CHANNELS:
        raise Refused("validation_failed", "occurred_at is stated for hotline and external filings")
    return act_time(policy, command.by, command.occurred_at, command.now).occurred_at


def _filed(command: FileComplaint, occurred_at: datetime) -> ComplaintFiled:
    person = command.consumer_id
    return ComplaintFiled(
        complaint_id=command.complaint_id,
        cycle=1,
        occurred_at=occurred_at,
        status=SUBMITTED.status,
        turn=SUBMITTED.turn,
        channel=command.channel,
        priority=priority_of(command.channel, command.category),
        consumer_id=person,
        merchant_id=command.merchant_id,
        order_ids=command.order_ids,
        category=command.category,
        description=Personal(person, command.description),
        demand=command.demand,
        language=command.language,
        contact=None if command.contact is None else Personal(person, command.contact),
        happened_at=command.happened_at,
        reply_due_at=command.reply_due_at,
    )


def _accepted_by(rule: str, command: FileComplaint) -> ComplaintAccepted:
    """Accepted when it was recorded, whenever the filing is said to have taken place."""
    return ComplaintAccepted(
        complaint_id=command.complaint_id,
        cycle=1,
        occurred_at=command.now,
        status=ACCEPTED.status,
        turn=ACCEPTED.turn,
        rule=rule,
        merchant_class=command.merchant_class,
        region=command.region,
    )


def accept_complaint(command: AcceptComplaint, state: State) -> list[Event]:
    """A supervisor takes on what no rule accepts."""
    submitted = _under_review(state)
    return [
        ComplaintAccepted(
            **stamp(submitted.case, command.now, ACCEPTED),
            reviewer_id=command.by.id,
            merchant_class=command.merchant_class,
            region=command.region,
        )
    ]


def reject_complaint(command: RejectComplaint, state: State) -> list[Event]:
    """A supervisor finds that it cannot be taken on."""
    submitted = _under_review(state)
    return [
        ComplaintRejected(
            **stamp(submitted.case, command.now, REJECTED),
            reason_code=command.reason,
            reviewer_id=command.by.id,
        )
    ]


def _under_review(state: State) -> Submitted:
    if not isinstance(state, Submitted):
        raise Refused("review_not_open", "There is nothing to review.")
    return state


def appeal_rejection(command: AppealRejection, state: State, policy: Policy) -> list[Event]:
    """The consumer may have a rejection reviewed again, for a time."""
    if not isinstance(state, Rejected):
        raise wrong_status(state, "Appealing")
    if command.now - state.rejected_at > policy.appeal_window:
        days = policy.appeal_window.days
        raise Refused("appeal_window_over", f"It was rejected more than {days} days ago.")
    case = state.case
    return [
        RejectionAppealed(
            **stamp(case, command.now, SUBMITTED),
            text=Personal(case.filed.consumer_id, command.text),
        )
    ]
