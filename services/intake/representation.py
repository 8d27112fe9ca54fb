"""How a complaint and its history look to whoever asks: by role, personal data masked."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import msgspec

from services.intake.checks import checks
from services.intake.domain.case import PastSolution, Referral, Solution, SolutionOutcome
from services.intake.domain.evidence import completeness, missing, words
from services.intake.domain.life import Life, shares
from services.intake.domain.state import (
    Closed,
    Duplicate,
    Ended,
    FiledState,
    Rejected,
    Remedying,
    SolutionDrafted,
    SolutionProposed,
    UnderSuperiorReview,
    Withdrawn,
    holder,
    inside_of,
    open_question,
    open_request,
    standing,
)
from services.intake.masking import masked, masked_contact
from services.intake.teamwork_answers import team_body
from shared.auth import Principal
from shared.clock import from_ms, rfc3339
from shared.eventlog.ports import Row
from shared.events.casework import EvidenceAdded
from shared.events.checking import OrderChecked
from shared.events.complaints import ContactMade, MessagePosted
from shared.events.complaints import SolutionProposed as SolutionWasProposed
from shared.events.envelope import Event, Fact, Recorded
from shared.events.escalation import SolutionApproved
from shared.events.personal import Personal
from shared.events.registry import event_type
from shared.events.vocabulary import Audience, EvidenceKind, Role, Status

WAITS_FOR: Final = {
    Status.SUBMITTED: "review",
    Status.NEEDS_INFORMATION: "consumer_response",
    Status.ACCEPTED: "assignment",
    Status.ASSIGNED: "first_contact",
    Status.IN_PROGRESS: "next_step",
    Status.AWAITING_CONSUMER: "consumer_response",
    Status.AWAITING_MERCHANT: "merchant_response",
    Status.SOLUTION_DRAFTED: "approval",
    Status.SOLUTION_PROPOSED: "consumer_decision",
    Status.UNDER_SUPERIOR_REVIEW: "superior_review",
    Status.EXTERNAL: "outside_body",
    Status.REMEDYING: "remedy",
    Status.RESOLVED: "follow_up",
}
"""What has to happen next in a status; nothing where it is not listed."""


def audience_of(caller: Principal) -> Audience:
    """As whom somebody reads; programs that may read at all read as staff."""
    if caller.role is Role.CONSUMER:
        return Audience.CONSUMER
    if caller.role is Role.MERCHANT:
        return Audience.MERCHANT
    return Audience.STAFF


def complaint_body(state: FiledState, audience: Audience) -> dict[str, Any]:
    """The answer to whoever reads or acts on one complaint."""
    case = state.case
    filed = case.filed
    status, turn = standing(state)
    owner = holder(state)
    body: dict[str, Any] = {
        "id": case.id,
        "status": status,
        "turn": turn,
        "channel": filed.channel,
        "category": filed.category,
        "priority": filed.priority,
        "merchant_id": filed.merchant_id,
        "consumer_id": filed.consumer_id,
        "specialist_id": owner.specialist_id if owner else None,
        "cycle": case.cycle.number,
        "version": case.version,
        "filed_at": rfc3339(filed.occurred_at),
        "accepted_at": _time(case.accepted_at),
        **_end(state),
        "waiting_for": {"party": turn, "what": WAITS_FOR.get(status)},
        "rejection_reason": state.reason if isinstance(state, Rejected) else None,
        "open_request": _open_request(state),
        **_open_question(state, audience),
        "solutions": _solutions(state, audience),
        "presumption_for_consumer": case.cycle.presumption_n is not None,
        "superior_review_offered": case.offer_superior_review,
        "superior_review": _superior_review(state),
        "duplicate_of": state.into_id if isinstance(state, Duplicate) else None,
        "duplicates": sorted(case.absorbed),
        "links": [asdict(link) for link in case.links],
        "referrals": [_referral(one) for one in case.referrals],
        "life": _life(case.life),
        **_evidence(state, audience),
        **checks(case, audience),
        **_content(state, audience),
        **team_body(state, audience),
    }
    if audience is Audience.STAFF:
        assessed = case.assessment
        body["team_id"] = owner.team_id if owner else None
        reply = case.regulator_reply
        body["regulator_reply"] = (
            {"reference": reply.reference, "answered_at": rfc3339(reply.answered_at)}
            if reply
            else None
        )
        body["complexity"] = {"score": assessed.score, "band": assessed.band} if assessed else None
    return body


def _content(state: FiledState, audience: Audience) -> dict[str, Any]:
    filed = state.case.filed
    outsider = audience is Audience.MERCHANT
    contact = None if filed.contact is None else filed.contact.text
    if contact is not None and outsider:
        contact = masked_contact(contact)
    return {
        "order_ids": filed.order_ids,
        "description": masked(filed.description.text) if outsider else filed.description.text,
        "demand": filed.demand,
        "language": filed.language,
        "contact": contact,
        "happened_at": _time(filed.happened_at),
        "reply_due_at": _time(filed.reply_due_at),
    }


def _end(state: FiledState) -> dict[str, Any]:
    resolved_at = state.resolved_at if isinstance(state, Ended) else None
    closed_at = state.closed_at if isinstance(state, Closed | Withdrawn) else None
    return {
        "resolved_at": _time(resolved_at),
        "closed_at": _time(closed_at),
        "close_reason": state.reason if isinstance(state, Closed) else None,
    }


def _open_request(state: FiledState) -> dict[str, Any] | None:
    """What is asked of whoever has the turn."""
    question, request = open_question(state), open_request(state)
    if question is not None:
        return {"n": question.n, "party": "consumer"}
    if request is not None:
        return {"n": request, "party": "merchant"}
    inside = inside_of(state)
    if isinstance(inside, SolutionProposed):
        return {"n": inside.solution.n, "party": "consumer"}
    return None


def _open_question(state: FiledState, audience: Audience) -> dict[str, Any]:
    """What the consumer was asked, which is no business of the merchant."""
    if audience is Audience.MERCHANT:
        return {}
    question = open_question(state)
    return {"open_question": None if question is None else asdict(question)}


def _evidence(state: FiledState, audience: Audience) -> dict[str, Any]:
    """The files the reader may see; to all but the merchant also what is still missing."""
    case = state.case
    files = [
        {
            "id": one.id,
            "kind": one.kind,
            "media_type": one.media_type,
            "bytes": one.bytes,
            "sha256": one.sha256,
            "by": one.by_role,
            "added_at": rfc3339(one.added_at),
        }
        for one in case.evidence
        if audience in one.visible_to
    ]
    if audience is Audience.MERCHANT:
        return {"evidence": files}
    lacking = [{"kind": kind, **_in_words(kind)} for kind in missing(case)]
    return {
        "evidence": files,
        "completeness": completeness(case),
        "missing_evidence": lacking,
    }


def _in_words(kind: EvidenceKind) -> dict[str, str]:
    return {"zh-CN": words(kind, "zh-CN"), "en": words(kind, "en")}


def _life(life: Life) -> dict[str, Any]:
    """Whose turn took how long. For an open complaint the running turn is counted to its start."""
    until = life.ended_at or life.since
    spent = shares(life, until)
    return {
        "since": rfc3339(life.filed_at),
        "until": rfc3339(until),
        "seconds_by_turn": {turn: time.total_seconds() for turn, time in spent.items() if time},
    }


def _superior_review(state: FiledState) -> dict[str, Any] | None:
    inside = inside_of(state)
    return asdict(inside.review) if isinstance(inside, UnderSuperiorReview) else None


def _referral(referral: Referral) -> dict[str, Any]:
    return {
        "n": referral.n,
        "body": referral.body,
        "reference": referral.reference,
        "referred_at": rfc3339(referral.referred_at),
        "outcome": referral.outcome,
        "binding": referral.binding,
    }


def _solutions(state: FiledState, audience: Audience) -> list[dict[str, Any]]:
    """What was and is proposed. What nobody approved (yet) is for staff alone."""
    staff = audience is Audience.STAFF
    shown = (
        past
        for past in state.case.cycle.past
        if staff or past.outcome is not SolutionOutcome.NOT_APPROVED
    )
    found = [_past_solution(entry) for entry in shown]
    inside = inside_of(state)
    if isinstance(inside, SolutionProposed):
        found.append(_solution(inside.solution, "proposed"))
    elif isinstance(inside, Remedying):
        found.append(_solution(inside.solution, "remedying"))
    elif isinstance(inside, SolutionDrafted) and staff:
        found.append(_solution(inside.draft.solution, "drafted"))
    return found


def _past_solution(entry: PastSolution) -> dict[str, Any]:
    return _solution(entry.solution, entry.outcome)


def _solution(solution: Solution, state: str) -> dict[str, Any]:
    return {
        "n": solution.n,
        "state": state,
        "remedy": solution.remedy,
        "payer": solution.payer,
        "amount_minor": solution.amount_minor,
        "currency": solution.currency,
    }


def list_item(row: Row, audience: Audience) -> dict[str, Any]:
    """One complaint in a list; how complex it is, and which team has it, is for staff."""
    item = _list_item(row)
    if audience is Audience.STAFF:
        item |= {"band": row["band"], "team_id": row["team_id"]}
    return item


def _list_item(row: Row) -> dict[str, Any]:
    return {
        "id": row["complaint_id"],
        "status": row["status"],
        "turn": row["turn"],
        "channel": row["channel"],
        "category": row["category"],
        "priority": row["priority"],
        "merchant_id": row["merchant_id"],
        "consumer_id": row["consumer_id"],
        "specialist_id": row["specialist_id"],
        "cycle": row["cycle"],
        "version": row["version"],
        "filed_at": _time_of_ms(row["filed_at"]),
        "accepted_at": _time_of_ms(row["accepted_at"]),
        "resolved_at": _time_of_ms(row["resolved_at"]),
        "closed_at": _time_of_ms(row["closed_at"]),
    }


def timeline(facts: Iterable[Fact[Event]], audience: Audience) -> list[dict[str, Any]]:
    """What happened, as far as this audience may see it, in order."""
    return [
        _entry(one.recorded, one.event, audience) for one in facts if _visible(one.event, audience)
    ]


def _visible(event: Event, audience: Audience) -> bool:
    """An event's type says who may see it; a message narrows that, and a draft is for staff."""
    if audience not in event_type(event.TYPE).visible_to:
        return False
    if isinstance(event, SolutionWasProposed) and event.needs_approval:
        return audience is Audience.STAFF
    if isinstance(event, MessagePosted | EvidenceAdded):
        return audience in event.visible_to
    return True


