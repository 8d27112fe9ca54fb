"""A violation, from its record to its decision: pure decisions over recorded facts."""

from datetime import datetime
from typing import TypedDict

from services.intake.domain.violations.commands import (
    AppealViolation,
    DecideViolation,
    RecordViolation,
    ViolationCommand,
)
from services.intake.domain.violations.evolving import evolve
from services.intake.domain.violations.policy import ViolationPolicy, recommend
from services.intake.domain.violations.states import (
    Appealed,
    Decided,
    NotRecorded,
    Recorded,
    State,
)
from shared.decider import Decider, Refused
from shared.events.envelope import Event
from shared.events.personal import Personal
from shared.events.violations import (
    PenaltyRecommended,
    ViolationAppealed,
    ViolationDecided,
    ViolationRecorded,
)
from shared.events.vocabulary import ViolationKind, ViolationOutcome


def violation_decider(policy: ViolationPolicy) -> Decider[ViolationCommand, State]:
    """The domain under a marketplace's policy."""
    return Decider(
        initial=NotRecorded(),
        decide=lambda command, state: decide(command, state, policy),
        evolve=evolve,
    )


def decide(command: ViolationCommand, state: State, policy: ViolationPolicy) -> list[Event]:
    """Say what happens next, or refuse. An empty list means: already so, record nothing."""
    if command.by.role not in command.ROLES:
        raise Refused("forbidden", f"This is for: {', '.join(sorted(command.ROLES))}.")
    match command:
        case RecordViolation():
            return _record(command, state, policy)
        case AppealViolation():
            return _appeal(command, state)
        case DecideViolation():
            return _decide(command, state, policy)


def _record(command: RecordViolation, state: State, policy: ViolationPolicy) -> list[Event]:
    """Under an id that a rule derives from its cause this is asked again after a redelivery."""
    match state:
        case NotRecorded():
            return [
                ViolationRecorded(
                    occurred_at=command.now,
                    violation_id=command.violation_id,
                    complaint_id=command.complaint_id,
                    merchant_id=command.merchant_id,
                    kind=command.kind,
                    severity=command.severity,
                    evidence_ids=command.evidence_ids,
                    found_by=command.found_by,
                    recorded_by=command.recorded_by,
                    appeal_ends_at=command.now + policy.appeal_window,
                    summary=command.summary,
                    event_version=command.event_version,
                    clock_ids=command.clock_ids,
                )
            ]
        case Recorded() | Appealed() | Decided():
            return []


class _Stamp(TypedDict):
    violation_id: str
    complaint_id: str
    merchant_id: str
    kind: ViolationKind
    occurred_at: datetime


def _stamp(recorded: ViolationRecorded, at: datetime) -> _Stamp:
    return _Stamp(
        violation_id=recorded.violation_id,
        complaint_id=recorded.complaint_id,
        merchant_id=recorded.merchant_id,
        kind=recorded.kind,
        occurred_at=at,
    )


def _not_found() -> Refused:
    return Refused("not_found", "There is no such violation.")


def _decided_already() -> Refused:
    return Refused("violation_decided", "It has been decided, and that is final.")


def _appeal(command: AppealViolation, state: State) -> list[Event]:
    match state:
        case NotRecorded():
            raise _not_found()
        case Recorded():
            return [_appealed(command, state)]
        case Appealed():
            raise Refused("already_appealed", "A violation is appealed once.")
        case Decided():
            raise _decided_already()


def _appealed(command: AppealViolation, state: Recorded) -> ViolationAppealed:
    recorded = state.recorded
    if command.by.merchant_id != recorded.merchant_id:
        raise _not_found()
    if command.now > recorded.appeal_ends_at:
        raise Refused("appeal_window_over", "The time in which it could be appealed is over.")
    return ViolationAppealed(
        **_stamp(recorded, command.now), text=Personal(recorded.merchant_id, command.text)
    )


def _decide(command: DecideViolation, state: State, policy: ViolationPolicy) -> list[Event]:
    """Nobody is found against unheard: it is confirmed after an appeal, or once none can come.

    In the merchant's favour it may be decided at any time.
    """
    match state:
        case NotRecorded():
            raise _not_found()
        case Recorded():
            confirmed = command.outcome is ViolationOutcome.CONFIRMED
            if confirmed and command.now <= state.recorded.appeal_ends_at:
                raise Refused("appeal_window_open", "The merchant has not appealed, and still may.")
            return _decided(command, state.recorded, policy)
        case Appealed():
            return _decided(command, state.recorded, policy)
        case Decided():
            raise _decided_already()


def _decided(
    command: DecideViolation, recorded: ViolationRecorded, policy: ViolationPolicy
) -> list[Event]:
    if command.by.id in {recorded.found_by, recorded.recorded_by}:
        raise Refused("four_eyes", "Whoever found or recorded it does not decide it.")
    decided = ViolationDecided(
        **_stamp(recorded, command.now),
        outcome=command.outcome,
        supervisor_id=command.by.id,
        reasons=command.reasons,
        severity=recorded.severity,
    )
    match command.outcome:
        case ViolationOutcome.WITHDRAWN:
            return [decided]
        case ViolationOutcome.CONFIRMED:
            return [decided, _recommended(command, recorded, policy)]


def _recommended(
    command: DecideViolation, recorded: ViolationRecorded, policy: ViolationPolicy
) -> PenaltyRecommended:
    found = recommend(policy, recorded.kind, recorded.severity, command.earlier)
    return PenaltyRecommended(
        **_stamp(recorded, command.now),
        penalty=found.penalty,
        grade=found.grade,
        earlier_confirmed=command.earlier,
        policy_version=policy.version,
    )
