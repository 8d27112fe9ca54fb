"""How likely a merchant cooperates: a Bayesian estimate that does not care about order.

Each request to a merchant (one clock `merchant_response`) ends in at most one verdict: answered in
time, answered late, or silent. A violation that a supervisor confirmed counts against the merchant
by its severity, for the day it was decided; what is only recorded or appealed does not count, so
that no dispute feeds itself. Verdicts are counted per UTC day; a day's count loses half its
weight every `half_life_days` before the day of `as_of`. The counts are whole numbers summed in
order of day, so that the same facts give the same value to the last bit, whatever order they came
in. The decayed counts update a Beta prior that stands for the population: without any fact the
estimate is the prior, and with time it goes back to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.routing.domain.assessment import PPM
from services.routing.domain.beta import quantile
from services.routing.domain.events import Verdict
from services.routing.domain.policy import RoutingPolicy
from shared.events.clocks import ClockBreached, ClockCorrected, ClockEvent, ClockStopped

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOW, _HIGH = 0.1, 0.9


def day_of(instant: datetime) -> int:
    """The UTC day, counted from 1970-01-01."""
    return (instant - _EPOCH).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that is known of one request to a merchant, whatever order it became known in."""

    answered_day: int | None = None
    in_time: bool = False
    due_day: int | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict and the day it counts for."""

    verdict: Verdict
    day: int


def learn(request: Request, event: ClockEvent) -> Request:
    """What is known after a clock's event. The same events in any order lead to the same."""
    if isinstance(event, ClockStopped):
        return replace(request, answered_day=day_of(event.stopped_at), in_time=event.in_time)
    if isinstance(event, ClockBreached):
        return replace(request, due_day=day_of(event.due_at))
    if isinstance(event, ClockCorrected) and event.breach_withdrawn:
        return replace(request, withdrawn=True)
    return request


def ruling(request: Request) -> Ruling | None:
    """The verdict on a request, or None while there is none.

    An answer in time always counts as such. A breach that was not withdrawn counts as silence
    until an answer turns it into lateness; both count for the day the answer was due.
    """
    if request.answered_day is not None and request.in_time:
        return Ruling(verdict=Verdict.IN_TIME, day=request.answered_day)
    if request.due_day is not None and not request.withdrawn:
        verdict = Verdict.SILENT if request.answered_day is None else Verdict.LATE
        return Ruling(verdict=verdict, day=request.due_day)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many requests of one day got which verdict.

    `violations`: the severities, 1 to 3 each, of those confirmed that day, added up.
    """

    in_time: int = 0
    late: int = 0
    silent: int = 0
    violations: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing is counted."""
        return not (self.in_time or self.late or self.silent or self.violations)


Tally = Mapping[int, DayCount]
"""Counts by UTC day."""


def recount(tally: Tally, before: Ruling | None, after: Ruling | None) -> dict[int, DayCount]:
    """The tally with one request's verdict replaced."""
    result = dict(tally)
    for given, step in ((before, -1), (after, 1)):
        if given is not None:
            result[given.day] = _counted(result.get(given.day, DayCount()), given.verdict, step)
    return {day: count for day, count in result.items() if not count.is_empty}


def _counted(count: DayCount, verdict: Verdict, step: int) -> DayCount:
    match verdict:
        case Verdict.IN_TIME:
            return replace(count, in_time=count.in_time + step)
        case Verdict.LATE:
            return replace(count, late=count.late + step)
        case Verdict.SILENT:
            return replace(count, silent=count.silent + step)


def convicted(tally: Tally, day: int, severity: int) -> dict[int, DayCount]:
    """The tally with one more confirmed violation."""
    count = tally.get(day, DayCount())
    return {**tally, day: replace(count, violations=count.violations + severity)}


def tally_of(rulings: Iterable[Ruling | None]) -> dict[int, DayCount]:
    """The tally of a whole history."""
    tally: dict[int, DayCount] = {}
    for given in rulings:
        tally = recount(tally, None, given)
    return tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Cooperation in parts per million; `low` and `high` bound the central 80 %.

    `aspects` are the decayed counts behind it, in thousandths of a request (of a step of severity
    for violations).
    """

    score_ppm: int
    low_ppm: int
    high_ppm: int
    aspects: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    in_time: float
    late: float
    silent: float
    violations: float

    def beta(self, policy: RoutingPolicy) -> tuple[float, float]:
        """The posterior's parameters: a late answer counts as `late_credit` of one in time."""
        credit = policy.late_credit
        for_it = policy.prior_in_time + self.in_time + credit * self.late
        against = policy.prior_late + self.silent + (1.0 - credit) * self.late
        return for_it, against + policy.violation_weight * self.violations


def _decayed(tally: Tally, as_of: datetime, policy: RoutingPolicy) -> _Weights:
    today = day_of(as_of)
    in_time = late = silent = violations = 0.0
    for day in sorted(tally):
        if day <= today:
            share = 0.5 ** ((today - day) / policy.half_life_days)
            in_time += share * tally[day].in_time
            late += share * tally[day].late
            silent += share * tally[day].silent
            violations += share * tally[day].violations
    return _Weights(in_time=in_time, late=late, silent=silent, violations=violations)


def score_ppm(tally: Tally, as_of: datetime, policy: RoutingPolicy) -> int:
    """The estimate alone, in parts per million, without its interval."""
    for_it, against = _decayed(tally, as_of, policy).beta(policy)
    return round(PPM * for_it / (for_it + against))


def estimate(tally: Tally, as_of: datetime, policy: RoutingPolicy) -> Estimate:
    """What the tally says at `as_of`. Days after it are not known yet and do not count."""
    weights = _decayed(tally, as_of, policy)
    for_it, against = weights.beta(policy)
    return Estimate(
        score_ppm=score_ppm(tally, as_of, policy),
        low_ppm=round(PPM * quantile(_LOW, for_it, against)),
        high_ppm=round(PPM * quantile(_HIGH, for_it, against)),
        aspects={
            "in_time_milli": round(1000 * weights.in_time),
            "late_milli": round(1000 * weights.late),
            "silent_milli": round(1000 * weights.silent),
            "violations_milli": round(1000 * weights.violations),
        },
    )