def _entry(record: Recorded, event: Event, audience: Audience) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": record.id,
        "type": event.TYPE,
        "version": record.version,
        "occurred_at": rfc3339(record.occurred_at),
        "recorded_at": rfc3339(record.recorded_at),
        "actor": {"role": record.actor.role, "id": record.actor.id},
        "data": _data(event, audience),
    }
    if audience is Audience.STAFF:
        entry["actor"]["on_behalf_of"] = record.actor.on_behalf_of
        entry["causation_id"] = record.causation_id
        entry["correlation_id"] = record.correlation_id
    return entry


def _data(event: Event, audience: Audience) -> dict[str, Any]:
    outsider = audience is Audience.MERCHANT

    def plain(value: object) -> object:
        if isinstance(value, Personal):
            return masked(value.text) if outsider else value.text
        raise NotImplementedError(type(value).__name__)

    fields: dict[str, Any] = msgspec.to_builtins(event, enc_hook=plain, builtin_types=(datetime,))
    contact = fields.get("contact")
    if contact is not None and outsider:
        fields["contact"] = masked_contact(contact)
    if isinstance(event, ContactMade) and audience is not Audience.STAFF:
        del fields["note"]  # what staff note about a call is for staff
    if isinstance(event, OrderChecked) and audience is not Audience.STAFF:
        del fields["differences"]  # they would tell whose an order is
    if isinstance(event, SolutionApproved) and audience is not Audience.STAFF:
        del fields["reason"]  # what a supervisor tells the specialist
    return {k: rfc3339(v) if isinstance(v, datetime) else v for k, v in fields.items()}


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)


def _time_of_ms(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else rfc3339(from_ms(milliseconds))
