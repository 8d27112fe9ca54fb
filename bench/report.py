"""What a measurement says: a figure, and what it is to reach."""

import math
from dataclasses import dataclass
from typing import Literal

Sense = Literal["at least", "at most", "reported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the report."""

    what: str
    value: float
    unit: str
    sense: Sense
    reach: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether it is as good as it is to be; a figure that is only reported always is."""
        if self.reach is None:
            return True
        return self.value >= self.reach if self.sense == "at least" else self.value <= self.reach


def median(values: list[float]) -> float:
    """The middle value of an odd number of runs, the upper middle of an even one."""
    return sorted(values)[len(values) // 2]


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    rank = math.ceil(len(ordered) * share)
    return ordered[max(0, rank - 1)]
