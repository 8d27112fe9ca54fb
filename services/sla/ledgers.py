"""A clock's ledger as the API shows it: its arithmetic, and every event it rests on."""

from datetime import datetime
from typing import Any

import msgspec

from services.sla.application import committed_case, stream_of
from services.sla.domain.case import Case
from services.sla.domain.clock import Clock
from services.sla.domain.ledger import Ledger, Stretch, ledger
from services.sla.domain.policies import Policies, Policy, Rule
from services.sla.views import clock_json, find_clock
from shared.access import visible_complaint
from shared.auth import Principal
from shared.clock import rfc3339
from shared.codec import decode
from shared.eventlog.ports import EventLog
from shared.events.clocks import ClockEvent
from shared.events.envelope import Recorded
from shared.problems import Problem


async def read_ledger(
    log: EventLog, policies: Policies, caller: Principal, clock_id: str, now: datetime
) -> dict[str, Any]:
    """The ledger of a clock. Raises `Problem` 404 if there is none or it is not theirs to see."""
    row = await find_clock(log, clock_id)
    if row is None:
        raise Problem("not_found", "There is no such clock, or it is not yours to see.")
    await visible_complaint(log, caller, row["complaint_id"])
    case = await committed_case(log, row["complaint_id"])
    records = await log.read(stream_of(row["complaint_id"]))
    clock = None if case is None else _clock(case, clock_id)
    if case is None or clock is None:
        raise Problem("not_found", "There is no such clock, or it is not yours to see.")
    account = ledger(case, clock, now)
    return {
        "clock": clock_json(row),
        "rule": _rule_of(policies, clock),
        "arithmetic": _account_json(account),
        "targets": [
            {"from": rfc3339(target.at), "target": target.text, "seconds": target.seconds}
            for target in clock.targets
        ],
        "events": [shown for record in records if (shown := _event_json(record, clock_id))],
    }


def _clock(case: Case, clock_id: str) -> Clock | None:
    return next((clock for clock in case.clocks if clock.id == clock_id), None)


def _rule_of(policies: Policies, clock: Clock) -> dict[str, Any]:
    policy = policies.named(clock.policy_version)
    last = clock.targets[-1].rule_id
    return next(rule_json(rule) for rule in policy.rules if rule.id == last)


def _account_json(account: Ledger) -> dict[str, Any]:
    return {
        "until": rfc3339(account.until),
        "target_seconds": account.target_seconds,
        "counted_seconds": account.counted_seconds,
        "paused_seconds": account.paused_seconds,
        "remaining_seconds": account.remaining_seconds,
        "due_at": None if account.due_at is None else rfc3339(account.due_at),
        "stretches": [_stretch_json(stretch) for stretch in account.stretches],
    }


def _stretch_json(stretch: Stretch) -> dict[str, Any]:
    return {
        "from": rfc3339(stretch.start),
        "to": rfc3339(stretch.end),
        "turn": stretch.turn,
        "counts": stretch.counts,
        "seconds": stretch.seconds,
    }


def _event_json(record: Recorded, clock_id: str) -> dict[str, Any] | None:
    event = decode(record)
    if not isinstance(event, ClockEvent) or event.clock_id != clock_id:
        return None
    return {
        "id": record.id,
        "type": record.type,
        "version": record.version,
        "occurred_at": rfc3339(record.occurred_at),
        "recorded_at": rfc3339(record.recorded_at),
        "causation_id": record.causation_id,
        "data": msgspec.json.decode(record.data),
    }


def policy_json(policy: Policy) -> dict[str, Any]:
    """A version of a pack, with every rule and where its number comes from."""
    return {
        "id": policy.id,
        "version": policy.version,
        "name": policy.name,
        "effective_from": rfc3339(policy.effective_from),
        "rules": [rule_json(rule) for rule in policy.rules],
    }


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule of a pack. An empty list of conditions asks nothing."""
    return {
        "id": rule.id,
        "kind": rule.kind,
        "order": rule.order,
        "party": rule.party or "payer",
        "target": rule.target,
        "target_seconds": rule.seconds,
        "warn_percents": list(rule.warn_percents),
        "counted_turns": "all" if rule.counted_turns is None else list(rule.counted_turns),
        "conditions": msgspec.to_builtins(rule.conditions),
        "source": rule.source,
    }
