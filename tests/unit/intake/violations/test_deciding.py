"""A violation from its record to its decision."""

from datetime import timedelta

import pytest

from services.intake.domain.authority import Author
from services.intake.domain.violations.commands import ViolationCommand
from services.intake.domain.violations.evolving import evolve
from services.intake.domain.violations.states import Appealed, Decided, NotRecorded, Recorded
from shared.events.personal import Personal
from shared.events.violations import (
    PenaltyRecommended,
    ViolationAppealed,
    ViolationDecided,
    ViolationRecorded,
)
from shared.events.vocabulary import Penalty, Role, ViolationOutcome
from shared.problems import STATUS
from tests.unit.intake.story import (
    CONSUMER,
    FILED,
    MERCHANT,
    NOW,
    OPS,
    SPECIALIST,
    SUPERVISOR,
    withdrawal,
)
from tests.unit.intake.story import given as a_complaint
from tests.unit.intake.violations.story import (
    AFTER,
    DECIDER,
    END,
    RULE,
    appeal,
    decision,
    given,
    record,
)

CONFIRMED, WITHDRAWN = ViolationOutcome.CONFIRMED, ViolationOutcome.WITHDRAWN
STATES: dict[str, tuple[ViolationCommand, ...]] = {
    "not recorded": (),
    "recorded": (record(),),
    "appealed": (record(), appeal()),
    "withdrawn": (record(), decision(WITHDRAWN)),
    "confirmed": (record(), appeal(), decision()),
}
RECORD, APPEAL, CONFIRM, TAKE_BACK = record(), appeal(), decision(), decision(WITHDRAWN)
TABLE: list[tuple[str, ViolationCommand, str]] = [
    ("not recorded", RECORD, "ViolationRecorded"),
    ("recorded", RECORD, ""),
    ("appealed", RECORD, ""),
    ("withdrawn", RECORD, ""),
    ("confirmed", RECORD, ""),
    ("not recorded", APPEAL, "not_found"),
    ("recorded", APPEAL, "ViolationAppealed"),
    ("appealed", APPEAL, "already_appealed"),
    ("withdrawn", APPEAL, "violation_decided"),
    ("confirmed", APPEAL, "violation_decided"),
    ("not recorded", CONFIRM, "not_found"),
    ("recorded", CONFIRM, "appeal_window_open"),
    ("appealed", CONFIRM, "ViolationDecided PenaltyRecommended"),
    ("withdrawn", CONFIRM, "violation_decided"),
    ("confirmed", CONFIRM, "violation_decided"),
    ("not recorded", TAKE_BACK, "not_found"),
    ("recorded", TAKE_BACK, "ViolationDecided"),
    ("appealed", TAKE_BACK, "ViolationDecided"),
    ("withdrawn", TAKE_BACK, "violation_decided"),
    ("confirmed", TAKE_BACK, "violation_decided"),
]


@pytest.mark.parametrize(("state", "command", "expected"), TABLE)
def test_every_command_has_a_result_in_every_state(
    state: str, command: ViolationCommand, expected: str
) -> None:
    told = given(*STATES[state]).when(command)
    if told.refusal is not None:
        assert told.refusal.code in STATUS
        told.refused(expected)
    else:
        assert " ".join(type(event).__name__ for event in told.events) == expected


def test_the_record_says_until_when_it_may_be_appealed() -> None:
    [recorded] = given().when(record()).then(ViolationRecorded)
    assert isinstance(recorded, ViolationRecorded)
    assert (recorded.appeal_ends_at, recorded.recorded_by) == (END, "s1")
    told = given().when(record())
    assert isinstance(told.state, Recorded)


@pytest.mark.parametrize("by", [CONSUMER, MERCHANT, OPS])
def test_staff_and_rules_record(by: Author) -> None:
    given().when(record(by)).refused("forbidden")
    given().when(record(RULE)).then(ViolationRecorded)
    given().when(record(SUPERVISOR)).then(ViolationRecorded)


def test_the_merchant_appeals_in_its_own_words() -> None:
    told = given(record()).when(appeal(END))
    [event] = told.then(ViolationAppealed)
    assert isinstance(event, ViolationAppealed)
    assert event.text == Personal("m1", "It is genuine.")
    assert isinstance(told.state, Appealed)


def test_it_appeals_in_time_or_not_at_all() -> None:
    given(record()).when(appeal(AFTER)).refused("appeal_window_over")


def test_nobody_else_appeals() -> None:
    other = Author(role=Role.MERCHANT, id="clerk", merchant_id="m2")
    given(record()).when(appeal(by=other)).refused("not_found")
    given(record()).when(appeal(by=SPECIALIST)).refused("forbidden")


def test_unheard_nobody_is_found_against_before_the_time_to_appeal_is_over() -> None:
    given(record()).when(decision(now=END)).refused("appeal_window_open")
    told = given(record()).when(decision(now=AFTER))
    told.then(ViolationDecided, PenaltyRecommended)
    assert isinstance(told.state, Decided)
    assert told.state.appeal is None


def test_what_is_confirmed_leads_to_a_recommendation_in_the_same_breath() -> None:
    told = given(record(), appeal()).when(decision(earlier=1))
    decided, recommended = told.then(ViolationDecided, PenaltyRecommended)
    assert isinstance(decided, ViolationDecided)
    assert isinstance(recommended, PenaltyRecommended)
    assert (decided.outcome, decided.supervisor_id, decided.severity) == (CONFIRMED, "boss", 2)
    assert (recommended.penalty, recommended.grade) == (Penalty.TRAFFIC_LIMIT, 3)
    assert (recommended.earlier_confirmed, recommended.policy_version) == (1, "violations@1")
    assert isinstance(told.state, Decided)
    assert told.state.penalty == recommended
    assert told.state.appeal == Personal("m1", "It is genuine.")


@pytest.mark.parametrize("outcome", [CONFIRMED, WITHDRAWN])
def test_whoever_recorded_it_does_not_decide_it(outcome: ViolationOutcome) -> None:
    given(record(SUPERVISOR), appeal()).when(decision(outcome)).refused("four_eyes")
    reported = record(RULE, found_by="u1", recorded_by="boss")
    given(reported, appeal()).when(decision(outcome)).refused("four_eyes")
    given(record(RULE), appeal()).when(decision(WITHDRAWN)).then(ViolationDecided)


def test_supervisors_decide() -> None:
    for by in (SPECIALIST, MERCHANT, CONSUMER):
        given(record(RULE), appeal()).when(decision(by=by)).refused("forbidden")


def test_the_past_is_folded_and_not_judged() -> None:
    [withdrawn] = a_complaint(*FILED).when(withdrawal()).events
    recorded = given(record()).state
    assert evolve(NotRecorded(), withdrawn) == NotRecorded()
    assert evolve(recorded, withdrawn) == recorded
    events = given(record(), appeal()).when(decision()).events
    assert evolve(recorded, events[1]) == recorded  # a penalty without a decision
    decided = DECIDER.fold(events, recorded)
    assert evolve(decided, events[0]) == DECIDER.fold(events[:1], recorded)
    assert NOW + timedelta(days=15) == END
