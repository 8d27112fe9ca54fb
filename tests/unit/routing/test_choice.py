"""Decisions in full."""

from typing import Any

import pytest

from services.routing.domain.choice import (
    chosen_by_handover,
    chosen_by_supervisor,
    matched,
    unmatched,
)
from services.routing.domain.policy import POLICY
from services.routing.domain.sentences import assigned, unassigned
from shared.events.assignments import Candidate
from shared.events.profiles import Period
from shared.events.vocabulary import Category, Outcome
from tests.unit.routing.build import HOUR, NOW, specialist, waiting
from tests.unit.routing.office import rounds, staff

PAST = (Period(start=NOW - 2 * HOUR, end=NOW - HOUR),)
NOW_ON = (Period(start=NOW, end=NOW + HOUR),)


def test_a_decision_names_every_candidate_and_what_removed_each() -> None:
    office = staff(specialist("s1"), specialist("s2", tier=1), specialist("s3", online=False))
    [match] = rounds([waiting()], office)
    choice = matched(match, office, NOW, POLICY, {"amends.complaints": 7})
    assert [(c.specialist_id, c.removed_by) for c in choice.candidates] == [
        ("s1", None),
        ("s2", "tier"),
        ("s3", "presence"),
    ]
    assert (choice.outcome, choice.specialist_id, choice.team_id) == (
        Outcome.ASSIGNED,
        "s1",
        "t1",
    )
    assert choice.positions == {"amends.complaints": 7}
    assert choice.inputs["round"] == 1
    assert choice.candidates[0].score == match.cost.score


def test_the_sentence_says_when_it_is_the_same_person_again() -> None:
    office = staff(specialist("s1"))
    [match] = rounds([waiting(previous_specialist_id="s1")], office)
    choice = matched(match, office, NOW, POLICY, {})
    assert choice.sentence == assigned(Category.COUNTERFEIT, again=True)
    assert choice.sentence != assigned(Category.COUNTERFEIT, again=False)


@pytest.mark.parametrize(
    ("change", "outcome", "word"),
    [
        ({"online": False}, Outcome.WAITING, "offline"),
        ({"shifts": PAST}, Outcome.WAITING, "shift"),
        ({"tier": 1}, Outcome.UNROUTABLE, "seniority"),
        ({"languages": ("en",)}, Outcome.UNROUTABLE, "language"),
    ],
)
def test_nobody_can_take_it_and_why(change: dict[str, Any], outcome: Outcome, word: str) -> None:
    choice = unmatched(waiting(), staff(specialist(**change)), NOW, POLICY, {})
    assert (choice.outcome, choice.specialist_id) == (outcome, None)
    assert word in choice.sentence["en"]
    assert choice.sentence["zh-CN"]


def test_words_for_an_empty_house_and_for_unnamed_reasons() -> None:
    assert "no specialists" in unassigned(Outcome.UNROUTABLE, ())["en"]
    free = (Candidate(specialist_id="s1", removed_by=None),)
    assert "not free" in unassigned(Outcome.WAITING, free)["en"]
    assert "qualification" in unassigned(Outcome.UNROUTABLE, free)["en"]


def test_a_supervisors_choice_records_what_it_overrode() -> None:
    choice = chosen_by_supervisor(
        waiting=waiting(),
        specialist=specialist(tier=1, capacity=0),
        load=3,
        supervisor_id="boss",
        now=NOW,
        policy=POLICY,
        positions={},
    )
    assert choice.inputs["overridden_filter"] == "tier"
    assert (choice.inputs["decided_by"], choice.inputs["supervisor_id"]) == (
        "supervisor",
        "boss",
    )
    fits = chosen_by_supervisor(
        waiting=waiting(),
        specialist=specialist(),
        load=0,
        supervisor_id="boss",
        now=NOW,
        policy=POLICY,
        positions={},
    )
    assert fits.inputs["overridden_filter"] is None
    assert fits.candidates[0].score is not None


def test_whom_it_was_handed_over_to_is_recorded_with_who_did_it() -> None:
    found = chosen_by_handover(
        waiting=waiting(),
        specialist=specialist("s2"),
        load=3,
        handed_over_by="s1",
        now=NOW,
        policy=POLICY,
        positions={"amends.complaints": 7},
    )
    assert (found.outcome, found.specialist_id) == (Outcome.ASSIGNED, "s2")
    assert (found.inputs["decided_by"], found.inputs["handed_over_by"]) == ("hand_over", "s1")
    assert [one.removed_by for one in found.candidates] == [None]
    assert set(found.sentence) == {"zh-CN", "en"}
