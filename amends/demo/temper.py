"""How the people around one complaint behave: drawn once, from the complaint's own name.

The same input gives the same people, in whatever order the platform lets them act. Where the
input says what really happened (`OnRecord`), that is what happens. All durations are hours of
business time. The shares are chosen so that a run shows every outcome; they claim nothing about
real marketplaces.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from amends.demo.cases import Case
from shared.events.vocabulary import Stance

SEED: Final = "amends-demo-1"


class Manner(StrEnum):
    """How a merchant deals with complaints."""

    PROMPT = "prompt"
    BUSY = "busy"
    STALLING = "stalling"


class Answer(StrEnum):
    """What a consumer does with a survey."""

    SATISFIED = "satisfied"
    OBJECTION = "objection"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """What the people around one complaint will do, and how long they take. None is never.

    `patience` is how many solutions the consumer turns down before accepting one.
    """

    contact_hours: float
    misses_first_call: bool
    work_hours: float
    merchant_hours: float | None
    stance: Stance
    remedy_hours: float
    decide_hours: float | None
    patience: int
    survey_hours: float
    survey: Answer
    withdraw_hours: float | None


_MANNERS: Final = {Manner.PROMPT: 50, Manner.BUSY: 30, Manner.STALLING: 20}
_MEDIAN_ANSWER_HOURS: Final = {Manner.PROMPT: 8.0, Manner.BUSY: 20.0, Manner.STALLING: 40.0}
_NEVER_ANSWERS: Final = {Manner.PROMPT: 0.02, Manner.BUSY: 0.12, Manner.STALLING: 0.6}
_MEDIAN_REMEDY_HOURS: Final = {Manner.PROMPT: 12.0, Manner.BUSY: 24.0, Manner.STALLING: 55.0}
_LATEST_PROMPT_ANSWER_HOURS: Final = 40.0
_STANCES: Final = {
    Manner.PROMPT: {Stance.AGREES: 75, Stance.COUNTERS: 25},
    Manner.BUSY: {Stance.AGREES: 40, Stance.COUNTERS: 40, Stance.REFUSES: 20},
    Manner.STALLING: {Stance.COUNTERS: 50, Stance.REFUSES: 50},
}
_STANCES_WITHOUT_RELIEF: Final = {Stance.COUNTERS: 40, Stance.INFORMS: 60}
_SURVEYS: Final = {Answer.SATISFIED: 62, Answer.OBJECTION: 10, Answer.SILENT: 28}
_MISSES_FIRST_CALL: Final = 0.15
_NEVER_DECIDES: Final = 0.04
_TURNS_FIRST_SOLUTION_DOWN: Final = 0.15
_WITHDRAWS: Final = 0.04

_Option = TypeVar("_Option")


def manner_of(merchant_id: str) -> Manner:
    """How a merchant deals with complaints, drawn from its id."""
    return _pick(_dice(f"merchant {merchant_id}"), _MANNERS)


def temper_of(case: Case) -> Temper:
    """Draw how the people around a complaint behave."""
    dice = _dice(f"case {case.id}")
    manner = manner_of(case.merchant_id)
    return Temper(
        contact_hours=_around(dice, 7.0, spread=0.9),
        misses_first_call=_happens(dice, _MISSES_FIRST_CALL),
        work_hours=_around(dice, 2.0, spread=0.5),
        merchant_hours=_merchant_hours(dice, manner, case.on_record.answered_in_time),
        stance=_stance(dice, manner, relief=case.on_record.relief),
        remedy_hours=_around(dice, _MEDIAN_REMEDY_HOURS[manner], spread=0.6),
        decide_hours=_unless(_happens(dice, _NEVER_DECIDES), _around(dice, 10.0, spread=0.7)),
        patience=int(_happens(dice, _TURNS_FIRST_SOLUTION_DOWN)),
        survey_hours=_around(dice, 12.0, spread=0.8),
        survey=_survey(dice, disputed=case.on_record.disputed),
        withdraw_hours=_unless(not _happens(dice, _WITHDRAWS), _around(dice, 20.0, spread=0.6)),
    )


def _dice(name: str) -> random.Random:
    return random.Random(f"{SEED} {name}")  # noqa: S311 - a play, not a secret


def _happens(dice: random.Random, chance: float) -> bool:
    return dice.random() < chance


def _pick(dice: random.Random, weights: Mapping[_Option, int]) -> _Option:
    return dice.choices(list(weights), list(weights.values()))[0]


def _around(dice: random.Random, median: float, *, spread: float) -> float:
    """A log-normal duration: half of them below the median, few very long."""
    return median * math.exp(spread * dice.gauss(0, 1))


def _unless(never: bool, hours: float) -> float | None:
    return None if never else hours


def _merchant_hours(
    dice: random.Random, manner: Manner, answered_in_time: bool | None
) -> float | None:
    hours = _around(dice, _MEDIAN_ANSWER_HOURS[manner], spread=0.5)
    never = _happens(dice, _NEVER_ANSWERS[manner])
    if answered_in_time is None:
        return None if never else hours
    return min(hours, _LATEST_PROMPT_ANSWER_HOURS) if answered_in_time else None


def _stance(dice: random.Random, manner: Manner, *, relief: bool | None) -> Stance:
    if relief:
        return Stance.AGREES
    return _pick(dice, _STANCES[manner] if relief is None else _STANCES_WITHOUT_RELIEF)


def _survey(dice: random.Random, *, disputed: bool | None) -> Answer:
    if disputed is None:
        return _pick(dice, _SURVEYS)
    return Answer.OBJECTION if disputed else Answer.SATISFIED
