"""A language for stories about a violation, as `tests.unit.intake.story` is for complaints."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.violations.commands import (
    AppealViolation,
    DecideViolation,
    RecordViolation,
    ViolationCommand,
)
from services.intake.domain.violations.deciding import violation_decider
from services.intake.domain.violations.policy import ViolationPolicy
from services.intake.domain.violations.states import NotRecorded, State
from shared.decider import Refused
from shared.events.envelope import Event
from shared.events.vocabulary import Role, ViolationKind, ViolationOutcome
from tests.unit.intake.story import MERCHANT, NOW, SPECIALIST, SUPERVISOR

POLICY = ViolationPolicy()
DECIDER = violation_decider(POLICY)
END = NOW + timedelta(days=15)
"""The last moment at which what was recorded at NOW may be appealed."""

AFTER = END + timedelta(milliseconds=1)
RULE = Author(role=Role.SYSTEM, id="chat-rules")


def record(by: Author = SPECIALIST, **change: Any) -> RecordViolation:
    """A specialist records counterfeits, severity 2."""
    given: dict[str, Any] = {
        "now": NOW,
        "by": by,
        "violation_id": "v1",
        "complaint_id": "c1",
        "merchant_id": "m1",
        "kind": ViolationKind.COUNTERFEIT,
        "severity": 2,
        "found_by": by.id,
        "recorded_by": None if by.role is Role.SYSTEM else by.id,
        "evidence_ids": ("e1",),
    }
    return RecordViolation(**(given | change))


def appeal(now: datetime = NOW, by: Author = MERCHANT) -> AppealViolation:
    """The merchant appeals."""
    return AppealViolation(now=now, by=by, text="It is genuine.")


def decision(
    outcome: ViolationOutcome = ViolationOutcome.CONFIRMED,
    *,
    now: datetime = NOW,
    by: Author = SUPERVISOR,
    earlier: int = 0,
) -> DecideViolation:
    """A supervisor decides."""
    return DecideViolation(
        now=now, by=by, outcome=outcome, reasons="The test report.", earlier=earlier
    )


@dataclass(frozen=True)
class Told:
    """What came of the last command."""

    events: list[Event]
    state: State
    refusal: Refused | None

    def then(self, *expected: type[Event]) -> list[Event]:
        """These events, in this order."""
        assert self.refusal is None, self.refusal
        assert [type(event) for event in self.events] == list(expected)
        return self.events

    def nothing(self) -> None:
        """Already so."""
        assert self.refusal is None, self.refusal
        assert self.events == []

    def refused(self, code: str) -> None:
        """A rule says no, with this code."""
        assert self.refusal is not None, self.events
        assert (self.refusal.code, bool(self.refusal.detail)) == (code, True)


@dataclass(frozen=True)
class Story:
    """A violation with a past."""

    state: State

    def when(self, command: ViolationCommand) -> Told:
        """Something is asked of it."""
        try:
            events = DECIDER.decide(command, self.state)
        except Refused as refusal:
            return Told([], self.state, refusal)
        return Told(events, DECIDER.fold(events, self.state), None)


def given(*commands: ViolationCommand) -> Story:
    """What happened so far. Every command must have led to something."""
    state: State = NotRecorded()
    for command in commands:
        told = Story(state).when(command)
        if told.refusal is not None or not told.events:
            pytest.fail(f"the story cannot begin like this: {command} → {told.refusal}")
        state = told.state
    return Story(state)
