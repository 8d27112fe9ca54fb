"""Deadlines that a merchant missed again and again: counted over its complaints, each once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.violations.policy import ViolationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A missed deadline. `violation_id` is the violation that rests on it, if one does."""

    due_at: datetime
    violation_id: str | None = None


Breaches = Mapping[str, Breach]
"""A merchant's missed deadlines of one kind, by the id of the clock."""


def repeated(breaches: Breaches, clock_id: str, policy: ViolationPolicy) -> tuple[str, ...]:
    """The clocks that together with this one make a violation, in order of time; or none.

    These are `late_count` that lie within `late_window`. One that a violation rests on already is
    not counted again, and the order in which they become known does not matter.
    """
    open_ones = sorted((b.due_at, clock) for clock, b in breaches.items() if b.violation_id is None)
    place = [clock for _, clock in open_ones].index(clock_id)
    count = policy.late_count
    for first in range(max(0, place - count + 1), place + 1):
        together = open_ones[first : first + count]
        if len(together) == count and together[-1][0] - together[0][0] <= policy.late_window:
            return tuple(clock for _, clock in together)
    return ()


def held_against(
    breaches: Breaches, clocks: tuple[str, ...], violation_id: str
) -> dict[str, Breach]:
    """The breaches once a violation rests on these."""
    used = {clock: replace(breaches[clock], violation_id=violation_id) for clock in clocks}
    return {**breaches, **used}


def remembered(breaches: Breaches, policy: ViolationPolicy) -> dict[str, Breach]:
    """Those that may still count, or be withdrawn: counted back from the latest."""
    latest = max(breach.due_at for breach in breaches.values())
    return {c: b for c, b in breaches.items() if latest - b.due_at <= policy.late_memory}
