"""How a violation looks to staff, and to the merchant it is held against."""

from datetime import datetime
from typing import Any

from services.intake.domain.violations.states import Appealed, Decided, KnownState, Recorded
from services.intake.masking import masked
from services.intake.violation_views import APPEALED, RECORDED
from services.intake.violations import Violation
from shared.auth import Principal
from shared.clock import from_ms, rfc3339
from shared.eventlog.ports import Row
from shared.events.personal import Personal
from shared.events.vocabulary import Role


def violation_body(caller: Principal, found: Violation) -> dict[str, Any]:
    """One violation. A merchant reads which rule found it, but not which person did."""
    state = found.state
    recorded = state.recorded
    merchant = caller.role is Role.MERCHANT
    by_rule = recorded.recorded_by is None
    body: dict[str, Any] = {
        "id": recorded.violation_id,
        "complaint_id": recorded.complaint_id,
        "merchant_id": recorded.merchant_id,
        "kind": recorded.kind,
        "severity": recorded.severity,
        "state": _state(state),
        "version": found.version,
        "found_by": recorded.found_by if by_rule or not merchant else None,
        "evidence_ids": recorded.evidence_ids,
        "event_version": recorded.event_version,
        "clock_ids": recorded.clock_ids,
        "summary": _summary(recorded.summary, recorded.merchant_id, merchant=merchant),
        "recorded_at": rfc3339(recorded.occurred_at),
        "appeal_ends_at": rfc3339(recorded.appeal_ends_at),
        **_appeal(state),
        **_decision(state, merchant=merchant),
    }
    if not merchant:
        body["recorded_by"] = recorded.recorded_by
    return body


def _state(state: KnownState) -> str:
    match state:
        case Recorded():
            return RECORDED
        case Appealed():
            return APPEALED
        case Decided():
            return str(state.decision.outcome)


def _summary(summary: Personal | None, merchant_id: str, *, merchant: bool) -> str | None:
    """A merchant reads a consumer's words without addresses and numbers, its own as they are."""
    if summary is None:
        return None
    return masked(summary.text) if merchant and summary.subject != merchant_id else summary.text


def _appeal(state: KnownState) -> dict[str, Any]:
    match state:
        case Recorded():
            return {"appealed_at": None, "appeal": None}
        case Appealed() | Decided():
            appeal = None if state.appeal is None else state.appeal.text
            return {"appealed_at": _time(state.appealed_at), "appeal": appeal}


def _decision(state: KnownState, *, merchant: bool) -> dict[str, Any]:
    if not isinstance(state, Decided):
        return {"decided_at": None, "reasons": None, "penalty": None}
    decision, penalty = state.decision, state.penalty
    shown: dict[str, Any] = {
        "decided_at": rfc3339(decision.occurred_at),
        "reasons": decision.reasons,
        "penalty": None
        if penalty is None
        else {
            "recommended": penalty.penalty,
            "grade": penalty.grade,
            "earlier_confirmed": penalty.earlier_confirmed,
            "policy_version": penalty.policy_version,
        },
    }
    return shown if merchant else shown | {"supervisor_id": decision.supervisor_id}


def violation_item(row: Row) -> dict[str, Any]:
    """One violation in a list."""
    return {
        "id": row["violation_id"],
        "complaint_id": row["complaint_id"],
        "merchant_id": row["merchant_id"],
        "kind": row["kind"],
        "severity": row["severity"],
        "state": row["state"],
        "version": row["version"],
        "recorded_at": rfc3339(from_ms(row["recorded_at"])),
        "appeal_ends_at": rfc3339(from_ms(row["appeal_ends_at"])),
        "appealed_at": _time_of_ms(row["appealed_at"]),
        "decided_at": _time_of_ms(row["decided_at"]),
        "penalty": row["penalty"],
    }


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)


def _time_of_ms(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else rfc3339(from_ms(milliseconds))
