"""How long a merchant may appeal, what counts as repeated, and which penalty is recommended.

Own numbers of the marketplace. What they have to satisfy: rules and measures are published
beforehand and a merchant is told reasons and may complain (Regulation (EU) 2019/1150, Art. 4 and
11); measures follow gravity and repetition, after a warning (Regulation (EU) 2022/2065, Art. 23).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from shared.events.vocabulary import ClockKind, Penalty, ViolationKind

LADDER: Final = (
    Penalty.WARNING,
    Penalty.FINE,
    Penalty.TRAFFIC_LIMIT,
    Penalty.LISTING_REMOVAL,
    Penalty.SHOP_SUSPENSION,
)
"""The penalty of each grade, 1 to 5, for what is wrong with goods or their shipping."""

CONDUCT_LADDER: Final = (
    Penalty.WARNING,
    Penalty.FINE,
    Penalty.TRAFFIC_LIMIT,
    Penalty.TRAFFIC_LIMIT,
    Penalty.SHOP_SUSPENSION,
)
"""The same for what a merchant does: no listing is at fault, so none is removed."""

LADDERS: Final[Mapping[ViolationKind, tuple[Penalty, ...]]] = MappingProxyType(
    {
        ViolationKind.FAKE_SHIPPING: LADDER,
        ViolationKind.LATE_SHIPPING: LADDER,
        ViolationKind.COUNTERFEIT: LADDER,
        ViolationKind.OFF_PLATFORM_STEERING: CONDUCT_LADDER,
        ViolationKind.ABUSIVE_LANGUAGE: CONDUCT_LADDER,
        ViolationKind.REMEDY_OVERDUE: CONDUCT_LADDER,
        ViolationKind.FALSE_EVIDENCE: CONDUCT_LADDER,
        ViolationKind.RETALIATION: CONDUCT_LADDER,
    }
)

REPORTED_SEVERITY: Final[Mapping[ViolationKind, int]] = MappingProxyType(
    {
        ViolationKind.FAKE_SHIPPING: 2,
        ViolationKind.LATE_SHIPPING: 1,
        ViolationKind.COUNTERFEIT: 3,
        ViolationKind.OFF_PLATFORM_STEERING: 2,
        ViolationKind.ABUSIVE_LANGUAGE: 1,
        ViolationKind.REMEDY_OVERDUE: 1,
        ViolationKind.FALSE_EVIDENCE: 2,
        ViolationKind.RETALIATION: 3,
    }
)
"""How grave a kind counts where a consumer reports it, since consumers do not grade."""

LATE_KINDS: Final[Mapping[ClockKind, ViolationKind]] = MappingProxyType(
    {ClockKind.REMEDY: ViolationKind.REMEDY_OVERDUE}
)
"""Clocks of a merchant whose repeated breach is a violation.

`merchant_response` is not among them: no kind says it (an unanswered request is no overdue remedy),
and silence has its price already: the request lapses, the case is presumed for the consumer and
the merchant's cooperation falls with every one.
"""

_MOST_EARLIER: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationPolicy:
    """One version of the numbers. A changed number is a new version: recommendations name theirs.

    `appeal_window`: calendar days of 24 h. `repetition_window`: how long a confirmed violation
    makes the next one of its kind graver. `late_count` missed deadlines of one kind within
    `late_window` are a violation, of `late_severity`; `late_memory`: how long they are remembered.
    """

    version: str = "violations@1"
    appeal_window: timedelta = timedelta(days=15)
    repetition_window: timedelta = timedelta(days=365)
    late_count: int = 3
    late_window: timedelta = timedelta(days=30)
    late_severity: int = 1
    late_memory: timedelta = timedelta(days=120)
    ladders: Mapping[ViolationKind, tuple[Penalty, ...]] = field(default_factory=lambda: LADDERS)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A grade, 1 to 5, and the penalty it stands for."""

    grade: int
    penalty: Penalty


def recommend(
    policy: ViolationPolicy, kind: ViolationKind, severity: int, earlier: int
) -> Recommendation:
    """What a confirmed violation of this severity should lead to after `earlier` ones of its kind.

    Each earlier one, up to two, makes it a grade graver.
    """
    grade = severity + min(earlier, _MOST_EARLIER)
    return Recommendation(grade, policy.ladders[kind][grade - 1])
