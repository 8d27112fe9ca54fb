"""Whose turn took how long; together they are the whole life."""

from dataclasses import replace
from datetime import timedelta

from services.intake.domain.life import shares
from shared.events.vocabulary import SurveyResult, Turn
from tests.unit.intake.story import (
    ASK,
    FILED,
    NOW,
    RESOLVED,
    assignment,
    contact,
    filing,
    form,
    given,
    later,
    reopening,
    survey,
    withdrawal,
)

HOUR = timedelta(hours=1)


def test_each_turn_has_its_share_of_an_open_life() -> None:
    story = (
        *FILED,
        replace(assignment(), now=later(hours=1)),
        contact(now=later(hours=2)),
        replace(ASK, now=later(hours=4)),
    )
    life = given(*story[:-1]).when(story[-1]).complaint.case.life
    assert shares(life, later(hours=9)) == {
        Turn.PLATFORM: HOUR,
        Turn.SPECIALIST: 3 * HOUR,
        Turn.MERCHANT: 5 * HOUR,
    }
    assert shares(life, NOW)[Turn.MERCHANT] == timedelta()  # nothing runs backwards


def test_after_the_end_only_a_later_end_adds_to_it() -> None:
    closed = given(*RESOLVED).when(survey(SurveyResult.SATISFIED, now=later(hours=5)))
    life = closed.complaint.case.life
    assert life.ended_at == later(hours=5)
    assert shares(life, later(days=9))[Turn.NOBODY] == 5 * HOUR


def test_time_between_an_end_and_a_reopening_is_nobodys() -> None:
    reopened = given(*RESOLVED).when(reopening(now=later(hours=7))).complaint.case.life
    assert reopened.ended_at is None
    assert shares(reopened, later(hours=8)) == {
        Turn.SPECIALIST: timedelta(),
        Turn.CONSUMER: timedelta(),
        Turn.MERCHANT: timedelta(),
        Turn.NOBODY: 7 * HOUR,
        Turn.PLATFORM: HOUR,
    }


def test_what_is_dated_back_does_not_take_time_from_the_turn_before() -> None:
    story = (*FILED, replace(assignment(), now=later(hours=1)), contact(now=later(hours=1)))
    early = replace(ASK, now=later(minutes=30))
    life = given(*story).when(early).complaint.case.life
    assert life.since == later(hours=1)
    assert shares(life, later(hours=2))[Turn.MERCHANT] == HOUR


def test_life_begins_with_the_filing_as_it_was_dated() -> None:
    filed = filing(occurred_at=later(minutes=-10))
    assert given().when(filed).complaint.case.life.filed_at == later(minutes=-10)
    gone = given(form()).when(replace(withdrawal(), now=later(hours=2))).complaint.case.life
    assert sum(shares(gone, later(days=1)).values(), timedelta()) == 2 * HOUR
