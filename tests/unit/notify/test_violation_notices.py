"""What is said of violations, and to whom."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.notify.domain.case import after
from services.notify.domain.complaint_notices import notices
from services.notify.domain.notices import Nature
from shared.events.casework import ComplaintLinked
from shared.events.personal import Personal
from shared.events.violations import (
    PenaltyRecommended,
    ViolationAppealed,
    ViolationDecided,
    ViolationRecorded,
)
from shared.events.vocabulary import LinkRelation, Penalty, Turn, ViolationKind, ViolationOutcome
from tests.unit.notify.examples import CASE, NOW, UNASSIGNED

ABOUT: dict[str, Any] = {
    "occurred_at": NOW,
    "violation_id": "v1",
    "complaint_id": "c1",
    "merchant_id": "m1",
    "kind": ViolationKind.OFF_PLATFORM_STEERING,
}
UNTIL = NOW + timedelta(days=15)


def recorded(summary: Personal | None) -> ViolationRecorded:
    return ViolationRecorded(
        **ABOUT, severity=3, evidence_ids=(), found_by="x", appeal_ends_at=UNTIL, summary=summary
    )


def test_the_merchant_hears_what_it_is_about_and_until_when_it_may_appeal() -> None:
    words = Personal("m1", "加薇信")
    [notice] = notices(recorded(words), CASE)
    assert (notice.template, notice.to.key) == ("violation_recorded", "merchant:m1")
    assert (notice.due_at, notice.nature, notice.quote) == (UNTIL, Nature.REQUEST, words)
    assert notice.values == {
        "violation": "v1",
        "violation_kind": "off_platform_steering",
        "severity": "3",
    }


def test_a_consumers_words_are_not_quoted_to_the_merchant() -> None:
    for summary in (Personal("u1", "They sent me 138…"), None):
        [notice] = notices(recorded(summary), CASE)
        assert notice.quote is None


def test_supervisors_are_asked_to_decide_an_appeal() -> None:
    appealed = ViolationAppealed(**ABOUT, text=Personal("m1", "That was our hotline."))
    [notice] = notices(appealed, CASE)
    assert (notice.template, notice.to.key) == ("violation_appealed", "supervisor:team:t1")
    [notice] = notices(appealed, UNASSIGNED)
    assert notice.to.key == "supervisor:team:*"


def test_the_merchant_hears_the_outcome_with_its_reasons() -> None:
    decided = ViolationDecided(
        **ABOUT,
        outcome=ViolationOutcome.WITHDRAWN,
        supervisor_id="v",
        reasons="A hotline is no steering.",
        severity=3,
    )
    [notice] = notices(decided, CASE)
    assert (notice.template, notice.to.key) == ("violation_decided", "merchant:m1")
    assert notice.values["violation_outcome"] == "withdrawn"
    assert notice.quote == Personal("m1", "A hotline is no steering.")


def test_whoever_reported_it_hears_the_bare_outcome() -> None:
    linked = ComplaintLinked(
        occurred_at=NOW,
        complaint_id="c1",
        cycle=1,
        status=CASE.status,
        turn=Turn.SPECIALIST,
        other_id="v1",
        relation=LinkRelation.TRACK,
    )
    case = after(CASE, linked)
    assert case.tracks == ("v1",)
    assert after(CASE, replace(linked, relation=LinkRelation.RELATED)).tracks == ()
    decided = ViolationDecided(
        **ABOUT,
        outcome=ViolationOutcome.CONFIRMED,
        supervisor_id="v",
        reasons="The chat shows it.",
        severity=3,
    )
    told = notices(decided, case)
    assert [(one.template, one.to.key) for one in told] == [
        ("violation_decided", "merchant:m1"),
        ("report_decided", "consumer:u1"),
    ]
    assert told[1].quote is None
    assert len(notices(replace(decided, violation_id="v2"), case)) == 1


def test_a_recommendation_is_another_systems_business() -> None:
    recommended = PenaltyRecommended(
        **ABOUT, penalty=Penalty.FINE, grade=2, earlier_confirmed=0, policy_version="v@1"
    )
    assert notices(recommended, CASE) == []
